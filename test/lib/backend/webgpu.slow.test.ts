import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { backAsChosen, onWebgpu } from "../../helpers/webgpu";
import { cases } from "./gradient-cases";
import { comparesOnWebgpu } from "./webgpu-gradient";

/** What webgpu has wrong by itself, and one of each kind of layer; all cases are in the soak run. */
const some = [
  "conv2d, stride 2, same",
  "depthwiseConv2d, stride 1, same",
  "maxPool, stride 2, same",
  "avgPool, stride 2, same",
  "resizeBilinear to 7×9, half-pixel centres",
  "resizeNearestNeighbor to 3×2, half-pixel centres",
  "batchNorm",
  "logSumExp__op",
  "softmax__op",
  "matMul",
];

describe("webgpu", function () {
  this.timeout(60_000);
  before("backend webgpu", async function () {
    await onWebgpu(this);
  });
  after("backend as chosen", backAsChosen);

  for (const each of cases.filter(([name]) => some.includes(name))) {
    it(`gradient of ${each[0]} against central differences of the chosen backend`, () => comparesOnWebgpu(each));
  }

  it("tests each of those", () => {
    expect(cases.filter(([name]) => some.includes(name))).to.have.length(some.length);
  });

  it("sends the gradient of a flat max-pool to the first pixel of each window", async () => {
    const gradient = tf.tidy(() => tf.grad((x) => tf.maxPool(x as tf.Tensor4D, 3, 2, "same"))(tf.zeros([1, 4, 4, 1])));
    expect(Array.from(await gradient.data())).to.deep.equal([1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]);
    gradient.dispose();
  });

  it("refuses to read synchronously in one line that says what to do", () => {
    const sum = tf.tidy(() => tf.add(tf.ones([3]), 1).square());
    const large = tf.tidy(() => tf.matMul(tf.ones([64, 64]), tf.ones([64, 64])));
    expect(() => large.dataSync()).to.throw(
      /^On webgpu values cannot be read synchronously[^\n]*await tensor\.data\(\)[^\n]*$/,
    );
    tf.dispose([sum, large]);
  });
});
