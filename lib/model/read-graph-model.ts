import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { FileError } from "../core/errors";
import type { ModelFiles } from "../data/read-model-files";

/** Builds a graph model from files already read. Leaves no tensors behind when that fails. @throws FileError */
export async function buildGraphModel(files: ModelFiles): Promise<tf.GraphModel> {
  await ready();
  const { modelTopology, signature, format } = files.json;
  try {
    const built: { model?: tf.GraphModel } = {};
    // The weights are plain tensors: the scope frees them if the graph turns out to be unusable.
    tf.tidy(() => {
      const model = tf.loadGraphModelSync({
        modelTopology,
        signature,
        format,
        weightSpecs: files.specs,
        weightData: files.weights,
      });
      for (const weight of Object.values(model.weights).flat()) tf.keep(weight);
      built.model = model as unknown as tf.GraphModel;
    });
    return built.model!;
  } catch (error) {
    throw new FileError(
      files.location,
      `is no graph model that can be built: ${(error as Error).message.split("\n")[0]}`,
    );
  }
}
