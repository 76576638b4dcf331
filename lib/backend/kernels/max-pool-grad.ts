import { registerJavaScriptKernel, zeros, type Values } from "./javascript-kernel";
import { eachPoolWindow, type PoolAttributes } from "./pool-windows";

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
