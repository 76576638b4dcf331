import * as tf from "@tensorflow/tfjs";
import { backendState } from "./choice";
import { recorderState } from "./compile/recorder";
import { leaveNameScopes } from "./name-scopes";
import { setReluRule } from "./relu-rule";
import { cleanUnfinished } from "../runtime/unfinished";

/** Where a kernel finds {@link resetBackendState} without importing the library. */
export const resetKey: unique symbol = Symbol.for("vitrine.reset") as never;

/**
 * Frees what the tape keeps for a backward pass that will not come. TF.js itself does so only after a backward
 * pass that succeeded: after a throw these tensors would outlive even `tidy`, since they are marked as kept.
 */
export function dropTape(): void {
  const { state } = tf.engine();
  const tape = state.activeTape as typeof state.activeTape | null;
  for (const node of tape ?? []) node.saved?.forEach((tensor) => tensor.dispose());
  state.activeTape = [];
}

/**
 * Brings the engine back to where it is between cells. To be called after an interrupt that ran no `catch` and no
 * `finally` (V8's terminateExecution): without it the tape would go on recording and the rule of an interrupted
 * guided backprop would stay, and every later gradient of the session would be wrong without a word.
 */
export function resetBackendState(): void {
  setReluRule("standard");
  recorderState().recorder = undefined;
  const engine = tf.engine();
  const { state } = engine;
  state.gradientDepth = 0;
  state.kernelDepth = 0;
  state.profiling = false;
  state.numDataMovesStack = [];
  // First: what follows disposes of tensors, and must not meet one that is half gone.
  backendState().ledger?.settle();
  dropTape();
  // Ending a scope frees what was made inside and not kept.
  while (state.scopeStack.length > 0) engine.endScope();
  cleanUnfinished();
  leaveNameScopes();
}

export function installReset(): void {
  (globalThis as { [resetKey]?: () => void })[resetKey] = resetBackendState;
}
