// What becomes of an image depends neither on its place in a batch, nor on what is beside it, nor on how the batch is
// cut.
import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import type { AttackOptions, AttackResult } from "../../lib/attack/attack";
import { attackMethods } from "../../lib/attack/methods";
import { attributionMethods } from "../../lib/attribution/methods";
import { fromLayersModel } from "../../lib/model/adapters";
import type { VisionModel } from "../../lib/model/vision-model";
import {
  classVisualization,
  maximize,
  objectives,
  parametrizations,
  regularizers,
  transforms,
  type Objective,
  type Visualization,
} from "../../lib/visualize";
import { forEachBackend } from "../helpers/backends";
import { tinyImages, tinyModel, tinyPixelsOf, tinyWeights } from "../helpers/tiny-model";

const model: VisionModel = { ...tinyModel(tinyWeights("relu")), normalization: { mean: [0.4, 0.5], std: [0.2, 0.3] } };
const count = 5,
  targets = [2, 0, 3, 1, 3];
/** The images in other places, with others, one twice, in other batches. */
const arrangements: readonly (readonly [number[], number])[] = [
  [[0, 1, 2, 3, 4], 64],
  [[0, 1, 2, 3, 4], 2],
  [[4, 2, 0, 1, 3], 3],
  [[3, 3, 1], 1],
  [[2], 32],
];

const attributions: Record<string, readonly object[]> = {
  "integrated-gradients": [{ steps: 5 }],
  "grad-cam": [{ layer: "act1" }],
  "guided-grad-cam": [{ layer: "act1" }],
  smoothgrad: ["smoothgrad", "squared", "vargrad"].map((variant) => ({ samples: 3, seed: 2, variant })),
  occlusion: [{ window: 3, stride: 2 }],
  "occluded-input-x-gradient": [{ window: 3, stride: 2 }],
};
const attacks: Record<string, readonly object[]> = {
  fgsm: [{ epsilon: 0.1 }],
  "normed-gradient": [{ epsilon: 0.5 }],
  "random-noise": [
    { epsilon: 0.1, seed: 2 },
    { epsilon: 0.5, norm: "l2", seed: 2 },
  ],
  pgd: [
    { epsilon: 0.1, steps: 3, seed: 2 },
    { epsilon: 0.5, norm: "l2", steps: 3, seed: 2 },
  ],
  fooling: [{ learningRate: 0.1, maxIterations: 4 }],
  "carlini-wagner": [{ steps: 4, searches: 2, learningRate: 0.1 }],
  deepfool: [{ steps: 3 }],
  occlude: [{ window: 2, stride: 2, rectangles: 2 }],
};

/** Asks for the images in each arrangement, and compares image by image. */
async function comparesEach(make: (places: number[], batchSize: number) => Promise<tf.Tensor>): Promise<void> {
  const whole: number[][] = [];
  for (const [places, batchSize] of arrangements) {
    const values = await make(places, batchSize),
      rows = tf.tidy(() => values.reshape([places.length, -1]).arraySync()) as number[][];
    values.dispose();
    places.forEach((place, i) => {
      whole[place] ??= rows[i];
      const largest = Math.max(...whole[place].map(Math.abs), 1e-3);
      const apart = Math.max(...rows[i].map((value, p) => Math.abs(value - whole[place][p])));
      expect(apart / largest, `image ${place} in [${places.join(", ")}], batchSize ${batchSize}`).to.be.below(1e-5);
    });
  }
}

const taken = (places: number[]): tf.Tensor4D =>
  tf.tidy(() => {
    const all = tinyImages(tinyPixelsOf(count));
    return tf.gather(all, tf.tensor1d(places, "int32"));
  });

forEachBackend(() => {
  for (const [name, { explain }] of Object.entries(attributionMethods))
    for (const options of attributions[name] ?? [{}]) {
      it(`${name} ${JSON.stringify(options)} gives an image the same alone and in other batches`, async () => {
        await comparesEach(async (places, batchSize) => {
          const images = taken(places),
            result = await explain(model, images, {
              ...options,
              batchSize,
              target: places.map((place) => targets[place]),
            });
          images.dispose();
          return result.values;
        });
      });
    }
  for (const [name, { attack }] of Object.entries(attackMethods))
    for (const options of attacks[name]) {
      it(`${name} ${JSON.stringify(options)} gives an image the same alone and in other batches`, async () => {
        await comparesEach(async (places, batchSize) => {
          const images = taken(places),
            target = name === "fooling" ? { target: places.map((place) => targets[place]) } : {};
          const result = (await attack(model, images, {
            ...options,
            ...target,
            batchSize,
          } as AttackOptions)) as AttackResult;
          images.dispose();
          result.raw.dispose();
          return result.clipped;
        });
      });
    }
}, ["wasm"]);

