import * as tf from "@tensorflow/tfjs";
import { VitrineError } from "../../core/errors";
import { replaceKernel } from "./javascript-kernel";

const wrapped = Symbol.for("vitrine.gather");
type WrappedKernel = tf.KernelFunc & { [wrapped]?: tf.KernelFunc };

/**
 * With `batchDims` wasm's `gather` reads beyond the tensor and returns what happens to lie there. None of our
 * methods uses it: refused rather than replaced.
 */
export function refuseBatchedGather(backendName: string): void {
  const config = tf.getKernel("GatherV2", backendName);
  if (!config) return;
  const own = config.kernelFunc as WrappedKernel;
  const original = own[wrapped] ?? own;
  const checked: WrappedKernel = (params) => {
    if (params.attrs?.batchDims) {
      throw new VitrineError(
        `gather with batchDims ${String(params.attrs.batchDims)} is wrong on the ${backendName} backend of TensorFlow.js; use oneHot and a sum, or the tensorflow backend.`,
      );
    }
    return original(params);
  };
  checked[wrapped] = original;
  // TF.js runs a kernel's set-up again whenever its backend is chosen, so that must stay.
  replaceKernel(backendName, "GatherV2", checked, config.setupFunc);
}
