import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { fgsm, normedGradient } from "../../../lib/attack/fgsm";
import { misclassified, targeted } from "../../../lib/attack/criterion";
import { carliniWagner } from "../../../lib/attack/carlini-wagner";
import { deepFool } from "../../../lib/attack/deep-fool";
import { fooling } from "../../../lib/attack/fooling";
import { pgd } from "../../../lib/attack/pgd";
import type { AttackOptions, AttackResult } from "../../../lib/attack/attack";
import { integratedGradients } from "../../../lib/attribution/integrated-gradients";
import { occlusion } from "../../../lib/attribution/occlusion";
import { saliency } from "../../../lib/attribution/saliency";
import { fromLayersModel, type FromLayersModelOptions } from "../../../lib/model/adapters";
import type { VisionModel } from "../../../lib/model/vision-model";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";
import { messageOf } from "./tiny-models";

/** flatten [1, 1, inputs] → dense without bias. @param weights [inputs][units] */
function dense(
  weights: number[][],
  activation?: "sigmoid" | "softmax" | "tanh",
  options: FromLayersModelOptions = {},
): VisionModel {
  const kernel = tf.tensor2d(weights);
  const network = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [1, 1, weights.length] }),
      tf.layers.dense({ units: weights[0].length, useBias: false, activation: activation as "sigmoid" }),
    ],
  });
  network.setWeights([kernel]);
  kernel.dispose();
  return fromLayersModel(network, { name: "small", ...options });
}

const pixels = (...values: number[]): tf.Tensor4D => tf.tensor4d(values, [1, 1, 1, values.length]);
const σ = (z: number): number => 1 / (1 + Math.exp(-z));
const near = (got: ArrayLike<number>, right: readonly number[], within = 1e-5): void => {
  expect(got.length).to.equal(right.length);
  right.forEach((value, i) => expect(got[i]).to.be.closeTo(value, within));
};

