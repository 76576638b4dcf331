import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { fromLayersModel } from "../../../lib/model/adapters";
import { tensorsLeft } from "../../helpers/backends";
import { finiteDifference, relativeError } from "../../helpers/finite-difference";
import { branched, messageOf, nested, pictures, sequential, threeNames } from "./tiny-models";

describe("fromLayersModel", () => {
  before(async () => {
    await ready();
  });

  const networks: Array<[string, () => tf.LayersModel, [number, number, number, number]]> = [
    ["two branches and a Softmax layer", branched, [3, 5, 5, 2]],
    ["sequential, batch norm, dropout, softmax inside a dense layer", sequential, [3, 4, 4, 1]],
  ];
  for (const [title, build, shape] of networks) {
    it(`gives the logits before the softmax: ${title}`, () => {
      const network = build(),
        model = fromLayersModel(network, { classNames: threeNames });
      const x = pictures(shape);
      const logits = model.logits(x);
      // TF.js's own run of the whole network is the oracle: log p = logits − log Σ exp(logits).
      const probabilities = network.predict(x) as tf.Tensor;
      const constant = tf.tidy(() => tf.sub(logits, tf.log(probabilities)).arraySync()) as number[][];
      for (const row of constant) for (const value of row) expect(value).to.be.closeTo(row[0], 1e-5);
      expect(relativeError(model.probabilities(x).dataSync(), probabilities.dataSync())).to.be.below(1e-5);
      expect(logits.sum(1).abs().min().dataSync()[0], "log-probabilities, not logits").to.be.greaterThan(1e-4);
      model.dispose();
    });

    it(`has the gradient of a finite difference: ${title}`, () => {
      const model = fromLayersModel(build(), { classNames: threeNames });
      const x = pictures([1, ...shape.slice(1)] as [number, number, number, number], 23);
      const score = (images: tf.Tensor): tf.Tensor => tf.mul(model.logits(images as tf.Tensor4D), [[0, 1, 0]]);
      const gradient = tf.tidy(() => tf.grad((images) => tf.sum(score(images)))(x));
      expect(gradient.abs().max().dataSync()[0], "a dead network proves nothing").to.be.greaterThan(1e-3);
      expect(relativeError(gradient.dataSync(), finiteDifference(score, x, 2e-3))).to.be.below(1e-2);
      model.dispose();
    });

    it(`leaves no tensors: ${title}`, async () => {
      expect(
        await tensorsLeft(async () => {
          const model = fromLayersModel(build(), { classNames: threeNames });
          const x = pictures(shape);
          const before = tf.memory().numTensors;
          const results = [
            model.logits(x),
            model.probabilities(x),
            model.activations(x, model.layers()[1].name),
            model.logits(x, (_, output) => output),
          ];
          await model.predict(x);
          await messageOf(() => model.activations(x, "nowhere"));
          await messageOf(() =>
            model.logits(x, () => {
              throw new Error("tap");
            }),
          );
          expect(tf.memory().numTensors - before).to.equal(results.length);
          tf.dispose([x, ...results]);
          model.dispose();
        }),
      ).to.equal(0);
    });
  }

  it("shows every layer's output to a tap, and takes what the tap puts in its place", () => {
    const network = branched(),
      model = fromLayersModel(network, { classNames: threeNames });
    const x = pictures([2, 5, 5, 2]);
    const seen = new Map<string, tf.Tensor>();
    const plain = model.logits(x, (layer, output) => {
      seen.set(layer, tf.keep(tf.clone(output)));
      return output;
    });
    expect([...seen.keys()].sort()).to.deep.equal(["flat", "left", "pool", "right", "scores", "stem", "sum"]);
    expect(
      relativeError(seen.get("sum")!.dataSync(), tf.add(seen.get("left")!, seen.get("right")!).dataSync()),
    ).to.be.below(1e-6);
    expect(relativeError(seen.get("scores")!.dataSync(), plain.dataSync())).to.equal(0);
    // Without the right branch the network is: the left branch through the dense layer.
    const cut = model.logits(x, (layer, output) => (layer === "right" ? tf.zerosLike(output) : output));
    const [kernel, bias] = network.getLayer("scores").getWeights();
    const expected = tf.add(tf.matMul(seen.get("left")!.reshape([2, -1]), kernel as tf.Tensor2D), bias);
    expect(relativeError(cut.dataSync(), expected.dataSync())).to.be.below(1e-5);
  });

  it("lets a gradient flow to a layer through a tap", () => {
    const model = fromLayersModel(branched(), { classNames: threeNames });
    const x = pictures([1, 5, 5, 2]);
    const zero = tf.zeros([1, 5, 5, 3]);
    const score = (added: tf.Tensor): tf.Tensor =>
      tf.slice(
        model.logits(x, (layer, output) => (layer === "sum" ? tf.add(output, added) : output)),
        [0, 2],
        [1, 1],
      );
    const gradient = tf.grad((added) => tf.sum(score(added)))(zero);
    expect(relativeError(gradient.dataSync(), finiteDifference(score, zero, 1e-2))).to.be.below(1e-3);
  });

  it("has a gradient through batch norm without scale or centre", () => {
    for (const options of [{ scale: false }, { center: false }, { scale: false, center: false }]) {
      const network = tf.sequential({
        layers: [
          tf.layers.batchNormalization({ inputShape: [2, 2, 2], ...options }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 2, kernelInitializer: tf.initializers.glorotNormal({ seed: 3 }) }),
        ],
      });
      const model = fromLayersModel(network),
        x = pictures([1, 2, 2, 2]);
      const score = (images: tf.Tensor): tf.Tensor => tf.square(model.logits(images as tf.Tensor4D));
      expect(
        relativeError(
          tf
            .grad((images) => tf.sum(score(images)))(x)
            .dataSync(),
          finiteDifference(score, x, 1e-2),
        ),
        JSON.stringify(options),
      ).to.be.below(1e-3);
    }
  });

  it("lists layers with kinds and shapes, and gives the outputs TF.js gives", () => {
    const network = sequential(),
      model = fromLayersModel(network, { classNames: threeNames });
    expect(model.layers().map(({ name, kind, outputShape }) => [name, kind, ...outputShape])).to.deep.equal([
      ["conv", "Conv2D", 3, 3, 2],
      ["norm", "BatchNormalization", 3, 3, 2],
      ["relu", "Activation", 3, 3, 2],
      ["drop", "Dropout", 3, 3, 2],
      ["flat", "Flatten", 18],
      ["probabilities", "Dense", 3],
    ]);
    const x = pictures([2, 4, 4, 1]);
    for (const { name } of model.layers()) {
      const part = tf.model({ inputs: network.inputs, outputs: network.getLayer(name).output as tf.SymbolicTensor });
      expect(
        relativeError(model.activations(x, name).dataSync(), (part.predict(x) as tf.Tensor).dataSync()),
        name,
      ).to.be.below(1e-5);
    }
  });

  it("opens nested networks, and tells layers of the same name apart", () => {
    const network = nested("conv"),
      model = fromLayersModel(network, { classNames: ["a", "b"] });
    expect(model.layers().map((layer) => layer.name)).to.deep.equal(["conv", "body/conv", "mean", "scores"]);
    const x = pictures([2, 4, 4, 1]);
    expect(relativeError(model.logits(x).dataSync(), (network.predict(x) as tf.Tensor).dataSync())).to.be.below(1e-6);
    expect(model.activations(x, "body/conv").shape).to.deep.equal([2, 3, 3, 3]);
  });

  it("keeps a softmax that is not the end of the network", () => {
    const input = tf.input({ shape: [2, 2, 1] });
    const attention = tf.layers.dense({ units: 3, activation: "softmax" }).apply(tf.layers.flatten().apply(input));
    const network = tf.model({
      inputs: input,
      outputs: tf.layers.dense({ units: 3 }).apply(attention) as tf.SymbolicTensor,
    });
    const model = fromLayersModel(network, { classNames: threeNames }),
      x = pictures([2, 2, 2, 1]);
    expect(relativeError(model.logits(x).dataSync(), (network.predict(x) as tf.Tensor).dataSync())).to.be.below(1e-6);
  });

  it("takes out a softmax that only a reshape follows", () => {
    const network = tf.sequential({
      layers: [
        tf.layers.conv2d({ inputShape: [2, 2, 1], filters: 3, kernelSize: 2, activation: "softmax" }),
        tf.layers.flatten(),
      ],
    });
    const model = fromLayersModel(network, { classNames: threeNames }),
      x = pictures([2, 2, 2, 1]);
    const [kernel, bias] = network.layers[0].getWeights();
    const expected = tf.add(tf.matMul(x.reshape([2, 4]), kernel.reshape([4, 3])), bias);
    expect(relativeError(model.logits(x).dataSync(), expected.dataSync())).to.be.below(1e-5);
  });

  it("normalises inside, so that gradients are with respect to the picture", () => {
    const network = branched(),
      x = pictures([1, 5, 5, 2]);
    const plain = fromLayersModel(network, { classNames: threeNames });
    const model = fromLayersModel(network, {
      classNames: threeNames,
      preprocess: { mean: [0.5, 0.25], std: [0.2, 0.1] },
    });
    const normalised = tf.div(tf.sub(x, [0.5, 0.25]), [0.2, 0.1]) as tf.Tensor4D;
    expect(relativeError(model.logits(x).dataSync(), plain.logits(normalised).dataSync())).to.be.below(1e-5);
    const inside = tf.grad((images) => tf.sum(model.logits(images as tf.Tensor4D)))(x);
    const outside = tf.div(tf.grad((images) => tf.sum(plain.logits(images as tf.Tensor4D)))(normalised), [0.2, 0.1]);
    expect(relativeError(inside.dataSync(), outside.dataSync())).to.be.below(1e-4);
  });

  it("predicts the most probable classes, first ones first, of one picture or many", async () => {
    const model = fromLayersModel(branched(), { classNames: threeNames });
    const x = pictures([40, 5, 5, 2]);
    const predictions = await model.predict(x, { top: 2 });
    const probabilities = (await model.probabilities(x).array()) as number[][];
    expect(predictions).to.have.length(40);
    predictions.forEach((top, i) => {
      const sorted = probabilities[i]
        .map((probability, index) => ({ index, name: threeNames[index], probability }))
        .sort((a, b) => b.probability - a.probability);
      expect(top.map(({ name, index }) => [name, index])).to.deep.equal(
        sorted.slice(0, 2).map(({ name, index }) => [name, index]),
      );
      expect(top[0].probability).to.be.closeTo(sorted[0].probability, 1e-6);
    });
    const alone = await model.predict(tf.slice(x, 7, 1).squeeze([0]) as tf.Tensor3D);
    expect(alone[0].map(({ index }) => index))
      .to.include.members([0, 1, 2])
      .and.to.have.length(3);
    expect(await messageOf(() => model.predict(x, { top: 0 }))).to.contain("top is 0");
  });

  it("shares its weights with the network it was made of", () => {
    const network = sequential(),
      model = fromLayersModel(network, { classNames: threeNames }),
      x = pictures([1, 4, 4, 1]);
    const last = network.getLayer("probabilities");
    const [kernel, bias] = last.getWeights();
    const before = model.logits(x).dataSync();
    last.setWeights([kernel, tf.add(bias, 1)]);
    const after = model.logits(x).dataSync();
    after.forEach((value, i) => expect(value).to.be.closeTo(before[i] + 1, 1e-5));
  });

  it("refuses, in one line, what it cannot use", async () => {
    const model = fromLayersModel(branched(), { classNames: threeNames, name: "tiny" });
    const x = pictures([1, 5, 5, 2]);
    expect(await messageOf(() => model.activations(x, "steam")))
      .to.match(/layer is "steam".*"?stem/)
      .and.not.contain("\n");
    expect(await messageOf(() => model.logits(pictures([1, 5, 4, 2]))))
      .to.contain("[1, 5, 4, 2]")
      .and.contain("[batch, 5, 5, 2] for tiny");
    expect(await messageOf(() => fromLayersModel(branched(), { classNames: ["one"] })))
      .to.contain("1 names")
      .and.contain("3, one for each output");
    expect(
      await messageOf(() => fromLayersModel(branched(), { preprocess: { mean: [0.5, 0.5, 0.5], std: [1, 1] } })),
    ).to.contain("preprocess.mean");
    expect(
      await messageOf(() => fromLayersModel(branched(), { preprocess: { mean: [0, 0], std: [1, 0] } })),
    ).to.contain("preprocess.std");
    expect(await messageOf(() => fromLayersModel(branched(), { inputShape: [5, 4, 2] }))).to.contain(
      "inputShape is [5, 4, 2]; allowed: [5, 5, 2]",
    );
    expect(await messageOf(() => fromLayersModel(branched(), { output: "sigmoid" }))).to.match(
      /output is "sigmoid"; allowed: softmax/,
    );
    model.dispose();
    model.dispose();
    expect(await messageOf(() => model.logits(x))).to.contain('model tiny is "disposed"');
  });
});
