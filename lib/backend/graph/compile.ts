// A function of tensors as one TensorFlow graph: watched at its first calls, run as a graph after them.
import * as tf from "@tensorflow/tfjs";
import { badInput } from "../../core/errors";
import { boolean, checkOptions, integer, number, type Schema } from "../../core/options";
import { recorderState } from "./recorder";
import { reluRule } from "../relu-rule";
import { owned, trace, type Trace } from "./trace";
import { GraphCache, type Entry, type GraphInfo } from "./graph-cache";
import { nativeBackend, type NativeBackend } from "../engine/native-backend";
import { CompileError } from "./recording";
import { saveGraph, type SaveGraphOptions } from "./save-graph";
import { flatten, type Flat } from "./structure";

export interface CompileOptions {
  /**
   * Graphs kept, one for each kind of inputs (shapes, dtypes, plain values); beyond that the one used longest ago goes.
   * Integer ≥ 1. Default: 8.
   */
  maxGraphs?: number;
  /**
   * Write tensors from outside, variables left out, into the graph if together they take at most so many bytes:
   * TensorFlow then prepares a network's weights once and not at each call, but they are in memory twice. Else they are
   * fed at each call. Number ≥ 0. Default: 33,554,432 (32 MiB).
   */
  freeze?: number;
  /**
   * Make the graph at the first call, from a run with tensors that have a shape and no values: nothing runs op by op,
   * and no memory is taken for all that a gradient op by op would keep. For functions that keep no tensor beyond a
   * call, in a variable or a cache. Default: false, the first two calls run and are watched.
   */
  abstract?: boolean;
  /**
   * Run the function as it is where it cannot be compiled; false: throw a CompileError that says why. Default: true.
   */
  fallback?: boolean;
}

export const compileOptions = {
  maxGraphs: integer({ least: 1, default: 8, help: "graphs kept, one for each kind of inputs" }),
  freeze: number({
    least: 0,
    default: 2 ** 25,
    unit: "bytes",
    help: "write tensors from outside into the graph if together they take at most so many",
  }),
  abstract: boolean({ default: false, help: "make the graph at the first call, without running the function" }),
  fallback: boolean({ default: true, help: "run the function as it is where it cannot be compiled" }),
} satisfies Schema<CompileOptions>;

/** A function that runs as one graph where that is possible; called like the original. */
export interface Compiled<Inputs extends readonly unknown[], Result> {
  (...inputs: Inputs): Result;
  /** How calls run, by the kind of their inputs, the kind used last at the end. */
  readonly graphs: readonly GraphInfo[];
  /**
   * Makes the graph for such inputs at once, instead of at the third call: runs the function two or three times, unless
   * there is one, or `abstract`.
   */
  prepare(...inputs: Inputs): GraphInfo;
  /**
   * Writes a SavedModel for such inputs, with the tensors from outside as they are now, which TensorFlow in any
   * language loads (`tf.saved_model.load(folder).signatures["serving_default"]`). Runs the function two or three times.
   * @throws CompileError where it cannot be compiled, also on a backend other than tensorflow; FileError
   */
  save(folder: string, inputs: Inputs, options?: SaveGraphOptions): Promise<void>;
  /** Frees the graphs. The function cannot be called afterwards; twice does no harm. */
  dispose(): void;
}

/**
 * A `tf.function` for TensorFlow.js: where the native backend runs, a function of tensors becomes one TensorFlow graph
 * for each kind of inputs, its gradients included, and a call one call of the native library. On every other backend,
 * and where the function cannot be compiled, it runs as it is, with the same result (but for rounding).
 *
 * The first two calls with inputs of a kind run op by op and are watched; if both did the same, the third one and those
 * after run as a graph. So what the function makes in JavaScript (`tf.scalar(0.5)`) must not change from call to call:
 * what may change, hand it in as a tensor. What differs between the two is found and not compiled (`graphs` says why);
 * what changes later is not noticed. Tensors from outside, such as a model's weights, are written into the graph where
 * they are small (`freeze`), else fed at every call; variables are fed with what they hold then. Not compiled are
 * functions that read data (`dataSync`), draw random numbers, assign variables, keep tensors or dispose of their
 * inputs. Inside another compiled function, and where a gradient is being taken, the function runs as it is: take the
 * gradient inside.
 * @param fn synchronous and pure. Takes and returns tensors and plain values in arrays and plain objects; plain values
 * among the inputs
 *   are part of the kind: every new number makes a new graph
 * @returns the caller owns the tensors that a call returns, and nothing else is left, also after a throw
 * @throws BadInputError for options out of range; a call: for inputs of another sort, or after `dispose`
 */
export function compile<Inputs extends readonly unknown[], Result>(
  fn: (...inputs: Inputs) => Result,
  options: CompileOptions = {},
): Compiled<Inputs, Result> {
  return compiledOf(2, fn, options);
}

