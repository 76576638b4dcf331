import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { writeAtomically } from "../../core/files";
import { badInput } from "../../core/errors";
import { checkOptions, texts, type Schema } from "../../core/options";
import { Entry } from "./graph-cache";
import { graphDef, savedModel } from "./graph-def";
import { readUnrecorded } from "./recorder";
import { nativeBackend } from "../engine/native-backend";
import { type Recording, CompileError } from "./recording";
import { flatten } from "./structure";
import { trace, type Trace } from "./trace";

export interface SaveGraphOptions {
  /**
   * Names of the input tensors in the signature, in their order. Default: `input_0`, `input_1_oneHot`, … after where
   * they are.
   */
  inputNames?: readonly string[];
  /**
   * Names of the output tensors. Default: `output` for a lone tensor, else `output_0`, `output_gradient`, … after where
   * they are.
   */
  outputNames?: readonly string[];
}

export const saveGraphOptions = {
  inputNames: texts({
    rule: "input_0, input_1_oneHot, … after where they are",
    help: "names of the input tensors in the signature, in their order",
  }),
  outputNames: texts({
    rule: "output for a lone tensor, else output_0, output_gradient, … after where they are",
    help: "names of the output tensors",
  }),
} satisfies Schema<SaveGraphOptions>;

/** See {@link Compiled.save}. */
export async function saveGraph(
  fn: (...inputs: readonly unknown[]) => unknown,
  inputs: readonly unknown[],
  folder: string,
  given: SaveGraphOptions,
): Promise<void> {
  const options = checkOptions(saveGraphOptions, given);
  const flat = flatten(inputs, "input"),
    backend = nativeBackend();
  if (!backend)
    throw new CompileError(`a graph can be saved on the tensorflow backend only; this is ${tf.getBackend()}`);
  const entry = new Entry();
  let run: Trace, agreed: Recording | undefined;
  do {
    run = trace(fn, inputs, flat, backend);
    tf.dispose(run.result as tf.TensorContainer);
    agreed = entry.add(run);
    if (entry.refused !== undefined) throw new CompileError(entry.refused);
  } while (!agreed);
  const values = agreed.captured.map(({ dataId, variable, dtype }) => {
    if (dtype === "complex64") throw new CompileError("complex tensors from outside the function cannot be saved");
    const { buffer, byteOffset, byteLength } = readUnrecorded(backend, variable?.dataId ?? dataId) as Float32Array;
    return Buffer.from(buffer, byteOffset, byteLength);
  });
  const names = (what: string, given: readonly string[] | undefined, paths: readonly string[]): readonly string[] => {
    const { length } = paths,
      list =
        given ??
        paths.map((place) =>
          [what, ...place.split(".")]
            .filter((part) => part !== "")
            .join("_")
            .replace(/\W/g, "_"),
        );
    const fits =
      Array.isArray(list) &&
      list.length === length &&
      new Set(list).size === length &&
      list.every((name) => /^\w+$/.test(name));
    return fits
      ? list
      : badInput({ what: `${what}Names`, got: list, allowed: `${length} different names of letters, digits and _` });
  };
  const { outputs } = run.recorded!;
  const model = savedModel(graphDef(agreed, values), {
    inputs: names("input", options.inputNames, flat.paths).map((name, i) => ({
      name,
      dtype: flat.tensors[i].dtype,
      shape: flat.tensors[i].shape,
    })),
    outputs: names(
      "output",
      options.outputNames,
      outputs.map(({ path }) => path),
    ).map((name, i) => ({ name, ...outputs[i] })),
  });
  await writeAtomically(path.join(folder, "saved_model.pb"), model);
}
