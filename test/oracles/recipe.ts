import { expect } from "chai";
import type { Context } from "mocha";
import * as tf from "@tensorflow/tfjs";
import { ready } from "../../lib/backend";
import type { NdArray } from "../../lib/data/nd-array";
import { loadModel } from "../../lib/model/load-model";
import type { VisionModel } from "../../lib/model/vision-model";
import { random } from "../../lib/core/random";
import {
  classVisualization,
  maximize,
  objectives,
  parametrizations,
  regularizers,
  type Penalty,
  type RecipeStep,
  type Visualization,
} from "../../lib/visualize";
import { noise } from "../../lib/core/noise";
import { relativeError } from "../helpers/finite-difference";
import { deepNetwork, dithered, drawnGarments, type Garments } from "./garments";
import type { Answers, Inputs, Question } from "./oracle";

const target = [1, 2, 8];
/**
 * PyTorch has a start of its own for each: the first of the first target, the second of the second, the third of the
 * third.
 */
const asked = [1, 2, 2, 8, 8, 8],
  chosen = [0, 2, 5];
const mean = [0.286],
  std = [0.353];
/**
 * One step is held to rounding. In ten steps one of a million activations can lie within rounding of a ReLU's or a
 * max-pooling's kink and tip over (seen with another seed at step 5: 5e-6 in the logits before, 2e-2 after), which a
 * part of the pixels then shows.
 */
const rounding = 1e-4,
  tipped = 0.1,
  most = 0.75;

interface Case {
  name: string;
  steps: number;
  ours(model: VisionModel, images: tf.Tensor4D): Promise<Visualization>;
  /** The same for PyTorch. */
  reference: Record<string, unknown>;
}

/** The shifts that a seed draws. */
function shifts(seed: number, count: number, most: number): number[][] {
  const chance = random(seed, 0x6a17);
  return Array.from({ length: count }, () => [chance.integer(most + 1), chance.integer(most + 1)]);
}

interface Recipe {
  steps: number;
  rate: number;
  l2: number;
  blurEvery?: number;
  sigma?: number;
  jitter?: number;
  step?: RecipeStep;
  penalty?: Penalty;
  fromPhotograph?: boolean;
  seed?: number;
}

function recipe(
  name: string,
  {
    steps,
    rate,
    l2,
    blurEvery = 10,
    sigma = 0.5,
    jitter = 4,
    step = "normalized",
    penalty = "squared",
    fromPhotograph = false,
    seed = 5,
  }: Recipe,
): Case {
  return {
    name: `recipe, ${name}`,
    steps,
    ours: (model, images) =>
      classVisualization(model, fromPhotograph ? target : asked, {
        iterations: steps,
        learningRate: rate,
        l2Regularization: l2,
        blurEvery,
        blurSigma: sigma,
        jitter,
        step,
        penalty,
        seed,
        ...(fromPhotograph && { initImage: images }),
      }),
    reference: {
      kind: "recipe",
      start: fromPhotograph ? "images-normalised.npy" : `noise-${seed}.npy`,
      target,
      mean,
      std,
      rate,
      l2,
      blur_every: blurEvery,
      sigma,
      step,
      penalty,
      jitter: shifts(seed, steps, jitter),
    },
  };
}

const cases: Case[] = [
  recipe("one step", { steps: 1, rate: 5, l2: 1e-2, blurEvery: 0 }),
  recipe("one step with a blur, from photographs", { steps: 1, rate: 25, l2: 5e-5, fromPhotograph: true }),
  recipe("one plain step", { steps: 1, rate: 4e-3, l2: 1e-2, step: "plain", blurEvery: 0 }),
  recipe("ten steps", { steps: 10, rate: 2, l2: 1e-3, blurEvery: 4 }),
  recipe("ten steps with another seed, jitter and blur", {
    steps: 10,
    rate: 1,
    l2: 1e-2,
    blurEvery: 3,
    sigma: 1.3,
    jitter: 9,
    seed: 12,
  }),
  recipe("ten accumulated steps, as published", {
    steps: 10,
    rate: 4e-3,
    l2: 1e-4,
    step: "accumulated",
    penalty: "norm",
    blurEvery: 4,
  }),
  recipe("ten accumulated steps from photographs", {
    steps: 10,
    rate: 9e-4,
    l2: 1e-2,
    step: "accumulated",
    fromPhotograph: true,
  }),
  recipe("ten plain steps with the norm itself", { steps: 10, rate: 0.2, l2: 0.5, step: "plain", penalty: "norm" }),
  recipe("ten plain steps from photographs", { steps: 10, rate: 9e-4, l2: 1e-2, step: "plain", fromPhotograph: true }),
  {
    name: "Adam on pixels with L2, ten steps",
    steps: 10,
    ours: (model) =>
      maximize(unnormalised(model), objectives.logit(asked), {
        iterations: 10,
        learningRate: 0.02,
        parametrization: parametrizations.pixels({ deviation: 0.2 }),
        transforms: [],
        regularizers: [regularizers.l2(1e-2)],
        seed: 5,
      }),
    reference: { kind: "adam", start: "greys.npy", target, rate: 0.02, l2: 1e-2, iterations: 10 },
  },
  {
    name: "Adam on Fourier images, ten steps",
    steps: 10,
    ours: (model) =>
      maximize(model, objectives.logit(asked), { iterations: 10, learningRate: 0.05, transforms: [], seed: 5 }),
    reference: { kind: "fourier", start: "spectrum.npy", target, rate: 0.05, iterations: 10, size: [28, 28] },
  },
];

