import * as tf from "@tensorflow/tfjs";
import { replaceKernel } from "../javascript-kernel";
import { bilinear, nearest, type ResizeAttributes, type Sources } from "../resize-grad";

/**
 * webgpu's own gradients of a resize ignore `halfPixelCenters`. Resizing is linear, rows and columns apart, so its
 * gradient
 * is a product with the transposed matrix of each.
 */
export function correctResizeGradOnWebgpu(): void {
  for (const [kernelName, sources] of [
    ["ResizeBilinearGrad", bilinear],
    ["ResizeNearestNeighborGrad", nearest],
  ] as const) {
    replaceKernel("webgpu", kernelName, ({ inputs, attrs }) => {
      const { dy, images } = inputs as Record<string, tf.Tensor4D>,
        options = attrs as unknown as ResizeAttributes;
      const [batch, height, width, channels] = images.shape,
        [, outHeight, outWidth] = dy.shape;
      return tf.tidy(() => {
        const rows = matrix(sources(height, outHeight, options), height),
          columns = matrix(sources(width, outWidth, options), width);
        const down = tf.matMul(
          tf.tile(tf.expandDims(rows, 0), [batch, 1, 1]),
          tf.reshape(dy, [batch, outHeight, outWidth * channels]),
        );
        const turned = tf.reshape(tf.transpose(tf.reshape(down, [batch, height, outWidth, channels]), [0, 1, 3, 2]), [
          -1,
          outWidth,
        ]);
        const across = tf.matMul(turned as tf.Tensor2D, columns, false, true);
        return tf.transpose(tf.reshape(across, [batch, height, channels, width]), [0, 1, 3, 2]);
      });
    });
  }
}

/** @returns [from, to]: the weight with which each line of the input goes into each of the output */
function matrix(sources: Sources, from: number): tf.Tensor2D {
  const to = sources.length,
    weights = new Float32Array(from * to);
  sources.forEach((list, line) => {
    for (const [index, weight] of list) weights[index * to + line] += weight;
  });
  return tf.tensor2d(weights, [from, to]);
}
