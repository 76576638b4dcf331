import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { forEachBackend } from "../../helpers/backends";
import { relativeError } from "../../helpers/finite-difference";
import { weights } from "./numbers";

/** A convolution from its definition, with TensorFlow's `same` padding. */
function convolved(x: tf.Tensor4D, w: tf.Tensor4D, stride: number): Float64Array {
  const [n, h, width, c] = x.shape,
    [kh, kw, , out] = w.shape;
  const outputs = (size: number): number => Math.ceil(size / stride);
  const before = (size: number, k: number): number =>
    Math.floor(Math.max(0, (outputs(size) - 1) * stride + k - size) / 2);
  const xs = x.dataSync(),
    ws = w.dataSync();
  const result: number[] = [];
  for (let b = 0; b < n; b++)
    for (let i = 0; i < outputs(h); i++)
      for (let j = 0; j < outputs(width); j++)
        for (let o = 0; o < out; o++) {
          let sum = 0;
          for (let a = 0; a < kh; a++)
            for (let d = 0; d < kw; d++)
              for (let k = 0; k < c; k++) {
                const row = i * stride - before(h, kh) + a,
                  column = j * stride - before(width, kw) + d;
                if (row >= 0 && row < h && column >= 0 && column < width)
                  sum += xs[((b * h + row) * width + column) * c + k] * ws[((a * kw + d) * c + k) * out + o];
              }
          result.push(sum);
        }
  return Float64Array.from(result);
}

describe("forward passes that a backend had wrong", () => {
  forEachBackend((backend) => {
    for (const stride of [1, 2, 3, 4]) {
      for (const [kh, kw] of [
        [1, 1],
        [2, 2],
        [3, 2],
        [1, 3],
        [3, 3],
      ]) {
        it(`conv2d, same, stride ${stride}, kernel ${kh}×${kw}`, () => {
          tf.tidy(() => {
            for (const [h, w] of [
              [5, 6],
              [7, 7],
              [8, 9],
            ]) {
              const x = weights<tf.Tensor4D>(2, h, w, 2),
                filter = weights<tf.Tensor4D>(kh, kw, 2, 3);
              const expected = convolved(x, filter, stride);
              expect(relativeError(tf.conv2d(x, filter, stride, "same").dataSync(), expected), "conv2d").to.be.below(
                1e-5,
              );
              expect(
                relativeError(
                  tf.fused.conv2d({ x, filter, strides: stride, pad: "same", activation: "linear" }).dataSync(),
                  expected,
                ),
                "fused",
              ).to.be.below(1e-5);
              // Depthwise: each channel by itself, so its kernel is the diagonal of an ordinary one.
              const own = weights<tf.Tensor4D>(kh, kw, 2, 1);
              const diagonal = own.mul(tf.eye(2)) as tf.Tensor4D;
              expect(
                relativeError(tf.depthwiseConv2d(x, own, stride, "same").dataSync(), convolved(x, diagonal, stride)),
                "depthwise",
              ).to.be.below(1e-5);
            }
          });
        });
      }
    }

    it("gather with batchDims: right, or refused", () => {
      const before = tf.memory().numTensors;
      const gathered = (): number[] =>
        tf.tidy(() =>
          Array.from(
            tf
              .gather(
                tf.tensor2d([
                  [1, 2, 3],
                  [4, 5, 6],
                ]),
                tf.tensor2d([[1], [0]], [2, 1], "int32"),
                1,
                1,
              )
              .dataSync(),
          ),
        );
      if (backend === "wasm") expect(gathered).to.throw(/batchDims.*wrong on the wasm backend/);
      else expect(gathered()).to.deep.equal([2, 4]);
      expect(tf.memory().numTensors).to.equal(before);
    });
  });
});

describe("gradients that are refused", () => {
  forEachBackend(
    (backend) => {
      if (backend === "tensorflow") return;
      it("avgPool3d with padding", () => {
        expect(() =>
          tf.tidy(() => tf.grad((x) => tf.avgPool3d(x as tf.Tensor5D, 2, 1, "same"))(tf.ones([1, 3, 3, 3, 1]))),
        ).to.throw(/avgPool3d/);
      });
    },
    ["wasm", "cpu"],
  );
});