const unnormalised = (model: VisionModel): VisionModel =>
  Object.create(model, { normalization: { value: undefined } }) as VisionModel;

const allowedImage = (steps: number): number => (steps === 1 ? rounding : tipped);
const allowedScores = (steps: number): number => (steps === 1 ? rounding : 3 * tipped);

export async function recipeInputs(garments: Garments): Promise<Inputs> {
  await ready();
  const images = dithered((await garments([0, 1, 2])).images),
    size: [number, number, number] = [28, 28, 1];
  const array = (make: () => tf.Tensor): NdArray => {
    const tensor = tf.tidy(make),
      { shape } = tensor,
      data = Float32Array.from(tensor.dataSync());
    tensor.dispose();
    return { dtype: "float32", shape, data };
  };
  return {
    "images.npy": images,
    "images-normalised.npy": array(() =>
      tf
        .tensor(images.data as Float32Array, [...images.shape])
        .sub(mean)
        .div(std),
    ),
    "noise-5.npy": array(() => noise(3, size, 5)),
    "noise-12.npy": array(() => noise(3, size, 12)),
    "spectrum.npy": array(() => noise(3, [56, 15, 1], 5).mul(0.01)),
    "greys.npy": array(() => noise(3, size, 5).mul(0.2).add(0.5).clipByValue(0, 1)),
  };
}

export const recipes: Question = {
  name: "recipe",
  script: "recipe_reference.py",
  files: deepNetwork.files,
  job: { model: deepNetwork.path, cases: cases.map(({ reference }) => reference) },
  keptInputs: () => recipeInputs(drawnGarments),
  allowed: (file) => {
    const { steps } = cases[parseInt(file, 10)];
    return file.endsWith("-scores.npy") ? allowedScores(steps) : allowedImage(steps);
  },
};

/** The tests of a suite whose hook gets the answers. */
export function recipeTests(answersOf: (context: Context) => Answers | Promise<Answers>): void {
  let answers: Answers, plain: VisionModel, model: VisionModel, images: tf.Tensor4D;
  const report: string[] = [];

  before(async function () {
    answers = await answersOf(this);
    plain = await loadModel("fashion-deep");
    // The network itself takes plain pixels; the recipe's space is another, as with ImageNet's networks.
    model = Object.create(plain, { normalization: { value: { mean, std } } }) as VisionModel;
    images = tf.tensor4d((await answers.input("images.npy")).data as Float32Array, [3, 28, 28, 1]);
    report.push(answers.versions);
  });
  after(() => {
    if (report.length > 1) console.log(report.map((line) => `      ${line}`).join("\n"));
    answers?.dispose();
    plain?.dispose();
    images?.dispose();
  });

  cases.forEach(({ name, steps, ours }, index) => {
    it(name, async () => {
      const result = await ours(model, images);
      const image = await answers.numbers(`${index}.npy`),
        scores = await answers.numbers(`${index}-scores.npy`);
      const those = result.image.shape[0] === target.length ? [0, 1, 2] : chosen;
      const got = tf.tidy(() => tf.gather(result.image, tf.tensor1d(those, "int32")).dataSync());
      const ourScores = result.scores.map((row) => those.map((i) => row[i]));
      const errors = [relativeError(got, image), relativeError(ourScores.flat(), scores)];
      report.push(`image ${errors[0].toExponential(1)}, scores ${errors[1].toExponential(1)}  ${name}`);
      result.dispose();
      expect(new Set(got).size, "an image of many values").to.be.above(100);
      expect(errors[0], "image").to.be.at.most(allowedImage(steps));
      expect(relativeError(ourScores[0], scores.slice(0, target.length)), "first scores").to.be.at.most(rounding);
      expect(errors[1], "scores").to.be.at.most(allowedScores(steps));
      const right = Array.from(got, (value, i) => Math.abs(value - image[i]) < 10 * rounding).filter(Boolean).length;
      expect(right / got.length, "share of pixels that agree").to.be.above(most);
    });
  });
}
