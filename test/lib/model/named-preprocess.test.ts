import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { compile, ready } from "../../../lib/backend";
import { fromLayersModel } from "../../../lib/model/adapters";
import { loadModel } from "../../../lib/model/load-model";
import { normalizationOf, preprocessor } from "../../../lib/model/preprocess";
import { saveModel } from "../../../lib/model/save-model";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";
import { relativeError } from "../../helpers/finite-difference";
import { messageOf, sequential, threeNames } from "./tiny-models";
import type { Preprocess } from "../../../lib/model/network-options";

/** What keras.applications.imagenet_utils.preprocess_input does to a pixel of 0 to 255, by its `mode`. */
const keras = {
  tf: (rgb: number[]): number[] => rgb.map((value) => value / 127.5 - 1),
  torch: (rgb: number[]): number[] =>
    rgb.map((value, c) => (value / 255 - [0.485, 0.456, 0.406][c]) / [0.229, 0.224, 0.225][c]),
  caffe: ([red, green, blue]: number[]): number[] => [blue - 103.939, green - 116.779, red - 123.68],
};
const pixels = [
  [0, 128, 255],
  [255, 10, 77],
  [3, 200, 150],
  [90, 91, 92],
];

describe("preprocessing by name", () => {
  before(async () => {
    await ready();
  });

  forEachBackend(() => {
    for (const [name, wanted] of [
      ["mobilenet", keras.tf],
      ["-1..1", keras.tf],
      ["imagenet", keras.torch],
      ["torchvision", keras.torch],
      ["caffe-bgr", keras.caffe],
    ] as const) {
      it(`${name}: what Keras does, its gradient is the inverse of the steps, and nothing is left`, async () => {
        expect(
          await tensorsLeft(() => {
            const images = tf.tidy(() => tf.div(tf.tensor4d(pixels.flat(), [1, 2, 2, 3]), 255)),
              apply = preprocessor(name, 3);
            const made = apply(images);
            expect(relativeError(made.dataSync(), pixels.flatMap(wanted))).to.be.below(1e-6);
            // The sum of what becomes of each channel, weighted: its slope along the input's channels.
            const slope = tf.tidy(() => tf.grad((x) => tf.sum(tf.mul(apply(x), [1, 10, 100])))(images));
            const each = [0, 1, 2].map((c) => {
              const step = [0, 1, 2].map((at) => (at === c ? 255 : 0)),
                [zero, one] = [wanted([0, 0, 0]), wanted(step)];
              return [1, 10, 100].reduce((sum, weight, at) => sum + weight * (one[at] - zero[at]), 0);
            });
            expect(
              relativeError(
                slope.dataSync(),
                pixels.flatMap(() => each),
              ),
            ).to.be.below(1e-6);
            tf.dispose([images, made, slope]);
          }),
        ).to.equal(0);
      });
    }
  });

  it("is part of a compiled graph", async () => {
    const images = tf.randomUniform([1, 4, 4, 3], 0, 1, "float32", 5),
      apply = preprocessor("caffe-bgr", 3);
    const compiled = await compile((x: tf.Tensor) => apply(x));
    expect(relativeError((compiled(images) as tf.Tensor).dataSync(), apply(images).dataSync())).to.be.below(1e-6);
  });

  it("none leaves images as they are, and has no space of its own", () => {
    const images = tf.ones([1, 2, 2, 3]);
    expect(preprocessor("none", 3)(images)).to.equal(images);
    expect(normalizationOf("none")).to.equal(undefined);
    expect(normalizationOf("mobilenet")).to.deep.equal({ mean: [0.5], std: [0.5] });
  });

  it("goes with a stored network, and what a caller says goes before it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vitrine-named-"));
    try {
      const network = sequential(),
        x = tf.randomUniform([1, 4, 4, 1], 0, 1, "float32", 3) as tf.Tensor4D;
      await saveModel(network, folder, { classNames: threeNames, preprocess: "mobilenet" });
      const logits = async (options: { preprocess?: Preprocess }): Promise<ArrayLike<number>> =>
        (await loadModel(folder, options)).logits(x).dataSync();
      const byHand = fromLayersModel(network)
        .logits(tf.sub(tf.mul(x, 2), 1))
        .dataSync();
      expect(relativeError(await logits({}), byHand)).to.be.below(1e-6);
      expect(
        relativeError(await logits({ preprocess: "none" }), fromLayersModel(network).logits(x).dataSync()),
      ).to.be.below(1e-6);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("refuses unknown names, and those for colour where there is none", async () => {
    expect(await messageOf(() => preprocessor("mobilnet" as never, 3))).to.match(
      /preprocess is "mobilnet"; allowed: imagenet, .* Did you mean mobilenet\?$/,
    );
    expect(await messageOf(() => preprocessor("caffe-bgr", 1))).to.match(
      /preprocess is "caffe-bgr"; allowed: one for 1 channel: mobilenet, -1\.\.1, none/,
    );
    expect(
      await messageOf(() => fromLayersModel(sequential(), { preprocess: "mobilenet", bounds: [0, 255] })),
    ).to.match(/bounds is \[0, 255\]; allowed: \[0, 1\] with preprocess "mobilenet"/);
    expect(await messageOf(() => preprocessor("toString" as never, 3))).to.match(/preprocess is "toString"/);
  });
});