/**
 * As {@link compile}, for a step that only `prepare` makes the graph of without running, and that is known to do the
 * same at each run: it is watched once.
 */
export function compileStep<Inputs extends readonly unknown[], Result>(
  fn: (...inputs: Inputs) => Result,
  options: Pick<CompileOptions, "maxGraphs"> = {},
): Compiled<Inputs, Result> {
  return compiledOf(1, fn, options, "prepare");
}

/** @param runs so many that did the same make a graph @param unrun when the function is watched without running */
function compiledOf<Inputs extends readonly unknown[], Result>(
  runs: 1 | 2,
  fn: (...inputs: Inputs) => Result,
  options: CompileOptions,
  unrun: "prepare" | "always" | "never" = options.abstract === true ? "always" : "never",
): Compiled<Inputs, Result> {
  if (typeof fn !== "function") badInput({ what: "the function to compile", got: fn, allowed: "a function" });
  const { maxGraphs, freeze, fallback } = checkOptions(compileOptions, options);
  const cache = new GraphCache(maxGraphs, runs),
    work = fn as unknown as (...inputs: readonly unknown[]) => unknown;
  let disposed = false;
  const asItIs = (inputs: readonly unknown[]): unknown => owned(() => work(...inputs));
  const check = (): void => {
    if (disposed) badInput({ what: "the compiled function", got: "disposed", allowed: "one still in use" });
  };
  const entryOf = ({ signature }: Flat): Entry =>
    cache.entry(reluRule() === "standard" ? signature : `${reluRule()} ${signature}`);

  /** Runs the function as it is; where that goes well, what was tried instead is not tried again. */
  const instead = (entry: Entry, inputs: readonly unknown[], reason: string): unknown => {
    const result = asItIs(inputs);
    entry.refuse(reason);
    return allowed(entry, result);
  };
  const allowed = (entry: Entry, result: unknown): unknown => {
    if (entry.refused === undefined || fallback) return result;
    tf.dispose(result as tf.TensorContainer);
    throw new CompileError(entry.refused);
  };
  const watched = (entry: Entry, inputs: readonly unknown[], flat: Flat, backend: NativeBackend): unknown => {
    let run: Trace;
    try {
      run = trace(work, inputs, flat, backend);
    } catch (error) {
      return instead(entry, inputs, (error as Error).message);
    }
    entry.add(run);
    return allowed(entry, run.result);
  };
  /**
   * Watches the function without running it, until there is a graph or a reason why there is none; where that does not
   * do, nothing has happened.
   */
  const watchedUnrun = (entry: Entry, inputs: readonly unknown[], flat: Flat, backend: NativeBackend): void => {
    try {
      while (entry.open) {
        entry.add(trace(work, inputs, flat, backend, true));
        entry.graph(backend, { freeze });
      }
    } catch {
      // What is wrong, if anything, shows when the function runs.
    }
  };
  const call = (...inputs: Inputs): Result => {
    check();
    const flat = flatten(inputs, "input"),
      backend = nativeBackend();
    if (!backend || inline()) return asItIs(inputs) as Result;
    const entry = entryOf(flat);
    if (unrun === "always") watchedUnrun(entry, inputs, flat, backend);
    if (entry.refused !== undefined) return (fallback ? asItIs(inputs) : allowed(entry, undefined)) as Result;
    try {
      const graph = entry.graph(backend, { freeze });
      if (graph) return entry.result(graph.run(flat.tensors)) as Result;
    } catch (error) {
      return instead(entry, inputs, `TensorFlow refuses the graph: ${(error as Error).message}`) as Result;
    }
    return watched(entry, inputs, flat, backend) as Result;
  };
  const compiled = Object.assign(call, {
    graphs: [] as readonly GraphInfo[],
    prepare(...inputs: Inputs): GraphInfo {
      check();
      const flat = flatten(inputs, "input"),
        backend = nativeBackend();
      if (!backend) return { signature: flat.signature, runs: "as it is", reason: `the backend is ${tf.getBackend()}` };
      if (inline())
        return {
          signature: flat.signature,
          runs: "as it is",
          reason: "it is inside another compiled function, or where a gradient is being taken",
        };
      const entry = entryOf(flat);
      if (unrun !== "never") watchedUnrun(entry, inputs, flat, backend);
      while (entry.open) tf.dispose(call(...inputs) as tf.TensorContainer);
      return entry.info(flat.signature);
    },
    save: async (folder: string, inputs: Inputs, saveOptions: SaveGraphOptions = {}): Promise<void> => {
      check();
      await saveGraph(work, inputs, folder, saveOptions);
    },
    dispose(): void {
      disposed = true;
      cache.dispose();
    },
  });
  return Object.defineProperty(compiled, "graphs", { get: () => cache.infos(), enumerable: true });
}

/** Where a graph would be missing from another function's recording, or from the tape. */
export const inline = (): boolean => recorderState().recorder !== undefined || tf.engine().state.gradientDepth > 0;