describe("an image that a target gets", () => {
  const own = { iterations: 6, seed: 3, live: false };
  const moved = {
    transforms: [transforms.pad(1), transforms.jitter(2), transforms.rotate(-9, 9)],
    regularizers: [regularizers.l2(1e-3)],
  };
  const pixels = parametrizations.pixels(),
    spectra = parametrizations.fourier({ decorrelate: false });
  const runs: Record<string, (targets: number[]) => Promise<Visualization>> = {
    classVisualization: (targets) =>
      classVisualization(model, targets, { ...own, learningRate: 1, jitter: 2, blurEvery: 2 }),
    "maximize, logits": (targets) =>
      maximize(model, objectives.logit(targets), { ...own, ...moved, parametrization: pixels }),
    "maximize, channels of a spectrum": (targets) =>
      maximize(model, objectives.channel("act1", targets), { ...own, parametrization: spectra }),
    "maximize, a sum": (targets) =>
      maximize(model, sumOf(targets), { ...own, parametrization: spectra, optimizer: "ascent" }),
    "maximize, directions": (targets) => {
      const vectors = targets.map((target) => [0, 1, 2, 3].map((channel) => Number(channel <= target)));
      return maximize(model, objectives.direction("act1", vectors), { ...own, parametrization: pixels });
    },
  };
  const sumOf = (targets: number[]): Objective =>
    objectives.logit(targets).plus(objectives.channel("act1", 1).times(0.5));
  const imagesOf = async (run: Promise<Visualization>): Promise<number[][]> => {
    const result = await run,
      rows = tf.tidy(() => result.image.reshape([result.image.shape[0], -1]).arraySync()) as number[][];
    result.dispose();
    return rows;
  };
  const apart = (a: readonly number[], b: readonly number[]): number =>
    Math.max(...a.map((value, i) => Math.abs(value - b[i])));

  for (const [name, run] of Object.entries(runs)) {
    it(`${name}: is the same alone and beside others; asked for again, another`, async () => {
      const [two, [alone], [other]] = [await imagesOf(run([2, 2])), await imagesOf(run([2])), await imagesOf(run([1]))];
      const several = await imagesOf(run([1, 2, 0, 2]));
      expect(apart(two[0], alone), "the first of two").to.be.below(1e-5);
      expect(apart(two[1], alone), "the second of two").to.be.above(1e-3);
      expect(apart(several[0], other), "another target").to.be.below(1e-5);
      expect(apart(several[1], two[0]), "beside others").to.be.below(1e-5);
      expect(apart(several[3], two[1]), "the second beside others").to.be.below(1e-5);
    });
  }

  it("is the same by its class's name and by its number", async () => {
    const [first, second] = await imagesOf(
      maximize(model, objectives.logit(["Cat", 3]), { ...own, parametrization: pixels }),
    );
    const [byNumber, again] = await imagesOf(
      maximize(model, objectives.logit([3, 3]), { ...own, parametrization: pixels }),
    );
    expect(apart(first, byNumber)).to.be.below(1e-6);
    expect(apart(second, again)).to.be.below(1e-6);
    expect(apart(first, second)).to.be.above(1e-3);
  });

  it("begins elsewhere in each of several images of one objective", async () => {
    const rows = await imagesOf(
      maximize(model, objectives.channel("act1", 1), { ...own, images: 3, parametrization: pixels }),
    );
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ])
      expect(apart(rows[i], rows[j])).to.be.above(1e-3);
  });

  it("is woken where its own unit is silent, not where one beside it is", async () => {
    // Both without a gradient: a unit held at 6, which responds, and one held at 0.
    const network = tf.sequential({
      layers: [
        tf.layers.conv2d({ inputShape: [6, 5, 2], filters: 2, kernelSize: 1, activation: "relu6", name: "units" }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 2 }),
      ],
    });
    network.getLayer("units").setWeights([tf.tensor4d([0.1, 0.1, 0.1, 0.1], [1, 1, 2, 2]), tf.tensor1d([7, -1])]);
    const units = fromLayersModel(network),
      initImage = tf.fill([1, 6, 5, 2], 0.5) as tf.Tensor4D;
    const run = (channels: number[]): Promise<number[][]> =>
      imagesOf(
        maximize(units, objectives.channel("units", channels), {
          ...own,
          initImage,
          parametrization: pixels,
          transforms: [],
        }),
      );
    const [full, silent] = await run([0, 1]),
      [alone] = await run([0]),
      [silentAlone] = await run([1]);
    expect(apart(alone, full), "full").to.be.below(1e-6);
    expect(apart(silentAlone, silent), "silent").to.be.below(1e-6);
    expect(Math.max(...full), "full").to.be.closeTo(0.5, 1e-6);
    expect(Math.min(...silent), "silent").to.be.above(0.6);
    initImage.dispose();
    units.dispose();
  });
});
