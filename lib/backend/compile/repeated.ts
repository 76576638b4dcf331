import { compile } from "./compile";

/** Making a graph takes as long as a handful of runs. */
const WORTH = 8;

/** Inner steps of the library's loops. */
export interface Repeated<Inputs extends readonly unknown[], Result> {
  run(...inputs: Inputs): Result;
  /** To be called when the loop ends, however it ends. */
  dispose(): void;
}

/**
 * A step that will run so many times: compiled where that pays and the network allows it, for this one loop. The next one compiles anew, so that nothing
 * is taken from an earlier call's closure, and the same call always gives the same result, bit by bit.
 * VITRINE_COMPILE=off turns it off.
 */
export function repeated<Inputs extends readonly unknown[], Result>({ pure }: { readonly pure?: boolean }, times: number, step: (...inputs: Inputs) => Result): Repeated<Inputs, Result> {
  if (!pure || times < WORTH || process.env.VITRINE_COMPILE === "off") return { run: step, dispose: () => undefined };
  const compiled = compile(step);
  return { run: compiled, dispose: () => compiled.dispose() };
}
