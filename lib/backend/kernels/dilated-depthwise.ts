import * as tf from "@tensorflow/tfjs";
import { spaced } from "../gradients/spacing";
import { wrapKernel } from "./javascript-kernel";

/**
 * On some processors TensorFlow's oneDNN has no depthwise convolution with a dilation ("Current kernel implementation
 * does not
 * support dilations"). It equals one whose kernel has zeros between its taps, which all have.
 */
export function replaceDilatedDepthwise(backendName: string): void {
  for (const kernelName of ["DepthwiseConv2dNative", "FusedDepthwiseConv2D"]) {
    wrapKernel(backendName, kernelName, (original) => (params) => {
      const { filter } = params.inputs as Record<string, tf.Tensor4D>;
      // Layers give null.
      const dilations = (params.attrs as { dilations?: number | [number, number] | null }).dilations ?? 1;
      const [down, across] = typeof dilations === "number" ? [dilations, dilations] : dilations;
      if (down * across === 1 || !(filter instanceof tf.Tensor)) return original(params);
      return tf.tidy(
        () =>
          original({
            ...params,
            inputs: { ...params.inputs, filter: spaced(spaced(filter, 0, down), 1, across) },
            attrs: { ...params.attrs, dilations: [1, 1] },
          }) as tf.Tensor,
      );
    });
  }
}
