import { correctCast } from "./cast";
import { correctPoolGrads } from "./pool-grad";
import { correctResizeGradOnWebgpu } from "./resize-grad";

/**
 * What is wrong or missing on webgpu. Kernels there cannot be loops over arrays, as nothing can be read back while one
 * runs:
 * they are programs of the device, or made of other kernels.
 */
export function correctOnWebgpu(): void {
  correctCast();
  correctPoolGrads();
  correctResizeGradOnWebgpu();
}
