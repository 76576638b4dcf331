import { expect } from "chai";
import type { Context } from "mocha";
import * as tf from "@tensorflow/tfjs";
import type { AttributionOptions } from "../../lib/attribution/attribution";
import { attributionMethods } from "../../lib/attribution/methods";
import { noiseOf } from "../../lib/core/noise";
import type { NdArray } from "../../lib/data/nd-array";
import { loadModel } from "../../lib/model/load-model";
import type { VisionModel } from "../../lib/model/vision-model";
import { relativeError } from "../helpers/finite-difference";
import { classesOf, deepNetwork, dithered, drawnGarments, imagesOf, type Garments } from "./garments";
import type { Answers, Inputs, Question } from "./oracle";

/**
 * Of each image as a share of the largest value of all. TensorFlow's and PyTorch's kernels round alike, so that 1e-4
 * leaves much room. But among the ten million activations on the paths of integrated gradients one can lie within
 * rounding of a ReLU's or a max-pooling's kink and tip over, on one processor and not on another: its image then
 * differs in a part (seen: 2e-4 on wasm; 4e-3 without oneDNN's kernels, and as much between two of PyTorch's own). One
 * image of eight may.
 */
const rounding = 1e-4,
  tipped = 2e-2;

/** The errors of the images, smallest first. */
function imageErrors(actual: ArrayLike<number>, wanted: ArrayLike<number>, count: number): number[] {
  const largest = Array.from(wanted).reduce((most, value) => Math.max(most, Math.abs(value)), 0),
    size = wanted.length / count;
  const errors = new Array<number>(count).fill(0);
  for (let i = 0; i < wanted.length; i++) {
    const image = Math.floor(i / size);
    errors[image] = Math.max(errors[image], Math.abs(actual[i] - wanted[i]) / largest);
  }
  return errors.sort((x, y) => x - y);
}

/** What holds of all images but one, in units of what rounding may do; Infinity where that one is too far off. */
function errorOf(actual: ArrayLike<number>, wanted: ArrayLike<number>, count: number): number {
  if (actual.length !== wanted.length || Array.from(actual).some((value) => !Number.isFinite(value))) return Infinity;
  const errors = imageErrors(actual, wanted, count);
  return errors[count - 1] > tipped ? Infinity : errors[count - 2];
}

interface Case {
  method: string;
  /** As a caller of the library writes them; a string stands for the images in that file. */
  ours: Record<string, unknown>;
  /** The same for Captum, where it is written otherwise. */
  captum?: Record<string, unknown>;
}

type Size = number | number[];

function occlusionCase(
  window: Size,
  stride: Size,
  theirWindow: number[],
  theirStride: number[],
  baseline: number | string = 0,
): Case {
  const captum = { window: theirWindow, stride: theirStride, baseline };
  return { method: "occlusion", ours: { window, stride, baseline }, captum };
}

const cases: Case[] = [
  { method: "saliency", ours: {} },
  { method: "saliency", ours: { abs: true } },
  { method: "input-x-gradient", ours: {} },
  { method: "input-x-gradient", ours: { variant: "absolute" } },
  { method: "guided-backprop", ours: {} },
  { method: "deconvolution", ours: {} },
  { method: "integrated-gradients", ours: {}, captum: { steps: 50, quadrature: "gausslegendre", baseline: 0 } },
  ...["riemann_left", "riemann_right", "riemann_middle", "riemann_trapezoid"].map((quadrature) => ({
    method: "integrated-gradients",
    ours: { quadrature },
  })),
  { method: "integrated-gradients", ours: { steps: 7, baseline: 0.5 } },
  { method: "integrated-gradients", ours: { steps: 20, quadrature: "riemann_middle", baseline: "one.npy" } },
  { method: "integrated-gradients", ours: { steps: 20, baseline: "each.npy" } },
  ...["smoothgrad", "squared", "vargrad"].map((variant) => ({
    method: "smoothgrad",
    ours: { variant, samples: 6, sigma: 0.2, seed: 4 },
    captum: { variant, samples: 6, noise: "noise.npy" },
  })),
  { method: "grad-cam", ours: {} },
  { method: "grad-cam", ours: { signed: true, layer: "conv6" } },
  { method: "grad-cam", ours: { layer: "conv3", upsample: true } },
  { method: "guided-grad-cam", ours: {} },
  { method: "guided-grad-cam", ours: { layer: "conv4" } },
  occlusionCase(4, 4, [4, 4, 1], [4, 4, 1]),
  occlusionCase(5, 3, [5, 5, 1], [3, 3, 1]),
  occlusionCase(6, 4, [6, 6, 1], [4, 4, 1], 0.5),
  occlusionCase([9, 4], [5, 3], [9, 4, 1], [5, 3, 1], "one.npy"),
  occlusionCase([3, 28], [2, 1], [3, 28, 1], [2, 1, 1], "each.npy"),
  occlusionCase([28, 28, 1], 28, [28, 28, 1], [28, 28, 28]),
];

