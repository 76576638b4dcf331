// Compiling where there is no TensorFlow to run a graph: the function runs as it is.
import * as tf from "@tensorflow/tfjs";
import { badInput, VitrineError } from "../../core/errors";
import type { Compiled, CompileOptions } from "./compile";

export type { Compiled, CompileOptions } from "./compile";
export type { GraphInfo } from "./graph-cache";
export type { SaveGraphOptions } from "./save-graph";

/** Why a function cannot be compiled. */
export class CompileError extends VitrineError {
  override name = "CompileError";
}

/** As in Node on every engine but TensorFlow's: each call runs the function. */
export function compile<Inputs extends readonly unknown[], Result>(
  fn: (...inputs: Inputs) => Result,
  { fallback = true }: CompileOptions = {},
): Compiled<Inputs, Result> {
  if (typeof fn !== "function") badInput({ what: "the function to compile", got: fn, allowed: "a function" });
  const reason = (): string => `the backend is ${tf.getBackend()}`;
  let disposed = false;
  const call = (...inputs: Inputs): Result => {
    if (disposed) badInput({ what: "the compiled function", got: "disposed", allowed: "one still in use" });
    if (!fallback) throw new CompileError(reason());
    return fn(...inputs);
  };
  return Object.assign(call, {
    graphs: [],
    prepare: () => ({ signature: "", runs: "as it is" as const, reason: reason() }),
    save: () => Promise.reject(new CompileError(`${reason()}; a SavedModel is written in Node, by native TensorFlow`)),
    dispose: () => {
      disposed = true;
    },
  });
}
