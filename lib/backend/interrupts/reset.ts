import * as tf from "@tensorflow/tfjs";
import { backendState } from "../engine/choice";
import { recorderState } from "../graph/recorder";
import { setReluRule } from "../relu-rule";
import { cleanUnfinished } from "../../runtime/host";

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

// The names that TensorFlow.js's layers put before their weights', taken back after an interrupt.

const marker = "vitrine-name-scope";
let scopes: unknown[] | undefined;

/**
 * A layer at work puts its name on a list, which weights made meanwhile have before their own; it takes it off in a
 * `catch` or afterwards, and an interrupt runs neither. Every network built later would then have weights of other
 * names, and none that is stored could be loaded.
 */
function leaveNameScopes(): void {
  scopes ??= listOf();
  if (scopes) scopes.length = 0;
}

/** The list is nowhere to be reached but where a layer adds to it. */
function listOf(): unknown[] | undefined {
  const { push } = Array.prototype;
  let found: unknown[] | undefined;
  Array.prototype.push = function (this: unknown[], ...items: unknown[]): number {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the list itself is what is looked for
    if (items[0] === marker) found = this;
    return push.apply(this, items);
  };
  try {
    tf.tidy(() => {
      tf.layers.activation({ activation: "linear", name: marker }).apply(tf.zeros([1, 1]));
    });
  } finally {
    Array.prototype.push = push;
  }
  return found;
}
