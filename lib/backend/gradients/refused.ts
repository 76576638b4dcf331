import * as tf from "@tensorflow/tfjs";
import { VitrineError } from "../../core/errors";
import { correct, runKernel } from "./register";

/**
 * Silently wrong in TF.js and needed by none of our methods: refused instead of put right.
 * `avgPool3d` with padding divides by the whole window at the edges on wasm and cpu, as avgPool did.
 */
export function refuseWrongGradients(): void {
  correct<{ filterSize: unknown; strides: unknown; pad: unknown; dimRoundingMode?: string }>({
    kernelName: "AvgPool3D",
    inputsToSave: ["x"],
    gradFunc: (dy, [input], { filterSize, strides, pad, dimRoundingMode }) => ({
      x: () => {
        if (tf.getBackend() !== "tensorflow" && pad !== "valid") {
          throw new VitrineError(
            `The gradient of avgPool3d with padding ${JSON.stringify(pad)} is wrong on the ${tf.getBackend()} backend; use padding "valid", or the tensorflow backend.`,
          );
        }
        return runKernel("AvgPool3DGrad", { dy, input }, { filterSize, strides, pad, dimRoundingMode });
      },
    }),
  });
}