forEachBackend(() => {
  describe(`a network that ends in one sigmoid unit`, () => {
    const x = [1, 0.5, 0.25],
      z = 2.25,
      slope = σ(z) * (1 - σ(z));
    let model: VisionModel, images: tf.Tensor4D;
    beforeEach(() => {
      model = dense([[2], [1], [-1]], "sigmoid", { classNames: ["cat"] });
      images = pixels(...x);
    });
    afterEach(() => {
      model.dispose();
      images.dispose();
    });

    it("predicts what it says yes to, and what is left of 1 for no", async () => {
      expect(model.output).to.equal("sigmoid");
      const [top] = await model.predict(images);
      expect(top.map(({ index, name }) => [index, name])).to.deep.equal([
        [1, "cat"],
        [0, "not cat"],
      ]);
      near(
        top.map(({ probability }) => probability),
        [σ(z), 1 - σ(z)],
      );
      near(
        tf.tidy(() => model.logits(images).dataSync()),
        [z],
      );
    });
    it("is explained by its logit, its probability, and, the other way round, for the class it denies", async () => {
      const map = async (options: object): Promise<ArrayLike<number>> => {
        const made = await saliency(model, images, options);
        const values = made.values.dataSync();
        made.dispose();
        return values;
      };
      near(await map({}), [2, 1, -1]);
      near(await map({ score: "probability" }), [2 * slope, slope, -slope]);
      near(
        await map({ score: "log-probability" }),
        [2, 1, -1].map((w) => w * (1 - σ(z))),
      );
      near(await map({ target: "not cat" }), [-2, -1, 1]);
      near(await map({ target: 0, score: "probability" }), [-2 * slope, -slope, slope]);
    });
    it("integrated gradients and occlusion add up to, and fall by, the logit", async () => {
      const integral = await integratedGradients(model, images),
        covered = await occlusion(model, images, { window: [1, 1, 1], stride: [1, 1, 1] });
      near(integral.values.dataSync(), [2, 0.5, -0.25]);
      near(integral.convergenceDelta!.dataSync(), [0]);
      near(covered.values.dataSync(), [2, 0.5, -0.25]);
      [integral, covered].forEach((each) => each.dispose());
    });
    it("is fooled along its loss, and deepFool goes the shortest way to the boundary", async () => {
      const moved = await fgsm(model, images, { epsilon: 0.8 });
      near(moved.clipped.dataSync(), [0.2, 0, 1]);
      expect([moved.success, moved.predictedBefore, moved.predictedAfter]).to.deep.equal([[true], [1], [0]]);
      const shortest = await deepFool(model, images);
      expect(shortest.success).to.deep.equal([true]);
      // The boundary 2a + b − c = 0 is 2.25 / √6 away; pixels stay in [0, 1], so that b and c take less of the way than
      // in the open.
      expect(shortest.distance[0]).to.be.within(z / Math.sqrt(6), 1.3);
      [moved, shortest].forEach((each) => each.dispose());
    });
    it("reaches the class that it is told to", async () => {
      const reached = await fgsm(model, images, { epsilon: 0.8, target: "not cat" }),
        stays = await fgsm(model, images, { epsilon: 0.1, criterion: targeted("cat") });
      expect([reached.success, stays.success, stays.predictedBefore]).to.deep.equal([[true], [true], [1]]);
      near(reached.clipped.dataSync(), [0.2, 0, 1]);
      [reached, stays].forEach((each) => each.dispose());
    });
  });

  describe(`a network that ends in several sigmoids`, () => {
    let model: VisionModel, images: tf.Tensor4D;
    beforeEach(() => {
      model = dense([[5, 5, -5]], "sigmoid");
      images = pixels(1);
    });
    afterEach(() => {
      model.dispose();
      images.dispose();
    });

    it("gives each label its own probability", async () => {
      near(
        tf.tidy(() => model.probabilities(images).dataSync()),
        [σ(5), σ(5), σ(-5)],
      );
      const [top] = await model.predict(images);
      near(
        top.map(({ probability }) => probability),
        [0.993307, 0.993307, 0.006693],
      );
    });
    it("is fooled where the label is on the other side of one half, whatever the others say", async () => {
      const shifted = dense([[5, 5, -5]], "sigmoid", { preprocess: { mean: [0.5], std: [1] } });
      const off = await fgsm(shifted, images, { epsilon: 0.6 }),
        on = await fgsm(shifted, images, { epsilon: 0.6, target: 2 });
      near(off.clipped.dataSync(), [0.4]);
      expect([off.success, on.success]).to.deep.equal([[true], [true]]);
      const less = await fgsm(shifted, images, { epsilon: 0.4 }),
        labelled = await fgsm(shifted, images, { epsilon: 0, criterion: misclassified(2) });
      expect([less.success, labelled.success]).to.deep.equal([[false], [true]]);
      const way = await deepFool(shifted, images);
      expect(way.success).to.deep.equal([true]);
      expect(way.distance[0]).to.be.closeTo(0.5 * 1.02, 1e-3);
      [off, on, less, labelled, way].forEach((each) => each.dispose());
      shifted.dispose();
    });
    it("where no label is there, the likeliest is brought about", async () => {
      const none = dense([[-1, -2]], "sigmoid", { preprocess: { mean: [0.2], std: [1] } });
      const result = await fgsm(none, images, { epsilon: 1 });
      near(result.clipped.dataSync(), [0]);
      expect([result.success, result.iterations]).to.deep.equal([[true], [1]]);
      result.dispose();
      none.dispose();
    });
  });

  describe(`a regression`, () => {
    it("is explained, and not classified", async () => {
      const model = dense([[2], [1], [-1]]),
        images = pixels(1, 0.5, 0.25);
      expect(model.output).to.equal("linear");
      const [[only]] = await model.predict(images);
      expect([only.name, only.probability]).to.deep.equal(["output 0", NaN]);
      expect(only.value).to.be.closeTo(2.25, 1e-5);
      const map = await saliency(model, images);
      near(map.values.dataSync(), [2, 1, -1]);
      map.dispose();
      const attacks: Array<(options: AttackOptions & { epsilon: number }) => Promise<AttackResult>> = [
        (options) => fgsm(model, images, options),
        (options) => normedGradient(model, images, options),
        (options) => pgd(model, images, options),
        (options) => deepFool(model, images, options),
        (options) => carliniWagner(model, images, options),
        (options) => fooling(model, images, { ...options, target: 0 }),
      ];
      for (const attack of attacks)
        expect(await messageOf(() => attack({ epsilon: 0.1 }))).to.match(
          /output of small is "?linear.*output: "softmax"/,
        );
      expect(await messageOf(() => saliency(model, images, { score: "probability" }))).to.match(
        /linear.*score: "probability"/,
      );
      expect(await messageOf(() => model.probabilities(images))).to.contain("softmax or sigmoid");
      images.dispose();
      model.dispose();
    });
    it("of several numbers says which one is asked about", async () => {
      const model = dense([[2, 1]], undefined, { output: "linear", classNames: ["height", "weight"] }),
        images = pixels(0.5);
      expect(await messageOf(() => saliency(model, images))).to.match(
        /target is undefined; allowed: an output of small: height, weight/,
      );
      const map = await saliency(model, images, { target: "weight" });
      near(map.values.dataSync(), [1]);
      map.dispose();
      images.dispose();
      model.dispose();
    });
  });

  it(`all of it leaves no tensors behind`, async () => {
    const model = dense([[5, 5, -5]], "sigmoid"),
      images = pixels(1);
    expect(
      await tensorsLeft(async () => {
        for (const made of [
          await saliency(model, images, { score: "probability" }),
          await fgsm(model, images, { epsilon: 0.5 }),
          await deepFool(model, images),
        ])
          made.dispose();
      }),
    ).to.equal(0);
    images.dispose();
    model.dispose();
  });
});

