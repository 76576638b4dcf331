import * as tf from "@tensorflow/tfjs";
import { nativeOp } from "../../engine/native-backend";
import { registerJavaScriptKernel, replaceKernel, zeros, type Values } from "./javascript-kernel";

export interface ResizeAttributes {
  alignCorners: boolean;
  halfPixelCenters: boolean;
}

/** One output line reads from these input lines with these weights. */
type Sources = [index: number, weight: number][][];

/**
 * No backend's gradient of a resize heeds `halfPixelCenters` (PyTorch's way of sampling), and the plain backend's
 * bilinear one mixes up height and width.
 */
export function correctResizeGrad(backendName: string): void {
  if (backendName === "tensorflow") {
    for (const [kernelName, sizeInput] of [
      ["ResizeBilinearGrad", false],
      ["ResizeNearestNeighborGrad", true],
    ] as const) {
      replaceKernel(backendName, kernelName, ({ inputs, attrs }) => {
        const { dy, images } = inputs as Record<string, tf.TensorInfo>;
        const flags = {
          align_corners: Boolean(attrs?.alignCorners),
          half_pixel_centers: Boolean(attrs?.halfPixelCenters),
        };
        if (!sizeInput) return nativeOp(kernelName, [dy, images], flags);
        const size = tf.tensor1d(images.shape.slice(1, 3), "int32");
        const dx = nativeOp(kernelName, [dy, size], flags);
        size.dispose();
        return dx;
      });
    }
    return;
  }
  registerJavaScriptKernel<ResizeAttributes>(backendName, "ResizeBilinearGrad", (inputs, attrs) =>
    scatter(inputs, attrs, bilinear),
  );
  registerJavaScriptKernel<ResizeAttributes>(backendName, "ResizeNearestNeighborGrad", (inputs, attrs) =>
    scatter(inputs, attrs, nearest),
  );
}

function scatter(
  { dy, images }: Record<string, Values>,
  attrs: ResizeAttributes,
  sources: (from: number, to: number, attrs: ResizeAttributes) => Sources,
): Values {
  const [batch, height, width, channels] = images.shape;
  const [, outHeight, outWidth] = dy.shape;
  const rows = sources(height, outHeight, attrs),
    columns = sources(width, outWidth, attrs);
  const dx = zeros(images.shape);
  for (let b = 0, output = 0; b < batch; b++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++, output += channels) {
        for (const [row, down] of rows[i]) {
          for (const [column, across] of columns[j]) {
            const pixel = ((b * height + row) * width + column) * channels;
            for (let c = 0; c < channels; c++) dx.values[pixel + c] += down * across * dy.values[output + c];
          }
        }
      }
    }
  }
  return dx;
}

function scaleOf(from: number, to: number, { alignCorners }: ResizeAttributes): number {
  return alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
}

function bilinear(from: number, to: number, attrs: ResizeAttributes): Sources {
  const scale = scaleOf(from, to, attrs);
  return Array.from({ length: to }, (_, i) => {
    const at = attrs.halfPixelCenters ? (i + 0.5) * scale - 0.5 : i * scale;
    const low = Math.floor(at);
    const fraction = at - low;
    const held = (index: number): number => Math.min(from - 1, Math.max(0, index));
    return [
      [held(low), 1 - fraction],
      [held(low + 1), fraction],
    ];
  });
}

function nearest(from: number, to: number, attrs: ResizeAttributes): Sources {
  const scale = scaleOf(from, to, attrs);
  return Array.from({ length: to }, (_, i) => {
    const at = attrs.halfPixelCenters ? (i + 0.5) * scale : i * scale;
    return [[Math.max(0, Math.min(from - 1, attrs.alignCorners ? Math.round(at) : Math.floor(at))), 1]];
  });
}

/**
 * The same on graphics cards, where kernels cannot be loops over arrays. Resizing is linear, rows and columns apart, so
 * its gradient is a product with the transposed matrix of each.
 */
export function correctResizeGradByMatrices(backendName: "webgpu" | "webgl"): void {
  for (const [kernelName, sources] of [
    ["ResizeBilinearGrad", bilinear],
    ["ResizeNearestNeighborGrad", nearest],
  ] as const) {
    replaceKernel(backendName, kernelName, ({ inputs, attrs }) => {
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
