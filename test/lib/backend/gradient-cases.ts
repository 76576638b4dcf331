import * as tf from "@tensorflow/tfjs";
import { weights } from "./numbers";

/** Functions whose gradients are checked on every backend, each with the shape of its input. */
export const cases: [name: string, shape: number[], f: (x: tf.Tensor) => tf.Tensor][] = [];
const differentiable = <T extends tf.Tensor = tf.Tensor4D>(
  name: string,
  shape: number[],
  f: (x: T) => tf.Tensor,
): void => {
  cases.push([name, shape, f as (x: tf.Tensor) => tf.Tensor]);
};
const kernel = (...shape: number[]): tf.Tensor4D => weights<tf.Tensor4D>(...shape);
const image = (): tf.Tensor4D => kernel(2, 5, 6, 2);

for (const stride of [1, 2, 3]) {
  for (const pad of ["same", "valid"] as const) {
    const how = `stride ${stride}, ${pad}`;
    differentiable(`conv2d, ${how}`, [2, 5, 6, 2], (x) => tf.conv2d(x, kernel(3, 3, 2, 3), stride, pad));
    differentiable(`conv2d by its kernel, ${how}`, [3, 2, 2, 3], (w) => tf.conv2d(image(), w, stride, pad));
    differentiable(`depthwiseConv2d, ${how}`, [2, 5, 6, 2], (x) =>
      tf.depthwiseConv2d(x, kernel(3, 3, 2, 2), stride, pad),
    );
    differentiable(`depthwiseConv2d by its kernel, ${how}`, [3, 3, 2, 2], (w) =>
      tf.depthwiseConv2d(image(), w, stride, pad),
    );
    differentiable(`maxPool, ${how}`, [2, 5, 6, 2], (x) => tf.maxPool(x, 3, stride, pad));
    differentiable(`avgPool, ${how}`, [2, 5, 6, 2], (x) => tf.avgPool(x, [3, 2], stride, pad));
    differentiable(`avgPool 2×2, ${how}`, [1, 5, 7, 3], (x) => tf.avgPool(x, 2, stride, pad));
  }
}
differentiable("conv2d 1×1", [1, 4, 4, 2], (x) => tf.conv2d(x, kernel(1, 1, 2, 3), 1, "same"));
differentiable("conv2d with an even kernel", [1, 5, 5, 2], (x) => tf.conv2d(x, kernel(4, 2, 2, 3), 1, "same"));
differentiable("conv2dTranspose", [1, 3, 4, 2], (x) =>
  tf.conv2dTranspose(x, kernel(3, 3, 2, 2), [1, 6, 8, 2], 2, "same"),
);
differentiable("separableConv2d", [1, 5, 5, 2], (x) =>
  tf.separableConv2d(x, kernel(3, 3, 2, 2), kernel(1, 1, 4, 3), 1, "same"),
);
for (const pad of ["same", "valid"] as const) {
  for (const dilation of [2, [3, 2]] as const) {
    const how = `dilation ${String(dilation)}, ${pad}`;
    differentiable(`conv2d, ${how}`, [1, 8, 7, 2], (x) =>
      tf.conv2d(x, kernel(3, 3, 2, 2), 1, pad, "NHWC", dilation as [number, number]),
    );
    differentiable(`conv2d by its kernel, ${how}`, [3, 3, 2, 2], (w) =>
      tf.conv2d(kernel(1, 8, 7, 2), w, 1, pad, "NHWC", dilation as [number, number]),
    );
    if (dilation === 2) {
      differentiable(`depthwiseConv2d, ${how}`, [1, 8, 7, 2], (x) =>
        tf.depthwiseConv2d(x, kernel(3, 3, 2, 1), 1, pad, "NHWC", dilation),
      );
      differentiable(`depthwiseConv2d by its kernel, ${how}`, [3, 3, 2, 1], (w) =>
        tf.depthwiseConv2d(kernel(1, 8, 7, 2), w, 1, pad, "NHWC", dilation),
      );
    }
  }
}
for (const activation of ["relu", "relu6", "elu"] as const) {
  differentiable(`fused conv2d with ${activation}`, [1, 5, 5, 2], (x) =>
    tf.fused.conv2d({ x, filter: kernel(3, 3, 2, 2), strides: 1, pad: "same", bias: weights(2), activation }),
  );
}
for (const mode of ["reflect", "symmetric"] as const) {
  differentiable<tf.Tensor2D>(`mirrorPad ${mode}`, [1, 4, 5, 2], (x) =>
    tf.mirrorPad(
      x,
      [
        [0, 0],
        [2, 1],
        [1, 3],
        [0, 0],
      ],
      mode,
    ),
  );
  differentiable<tf.Tensor2D>(`mirrorPad ${mode}, one axis`, [4, 5], (x) =>
    tf.mirrorPad(
      x,
      [
        [0, 0],
        [0, 3],
      ],
      mode,
    ),
  );
}
for (const [alignCorners, halfPixels] of [
  [false, false],
  [true, false],
  [false, true],
]) {
  for (const size of [
    [7, 9],
    [3, 2],
  ] as [number, number][]) {
    const corners = alignCorners ? ", aligned corners" : "",
      how = `to ${size.join("×")}${corners}${halfPixels ? ", half-pixel centres" : ""}`;
    differentiable(`resizeBilinear ${how}`, [2, 4, 5, 2], (x) =>
      tf.image.resizeBilinear(x, size, alignCorners, halfPixels),
    );
    differentiable(`resizeNearestNeighbor ${how}`, [2, 4, 5, 2], (x) =>
      tf.image.resizeNearestNeighbor(x, size, alignCorners, halfPixels),
    );
  }
}
const variance = (): tf.Tensor1D => weights<tf.Tensor1D>(2).abs().add(0.5);
for (const [name, offset, scale] of [
  ["", true, true],
  [" without scale", true, false],
  [" without offset", false, true],
  [" with neither", false, false],
] as const) {
  const norm = (x: tf.Tensor4D, mean: tf.Tensor1D): tf.Tensor =>
    tf.batchNorm(x, mean, variance(), offset ? weights(2) : undefined, scale ? weights(2) : undefined, 1e-3);
  differentiable(`batchNorm${name}`, [2, 3, 3, 2], (x) => norm(x, weights(2)));
  differentiable<tf.Tensor1D>(`batchNorm${name} by its mean`, [2], (mean) => norm(kernel(2, 3, 3, 2), mean));
}
differentiable<tf.Tensor2D>("gather", [4, 3], (x) => tf.gather(x, tf.tensor1d([2, 0, 2], "int32")));
differentiable<tf.Tensor2D>("gather along axis 1", [4, 3], (x) => tf.gather(x, tf.tensor1d([2, 0], "int32"), 1));
differentiable<tf.Tensor2D>("where with a computed mask", [2, 3], (x) =>
  tf.where(tf.greater(x, 0.1), x.square(), x.mul(3)),
);
for (const compare of [tf.greater, tf.greaterEqual, tf.less, tf.lessEqual, tf.equal, tf.notEqual]) {
  differentiable<tf.Tensor2D>(`${compare.name} as a factor`, [2, 3], (x) => x.mul(tf.cast(compare(x, 0.1), "float32")));
}
differentiable<tf.Tensor2D>("logical combinations as a factor", [2, 3], (x) =>
  x.mul(tf.cast(tf.logicalOr(tf.logicalNot(x.greater(0.5)), tf.logicalAnd(x.greater(0), x.less(1))), "float32")),
);
differentiable<tf.Tensor2D>("max", [3, 4], (x) => tf.max(x, 1));
differentiable<tf.Tensor2D>("max of all", [3, 4], (x) => tf.max(x));
differentiable("max over height and width", [2, 3, 4, 2], (x) => tf.max(x, [1, 2]));
differentiable<tf.Tensor2D>("min, axis kept", [3, 4], (x) => tf.min(x, 0, true));
for (const unary of [
  tf.relu,
  tf.relu6,
  tf.elu,
  tf.selu,
  tf.leakyRelu,
  tf.sigmoid,
  tf.tanh,
  tf.softplus,
  tf.exp,
  tf.square,
  tf.abs,
  tf.erf,
  tf.softmax,
  tf.logSoftmax,
  tf.logSumExp,
]) {
  differentiable<tf.Tensor2D>(unary.name, [2, 3], (x) => (unary as (x: tf.Tensor) => tf.Tensor)(x.mul(2)));
}
differentiable<tf.Tensor2D>("cross-entropy", [2, 3], (x) =>
  tf.losses.softmaxCrossEntropy(
    tf.tensor2d([
      [1, 0, 0],
      [0, 1, 0],
    ]),
    x,
  ),
);
differentiable<tf.Tensor2D>("matMul", [2, 3], (x) => tf.matMul(x, weights(3, 2)));
differentiable("localResponseNormalization", [1, 3, 3, 4], (x) => tf.localResponseNormalization(x, 2, 1, 0.5, 0.75));
differentiable<tf.Tensor2D>("pad, slice, concat, reverse, transpose, tile", [3, 4], (x) =>
  tf.concat(
    [
      x
        .pad([
          [1, 0],
          [0, 2],
        ])
        .slice([0, 1], [3, 4]),
      tf.reverse(x, 1),
      x.tile([2, 1]),
      x.transpose().reshape([3, 4]),
    ],
    0,
  ),
);
