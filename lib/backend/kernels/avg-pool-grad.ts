import { registerJavaScriptKernel, zeros, type Values } from "./javascript-kernel";
import { eachPoolWindow, type PoolAttributes } from "./pool-windows";

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
