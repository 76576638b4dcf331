// Graphs that are kept with a model, and the steps of loops that run as graphs.
import * as tf from "@tensorflow/tfjs";
import { environment } from "../../core/once";
import { compileStep, inline, type Compiled, compile } from "./compile";
import { nativeBackend } from "../engine/native-backend";

/** A function of tensors and of plain values that its key tells apart. */
type Step = (...inputs: readonly unknown[]) => unknown;
interface Kept {
  /**
   * By key, for a graph that is made during the call. Held weakly: what a step closes over, tensors of the caller's
   * block among it, must not outlive a loop that an interrupt cut off.
   */
  readonly steps: Map<string, WeakRef<Step>>;
  readonly compiled: Compiled<readonly [string, ...unknown[]], unknown>;
}

/**
 * Graphs kept with each model, those used last: each with weights of at most {@link compile}'s `freeze`, which
 * TensorFlow holds some seven times.
 */
const GRAPHS = 8;
/** So many values in the largest input make a graph worth its making: a photograph of 224 × 224 has twice as many. */
const WORTH_VALUES = 2 ** 16;

/**
 * So many, two photographs, and it is made before the first call: op by op the gradient would take several times the
 * memory.
 */
const LARGE = 2 ** 18;

const graphs = new WeakMap<object, Kept>();

interface ModelStepOptions {
  /** Make the graph at the first call, so that each call runs as the graph and gives the same bits. Default: false. */
  readonly atOnce?: boolean;
}

/** Whether a model's steps may run as graphs. VITRINE_COMPILE=off turns that off. */
export const runsAsGraph = ({ pure }: { readonly pure?: boolean }): boolean =>
  pure === true && environment("VITRINE_COMPILE") !== "off" && nativeBackend() !== undefined && !inline();

/**
 * A step that is kept with its model as a graph, for later calls as well: the first call of a kind runs op by op and is
 * watched, unless it is `atOnce` or on many values; those after it run as a graph. A step on few values runs as it is,
 * unless `atOnce`. It goes with the model ({@link forgetGraphs}).
 * @param key what the step depends on beside its inputs and the model: the same key means the same function
 */
export function modelStep<Inputs extends readonly unknown[], Result>(
  model: { readonly pure?: boolean },
  key: string,
  step: (...inputs: Inputs) => Result,
  { atOnce = false }: ModelStepOptions = {},
): (...inputs: Inputs) => Result {
  return (...inputs) => {
    if (!runsAsGraph(model)) return step(...inputs);
    const size = inputs.reduce<number>(
      (most, input) => (input instanceof tf.Tensor ? Math.max(most, input.size) : most),
      0,
    );
    if (!atOnce && size < WORTH_VALUES) return step(...inputs);
    const { steps, compiled } = keptOf(model);
    steps.set(key, new WeakRef(step as unknown as Step));
    if (atOnce || size >= LARGE) compiled.prepare(key, ...inputs);
    return compiled(key, ...inputs) as Result;
  };
}

/** Frees a model's graphs. */
export function forgetGraphs(model: object): void {
  graphs.get(model)?.compiled.dispose();
  graphs.delete(model);
}

function keptOf(model: object): Kept {
  const known = graphs.get(model);
  if (known) return known;
  const steps = new Map<string, WeakRef<Step>>();
  // One run is enough: the library's own steps do the same at each.
  const made: Kept = {
    steps,
    compiled: compileStep((key: string, ...inputs: readonly unknown[]) => steps.get(key)!.deref()!(...inputs), {
      maxGraphs: GRAPHS,
    }),
  };
  graphs.set(model, made);
  return made;
}

/** Making a graph takes as long as a handful of runs. */
const WORTH_TIMES = 8;

/** Inner steps of the library's loops. */
interface Repeated<Inputs extends readonly unknown[], Result> {
  run(...inputs: Inputs): Result;
  /** To be called when the loop ends, however it ends. */
  dispose(): void;
}

interface RepeatedOptions {
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
 * gives the same result, bit by bit. VITRINE_COMPILE=off turns it off.
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
