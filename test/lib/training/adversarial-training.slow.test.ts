import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { fromLayersModel } from "../../../lib/model/adapters";
import { adversariesThroughTraining, measureAdversaries } from "../../../lib/training/adversaries-through-training";
import { train, type TrainOptions } from "../../../lib/training/train";
import { random } from "../../../lib/core/random";
import { failure } from "../data/helpers";
import { tensorsLeft } from "../../helpers/backends";
import { spotNetwork, spots, weightsOf } from "../../helpers/spots";

/** Logits W x + b of 2×2 grey pictures, three classes, all by arrays. */
const weights = [0.5, -0.2, 0.1, -0.7, 0.3, 0.4, 0.2, 0.6, -0.5, -0.1, -0.3, 0.8],
  biases = [0.05, -0.1, 0.02];
function linear(): tf.LayersModel {
  const input = tf.input({ shape: [2, 2, 1] });
  const logits = tf.layers
    .dense({ name: "logits", units: 3 })
    .apply(tf.layers.flatten().apply(input)) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: tf.layers.softmax().apply(logits) as tf.SymbolicTensor });
  const values = [tf.tensor2d(weights, [4, 3]), tf.tensor1d(biases)];
  model.setWeights(values);
  tf.dispose(values);
  return model;
}

/** Probabilities minus the label: the gradient of the cross-entropy with respect to the logits. */
function residual(picture: number[], label: number): number[] {
  const logits = [0, 1, 2].map(
    (k) => biases[k] + picture.reduce((sum, value, i) => sum + value * weights[i * 3 + k], 0),
  );
  const exponentials = logits.map(Math.exp),
    sum = exponentials.reduce((a, b) => a + b);
  return exponentials.map((value, k) => value / sum - (k === label ? 1 : 0));
}

/**
 * The weights after one step of gradient descent on pictures of which the first `attacked` are moved by FGSM, by loops.
 */
function oneStep(pictures: number[][], labels: number[], attacked: number, epsilon: number, rate: number): number[] {
  const after = [...weights, ...biases];
  pictures.forEach((picture, n) => {
    const slope = residual(picture, labels[n]);
    const shown =
      n >= attacked
        ? picture
        : picture.map((value, i) => {
            const gradient = slope.reduce((sum, d, k) => sum + d * weights[i * 3 + k], 0);
            return Math.min(1, Math.max(0, value + epsilon * Math.sign(gradient)));
          });
    residual(shown, labels[n]).forEach((d, k) => {
      shown.forEach((value, i) => {
        after[i * 3 + k] -= (rate * d * value) / pictures.length;
      });
      after[12 + k] -= (rate * d) / pictures.length;
    });
  });
  return after;
}

describe("training on adversarial images", () => {
  before(() => ready());
  // One minibatch, at the first step of the warm-up: a thousandth of the learning rate.
  const options: TrainOptions = { epochs: 1, batchSize: 5, optimizer: "momentum", learningRate: 500, seed: 4 };
  const chance = random(9),
    pictures = Array.from({ length: 5 }, () => Array.from({ length: 4 }, () => chance.uniform())),
    labels = [0, 2, 1, 1, 0];
  const data = { pixels: Float32Array.from(pictures.flat()), labels, shape: [2, 2, 1] as const };

  for (const [share, attacked] of [
    [undefined, 3],
    [1, 5],
    [0.2, 1],
    [0.01, 1],
  ] as const) {
    it(
      `takes the step that one takes by hand with ${attacked} of 5 images moved (share ` +
        `${share ?? "as it is by default"})`,
      async () => {
        const model = linear(),
          order = Array.from(random(4, 0).permutation(5));
        await train(model, data, { ...options, adversarial: { epsilon: 0.3, ...(share !== undefined && { share }) } });
        const wanted = oneStep(
            order.map((i) => pictures[i]),
            order.map((i) => labels[i]),
            attacked,
            0.3,
            0.5,
          ),
          got = weightsOf(model);
        got.forEach((value, i) => expect(value, `weight ${i}`).to.be.closeTo(wanted[i], 2e-6));
        const plain = oneStep(
          order.map((i) => pictures[i]),
          order.map((i) => labels[i]),
          0,
          0.3,
          0.5,
        );
        expect(Math.max(...plain.map((value, i) => Math.abs(value - wanted[i])))).to.be.above(1e-3);
        model.dispose();
      },
    );
  }

  it("leaves no tensors behind, and names what it cannot take", async () => {
    const model = linear();
    await train(model, data, { ...options, adversarial: { epsilon: 0.3 } });
    expect(await tensorsLeft(() => train(model, data, { ...options, adversarial: { epsilon: 0.3 } }))).to.equal(0);
    expect((await failure(() => train(model, data, { ...options, adversarial: { epsilon: 0 } }))).message).to.match(
      /^adversarial\.epsilon is 0; allowed: a number above 0 and at most 1/,
    );
    expect(
      (await failure(() => train(model, data, { ...options, adversarial: { epsilon: 0.1, share: 2 } }))).message,
    ).to.match(/^adversarial\.share is 2/);
    model.dispose();
  });
});

