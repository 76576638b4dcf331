import { compile } from "./compile";
import { modelStep, runsAsGraph } from "./model-graphs";

/** Making a graph takes as long as a handful of runs. */
const WORTH_TIMES = 8;

/** Inner steps of the library's loops. */
export interface Repeated<Inputs extends readonly unknown[], Result> {
  run(...inputs: Inputs): Result;
  /** To be called when the loop ends, however it ends. */
  dispose(): void;
}

export interface RepeatedOptions {
  /** How often the step will run. */
  readonly times: number;
  /**
   * What the step depends on beside its inputs and the model: its graph is then kept with the model. Default: it is
   * compiled again for each loop.
   */
  readonly key?: string;
}

/**
 * The step of a loop: a graph from its first run on where that pays and the network allows it, so that the same call
 * gives the same result, bit by
 * bit. VITRINE_COMPILE=off turns it off.
 */
export function repeated<Inputs extends readonly unknown[], Result>(
  model: { readonly pure?: boolean },
  { times, key }: RepeatedOptions,
  step: (...inputs: Inputs) => Result,
): Repeated<Inputs, Result> {
  if (times < WORTH_TIMES || !runsAsGraph(model)) return { run: step, dispose: () => undefined };
  if (key !== undefined) return { run: modelStep(model, key, step, { atOnce: true }), dispose: () => undefined };
  const compiled = compile(step, { abstract: true });
  return { run: compiled, dispose: () => compiled.dispose() };
}
