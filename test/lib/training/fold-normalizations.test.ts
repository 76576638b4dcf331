import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { ready } from "../../../lib/backend";
import { deepNetwork } from "../../../lib/model/architectures/deep-network";
import { foldNormalizations } from "../../../lib/training/fold-normalizations";
import { random } from "../../../lib/core/random";
import { relativeError } from "../../helpers/finite-difference";
import { tensorsLeft } from "../../helpers/backends";

describe("folded batch normalizations", function () {
  this.timeout(60_000);
  before(() => ready());

  it("leave a network without them that computes the same", async () => {
    expect(
      await tensorsLeft(async () => {
        const inputShape: [number, number, number] = [16, 16, 3];
        const options = { inputShape, classes: 4, poolings: 3, filters: [4, 5, 6, 7, 8, 9] as const };
        const trained = deepNetwork({ ...options, normalized: true }),
          plain = deepNetwork({ ...options, seed: 2 });
        const { uniform } = random(3);
        // As after a training: no two filters alike, scales of both signs, variances above 0.
        tf.tidy(() =>
          trained.layers.forEach((layer) =>
            layer.setWeights(
              layer.getWeights().map((weight, i) => {
                const variance = layer.getClassName() === "BatchNormalization" && i === 3;
                const value = (): number => (variance ? 0.3 + uniform() : uniform() - 0.4);
                return tf.tensor(Float32Array.from({ length: weight.size }, value), weight.shape);
              }),
            ),
          ),
        );
        foldNormalizations(trained, plain);
        const [wanted, got] = tf.tidy(() => {
          const x = tf.tensor4d(Float32Array.from({ length: 5 * 768 }, uniform), [5, 16, 16, 3]);
          return [trained, plain].map((model) => (model.apply(x, { training: false }) as tf.Tensor).dataSync());
        });
        expect(plain.layers.some(({ name }) => name.startsWith("norm"))).to.equal(false);
        expect(relativeError(got, wanted)).to.be.below(1e-5);
        trained.dispose();
        plain.dispose();
      }),
    ).to.equal(0);
  });

  it("are of networks of the same layers only", () => {
    const trained = deepNetwork({ inputShape: [16, 16, 1], classes: 3, poolings: 2, normalized: true });
    const other = tf.sequential({ layers: [tf.layers.dense({ name: "elsewhere", units: 2, inputShape: [3] })] });
    expect(() => foldNormalizations(trained, other)).to.throw(/^trained is "no layer elsewhere"/);
    for (const each of [trained, other]) each.dispose();
  });
});
