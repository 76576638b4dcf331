import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { forEachBackend } from "../../helpers/backends";

type Shape = [number, number, number, number];

/** Max-pooling's gradient as it is defined here: each output's gradient goes to the first maximum in its window. */
function toFirstMaximum(
  x: Float32Array,
  [n, h, w, c]: Shape,
  dy: Float32Array,
  size: number,
  stride: number,
  pad: "same" | "valid",
): Float32Array {
  const outputs = (length: number): number =>
    pad === "same" ? Math.ceil(length / stride) : Math.floor((length - size) / stride) + 1;
  const before = (length: number): number =>
    pad === "same" ? Math.floor(Math.max(0, (outputs(length) - 1) * stride + size - length) / 2) : 0;
  const dx = new Float32Array(x.length);
  for (let b = 0; b < n; b++)
    for (let i = 0; i < outputs(h); i++)
      for (let j = 0; j < outputs(w); j++)
        for (let k = 0; k < c; k++) {
          const window: number[] = [];
          for (let row = i * stride - before(h); row < i * stride - before(h) + size; row++) {
            for (let column = j * stride - before(w); column < j * stride - before(w) + size; column++) {
              if (row >= 0 && row < h && column >= 0 && column < w) window.push(((b * h + row) * w + column) * c + k);
            }
          }
          const highest = Math.max(...window.map((index) => x[index]));
          dx[window.find((index) => x[index] === highest) as number] +=
            dy[((b * outputs(h) + i) * outputs(w) + j) * c + k];
        }
  return dx;
}

describe("ties in a maximum", () => {
  forEachBackend(() => {
    for (const [size, stride] of [
      [2, 2],
      [3, 2],
      [3, 1],
    ]) {
      for (const pad of ["same", "valid"] as const) {
        for (const levels of [1, 2]) {
          it(
            `go to the first in a ${size}×${size} max-pool, stride ${stride}, ${pad}, ` +
              `${levels === 1 ? "flat" : "black and white"}`,
            () => {
              const shape: Shape = [2, 9, 10, 5];
              const values = Float32Array.from({ length: 900 }, (_, i) =>
                Math.floor(((((Math.sin(i * 78.233) * 43758.5453) % 1) + 1) % 1) * levels),
              );
              tf.tidy(() => {
                const x = tf.tensor4d(values, shape);
                const y = tf.maxPool(x, size, stride, pad);
                const dy = Float32Array.from({ length: y.size }, (_, i) => 1 + (i % 7));
                const gradient = tf.grad((x) => tf.maxPool(x as tf.Tensor4D, size, stride, pad))(
                  x,
                  tf.tensor4d(dy, y.shape),
                );
                expect(Array.from(gradient.dataSync())).to.deep.equal(
                  Array.from(toFirstMaximum(values, shape, dy, size, stride, pad)),
                );
              });
            },
          );
        }
      }
    }

    it("go to the first in a maximum or minimum over some axes", () => {
      tf.tidy(() => {
        const x = tf.tensor3d([
          [
            [3, 1],
            [3, 3],
          ],
          [
            [1, 1],
            [0, 1],
          ],
        ]);
        const dy = tf.tensor1d([10, 20]);
        expect(
          tf
            .grad((x) => tf.max(x, [0, 1]))(x, dy)
            .arraySync(),
        ).to.deep.equal([
          [
            [10, 0],
            [0, 20],
          ],
          [
            [0, 0],
            [0, 0],
          ],
        ]);
        expect(
          tf
            .grad((x) => tf.min(x, [1, 2]))(x, dy)
            .arraySync(),
        ).to.deep.equal([
          [
            [0, 10],
            [0, 0],
          ],
          [
            [0, 0],
            [20, 0],
          ],
        ]);
        expect(
          tf
            .grad((x) => tf.max(x))(tf.ones([2, 3]))
            .arraySync(),
        ).to.deep.equal([
          [1, 0, 0],
          [0, 0, 0],
        ]);
      });
    });
  });
});