describe("what a network's outputs are", () => {
  const kind = (
    units: number,
    activation?: "sigmoid" | "softmax" | "tanh",
    options?: FromLayersModelOptions,
  ): string | undefined => {
    const model = dense([new Array<number>(units).fill(1)], activation, options),
      { output } = model;
    model.dispose();
    return output;
  };
  it("is told by its last layers", () => {
    expect([
      kind(1, "sigmoid"),
      kind(3, "sigmoid"),
      kind(3, "softmax"),
      kind(3),
      kind(1),
      kind(2, "tanh"),
    ]).to.deep.equal(["sigmoid", "sigmoid", "softmax", "softmax", "linear", "linear"]);
  });
  it("or by the caller, who may not contradict them", async () => {
    expect([
      kind(3, undefined, { output: "sigmoid" }),
      kind(1, undefined, { output: "sigmoid" }),
      kind(3, "softmax", { output: "linear" }),
    ]).to.deep.equal(["sigmoid", "sigmoid", "linear"]);
    expect(await messageOf(() => kind(3, "sigmoid", { output: "softmax" }))).to.match(
      /output is "softmax"; allowed: sigmoid/,
    );
  });
  it("names are asked for one by one", async () => {
    expect(await messageOf(() => dense([[1]], "sigmoid", { classNames: ["a", "b", "c"] }))).to.contain(
      "what the sigmoid says no to and what it says yes to",
    );
  });
});

describe("a network of several heads", () => {
  const twoHeads = (): tf.LayersModel => {
    const input = tf.input({ shape: [1, 1, 2] }),
      flat = tf.layers.flatten().apply(input) as tf.SymbolicTensor;
    const kind = tf.layers.dense({ units: 3, activation: "softmax", name: "kind" }).apply(flat) as tf.SymbolicTensor;
    const age = tf.layers.dense({ units: 1, name: "age" }).apply(flat) as tf.SymbolicTensor;
    return tf.model({ inputs: input, outputs: [kind, age] });
  };
  it("is asked which one is meant, and explains that one", async () => {
    const network = twoHeads();
    expect(await messageOf(() => fromLayersModel(network))).to.match(
      /head is undefined; allowed: .*kind \[3\], age \[1\]/,
    );
    expect(await messageOf(() => fromLayersModel(network, { head: "agee" }))).to.contain("Did you mean age?");
    const age = fromLayersModel(network, { head: "age" }),
      kind = fromLayersModel(network, { head: 0 });
    expect([age.output, kind.output, kind.classNames.length]).to.deep.equal(["linear", "softmax", 3]);
    const x = pixels(0.25, 0.75),
      map = await saliency(age, x),
      weights = network.getLayer("age").getWeights()[0].dataSync();
    near(map.values.dataSync(), Array.from(weights));
    near(
      tf.tidy(() => kind.probabilities(x).dataSync()),
      Array.from(tf.tidy(() => (network.predict(x) as tf.Tensor[])[0].dataSync())),
    );
    tf.dispose([x]);
    map.dispose();
    age.dispose();
  });
});
