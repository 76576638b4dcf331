// Gradients of pooling on wasm and cpu.
import { registerJavaScriptKernel, zeros, type Values } from "./javascript-kernel";
import * as tf from "@tensorflow/tfjs";

/**
 * With `same` padding the forward pass divides by the pixels that a window really covers; the kernels of cpu and
 * wasm divide the gradient by the whole window at the edges too.
 */
export function correctAvgPoolGrad(backendName: string): void {
  registerJavaScriptKernel(backendName, "AvgPoolGrad", avgPoolGrad);
}

function avgPoolGrad({ dy, input }: Record<string, Values>, attrs: PoolAttributes): Values {
  const [, height, width, channels] = input.shape;
  const dx = zeros(input.shape);
  eachPoolWindow(input.shape, attrs, ({ batch, output, rows, columns }) => {
    const covered = (rows[1] - rows[0]) * (columns[1] - columns[0]);
    for (let row = rows[0]; row < rows[1]; row++) {
      let index = ((batch * height + row) * width + columns[0]) * channels;
      for (let column = columns[0]; column < columns[1]; column++) {
        for (let channel = 0; channel < channels; channel++)
          dx.values[index++] += dy.values[output + channel] / covered;
      }
    }
  });
  return dx;
}

/**
 * wasm's kernel sends the gradient to the last of several ties, and with `same` padding to wrong pixels at the
 * edges. TensorFlow and the plain backend send it to the first, row-major; so does this one.
 */
export function correctMaxPoolGrad(backendName: string): void {
  registerJavaScriptKernel(backendName, "MaxPoolGrad", maxPoolGrad);
}

function maxPoolGrad({ dy, input }: Record<string, Values>, attrs: PoolAttributes): Values {
  const [, height, width, channels] = input.shape;
  const dx = zeros(input.shape);
  const x = input.values;
  eachPoolWindow(input.shape, attrs, ({ batch, output, rows, columns }) => {
    for (let channel = 0; channel < channels; channel++) {
      let best = -Infinity,
        at = -1;
      for (let row = rows[0]; row < rows[1]; row++) {
        let index = ((batch * height + row) * width + columns[0]) * channels + channel;
        for (let column = columns[0]; column < columns[1]; column++, index += channels) {
          if (x[index] > best) {
            best = x[index];
            at = index;
          }
        }
      }
      if (at >= 0) dx.values[at] += dy.values[output + channel];
    }
  });
  return dx;
}

export interface PoolAttributes {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: "same" | "valid" | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/** The part of the image under one output of a pooling, cut off at the edges. */
interface PoolWindow {
  batch: number;
  /** Index of the output's first channel in row-major order. */
  output: number;
  rows: readonly [from: number, to: number];
  columns: readonly [from: number, to: number];
}

/** Goes through the windows of a pooling over [batch, height, width, channels], row-major. */
function eachPoolWindow(shape: number[], attrs: PoolAttributes, visit: (window: PoolWindow) => void): void {
  const info = tf.backend_util.computePool2DInfo(
    shape as [number, number, number, number],
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  const {
    batchSize,
    inHeight,
    inWidth,
    outHeight,
    outWidth,
    outChannels,
    strideHeight,
    strideWidth,
    filterHeight,
    filterWidth,
    padInfo,
  } = info;
  let output = 0;
  for (let batch = 0; batch < batchSize; batch++) {
    for (let i = 0; i < outHeight; i++) {
      const top = i * strideHeight - padInfo.top;
      for (let j = 0; j < outWidth; j++, output += outChannels) {
        const left = j * strideWidth - padInfo.left;
        visit({
          batch,
          output,
          rows: [Math.max(0, top), Math.min(inHeight, top + filterHeight)],
          columns: [Math.max(0, left), Math.min(inWidth, left + filterWidth)],
        });
      }
    }
  }
}