const chosen = [0, 1, 2, 3, 18, 23, 40, 61],
  imageCount = chosen.length;

export async function captumInputs(garments: Garments): Promise<Inputs> {
  const { images, labels } = await garments(chosen);
  const each = (await garments([100, 101, 102, 103, 104, 105, 106, 107])).images;
  return {
    "images.npy": dithered(images),
    "each.npy": each,
    "one.npy": imagesOf((each.data as Float32Array).slice(0, 28 * 28)),
    "noise.npy": imagesOf(noiseOf({ first: 0, count: 6 }, 28 * 28, 0.2, 4)),
    // Not only the predicted class: another one's map has another sign pattern.
    "target.npy": classesOf(labels.map((label, i) => (i % 2 === 0 ? label : (label + 3) % 10))),
  };
}

export const captum: Question = {
  name: "captum",
  script: "captum_reference.py",
  files: deepNetwork.files,
  job: {
    model: deepNetwork.path,
    cases: cases.map(({ method, ours, captum: theirs = ours }) => ({ method, options: theirs })),
  },
  keptInputs: () => captumInputs(drawnGarments),
  allowed: (file) => (file.endsWith("-delta.npy") ? 10 * rounding : rounding),
  error: (_, asked, kept) => errorOf(asked, kept, imageCount),
};

/** The tests of a suite whose hook gets the answers. */
export function captumTests(answersOf: (context: Context) => Answers | Promise<Answers>): void {
  let answers: Answers, model: VisionModel, images: tf.Tensor4D, target: number[];
  const report: string[] = [];

  const tensorOf = ({ data, shape }: NdArray): tf.Tensor => tf.tensor(data as Float32Array, [...shape]);
  const run = async ({ method, ours }: Case) => {
    const baseline = typeof ours.baseline === "string" ? tensorOf(await answers.input(ours.baseline)) : ours.baseline;
    const options = { ...ours, target, ...("baseline" in ours && { baseline }) } as AttributionOptions;
    const result = await attributionMethods[method].explain(model, images, options);
    if (baseline instanceof tf.Tensor) baseline.dispose();
    return result;
  };

  before(async function () {
    answers = await answersOf(this);
    model = await loadModel("fashion-deep");
    images = tensorOf(await answers.input("images.npy")) as tf.Tensor4D;
    target = Array.from((await answers.input("target.npy")).data as Int32Array);
    report.push(`${answers.versions}, ${images.shape[0]} images, ${model.name}`);
  });

  after(() => {
    if (report.length > 1) console.log(report.map((line) => `      ${line}`).join("\n"));
    answers?.dispose();
    model?.dispose();
    images?.dispose();
  });

  it("computes the same logits", async () => {
    const ours = model.logits(images);
    expect(relativeError(ours.dataSync(), await answers.numbers("logits.npy"))).to.be.below(1e-5);
    ours.dispose();
  });

  cases.forEach((entry, index) => {
    const title = `${entry.method} ${JSON.stringify(entry.ours)}`;
    it(title, async () => {
      const result = await run(entry);
      const { shape, data } = await answers.array(`${index}.npy`),
        wanted = data as Float32Array;
      expect(result.values.shape).to.deep.equal(shape);
      expect(wanted.some((value) => value !== 0)).to.equal(true);
      const error = errorOf(result.values.dataSync(), wanted, imageCount);
      report.push(`${error.toExponential(1)}  ${title}`);
      if (result.convergenceDelta) {
        // The delta is what is left of two numbers of the logits' size; its error is measured against those.
        const delta = await answers.numbers(`${index}-delta.npy`);
        const got = result.convergenceDelta.dataSync();
        const apart = Array.from(delta, (value, i) => Math.abs(got[i] - value)).sort((x, y) => x - y);
        expect(apart[imageCount - 2], "convergence delta").to.be.at.most(10 * rounding);
      }
      result.dispose();
      expect(error).to.be.at.most(rounding);
    });
  });
}