describe("adversaries through training", function () {
  this.timeout(60_000);
  const data = spots(200, 1),
    test = spots(60, 2),
    options = { epochs: 5, batchSize: 16, learningRate: 0.02, seed: 3 },
    epsilon = [0.05, 0.2];
  let images: tf.Tensor4D;
  const labels = Array.from(test.labels);
  before(async () => {
    await ready();
    images = tf.tensor4d(test.pixels, [60, 6, 6, 1]);
  });
  after(() => images.dispose());

  it("measures before training and after each epoch what is measured alone, and trains as without it", async () => {
    const watched = spotNetwork(),
      plain = spotNetwork(),
      seen: number[] = [];
    const alone = [await measureAdversaries(fromLayersModel(plain), images, labels, { epsilon })];
    await train(plain, data, {
      ...options,
      onEpoch: async () => {
        alone.push(await measureAdversaries(fromLayersModel(plain), images, labels, { epsilon }));
      },
    });
    const epochs = await adversariesThroughTraining(watched, data, {
      ...options,
      images: { images, labels },
      epsilon,
      onEpoch: ({ epoch }) => {
        seen.push(epoch);
      },
    });
    expect(epochs).to.deep.equal(alone.map((each, epoch) => ({ epoch, ...each })));
    expect(seen).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(Math.max(...weightsOf(watched).map((value, i) => Math.abs(value - weightsOf(plain)[i])))).to.be.below(1e-6);
    expect(epochs[5].accuracy).to.be.above(0.9).and.above(epochs[0].accuracy);
    tf.dispose([watched, plain].map((model) => model.getWeights()).flat());
  });

  it("retraining on adversarial images makes it harder to fool, and plain training as long does not", async () => {
    const robust: number[] = [];
    for (const adversarial of [undefined, { epsilon: 0.2, share: 0.5 }]) {
      const model = spotNetwork();
      await train(model, data, { ...options, epochs: 8 });
      const epochs = await adversariesThroughTraining(model, data, {
        ...options,
        epochs: 8,
        images: { images, labels },
        epsilon: 0.2,
        adversarial,
      });
      robust.push(epochs[0].points[0].robustAccuracy, epochs[8].points[0].robustAccuracy);
      model.dispose();
    }
    const [before, plain, same, retrained] = robust;
    expect(same).to.equal(before);
    expect(retrained)
      .to.be.above(before + 0.1)
      .and.above(plain + 0.1);
  });

  it("leaves no tensors behind, also when it is stopped", async () => {
    const model = spotNetwork();
    await train(model, data, { ...options, epochs: 1 });
    const through = (signal?: AbortSignal) =>
      adversariesThroughTraining(model, data, {
        ...options,
        epochs: 1,
        images: { images, labels },
        epsilon,
        adversarial: { epsilon: 0.1 },
        signal,
      });
    expect(await tensorsLeft(() => through())).to.equal(0);
    const stop = new AbortController();
    expect(
      (
        await failure(() =>
          adversariesThroughTraining(model, data, {
            ...options,
            images: { images, labels },
            epsilon,
            signal: stop.signal,
            onEpoch: ({ epoch }) => {
              if (epoch === 1) stop.abort();
            },
          }),
        )
      ).name,
    ).to.equal("InterruptedError");
    expect(await tensorsLeft(() => through(AbortSignal.abort()).catch(() => undefined))).to.equal(0);
    model.dispose();
  });

  it("names what it cannot take before anything is trained", async () => {
    const model = spotNetwork(),
      before = weightsOf(model);
    const refused = async (changed: object, message: RegExp): Promise<void> => {
      expect(
        (
          await failure(() =>
            adversariesThroughTraining(model, data, {
              ...options,
              images: { images, labels },
              epsilon,
              ...changed,
            } as never),
          )
        ).message,
      ).to.match(message);
    };
    await refused({ epsilon: 2 }, /^epsilon is 2/);
    await refused({ epsilon: undefined }, /^epsilon is undefined/);
    await refused({ epochs: 0 }, /^epochs is 0/);
    await refused({ images: undefined }, /^images is undefined; allowed: \{ images, labels \}/);
    await refused({ images: { images } }, /^images\.labels is undefined/);
    await refused({ images: { images, labels: [0] } }, /^the number of targets is 1/);
    await refused({ adversarial: { epsilon: -1 } }, /^adversarial\.epsilon is -1/);
    expect(weightsOf(model)).to.deep.equal(before);
    model.dispose();
  });
});
