import { VitrineError } from "../../core/errors";
import { wrapKernel } from "./javascript-kernel";

/**
 * With `batchDims` wasm's `gather` reads beyond the tensor and returns what happens to lie there. None of our
 * methods uses it: refused rather than replaced.
 */
export function refuseBatchedGather(backendName: string): void {
  wrapKernel(backendName, "GatherV2", (original) => (params) => {
    if (params.attrs?.batchDims) {
      throw new VitrineError(
        `gather with batchDims ${String(params.attrs.batchDims)} is wrong on the ${backendName} backend of TensorFlow.js; use oneHot and a sum, or the tensorflow backend.`,
      );
    }
    return original(params);
  });
}
