import { expect } from "chai";
import type { Context } from "mocha";
import * as tf from "@tensorflow/tfjs";
import type { AttackOptions, AttackResult } from "../../lib/attack/attack";
import { misclassified, targeted } from "../../lib/attack/criterion";
import { attackMethods } from "../../lib/attack/methods";
import { loadModel } from "../../lib/model/load-model";
import type { VisionModel } from "../../lib/model/vision-model";
import { classesOf, deepNetwork, dithered, drawnGarments, type Garments } from "./garments";
import type { Answers, Inputs, Question } from "./oracle";

const count = 12;

interface Case {
  method: string;
  options?: Record<string, unknown>;
  epsilons?: number[];
  /** Leads each image three classes on. Default: away from its label. */
  targeted?: boolean;
}

const carliniWagner = { searches: 2, steps: 40, learningRate: 0.05, initialWeight: 1, abortEarly: false };

const cases: Case[] = [
  { method: "fgsm", epsilons: [0.01, 0.03, 0.1] },
  { method: "fgsm", epsilons: [0.03, 0.2], targeted: true },
  { method: "normed-gradient", epsilons: [0.5, 1.5] },
  { method: "pgd", epsilons: [0.01, 0.03], options: { steps: 40, randomStart: false } },
  { method: "pgd", epsilons: [0.03], options: { steps: 25, stepSize: 0.004, randomStart: false }, targeted: true },
  { method: "pgd", epsilons: [0.5, 1.5], options: { norm: "l2", steps: 10, randomStart: false } },
  { method: "deepfool" },
  { method: "deepfool", options: { candidates: 3, overshoot: 0.1, steps: 20 }, epsilons: [0.3, 1] },
  { method: "carlini-wagner", options: carliniWagner },
  { method: "carlini-wagner", options: { ...carliniWagner, confidence: 2 }, targeted: true },
];

/** Adam at the goal's kink makes much of rounding. */
const allowedDistance = (entry: Case): number => (entry.method === "carlini-wagner" ? 0.05 : 0.01);

/** The largest difference of two distances, as a share. */
const distanceError = (got: ArrayLike<number>, wanted: ArrayLike<number>): number =>
  Array.from(wanted).reduce((most, value, i) => Math.max(most, Math.abs(got[i] - value) / Math.max(value, 1e-3)), 0);

/**
 * The share of values that are apart by more than a hundredth. Where a gradient is within rounding of 0 its sign is
 * open, and attacks that step by the sign then go two ways.
 */
const shareApart = (got: ArrayLike<number>, wanted: ArrayLike<number>): number =>
  Array.from(wanted).filter((value, i) => Math.abs(got[i] - value) > 0.01).length / Math.max(wanted.length, 1);
const allowedApart = 0.1;

export async function foolboxInputs(garments: Garments): Promise<Inputs> {
  const { images, labels } = await garments(Array.from({ length: count }, (_, i) => i));
  // Of more noise the network is so unsure that there is little left to attack.
  return { "images.npy": dithered(images, 0.01), "labels.npy": classesOf(labels) };
}

export const foolbox: Question = {
  name: "foolbox",
  script: "foolbox_reference.py",
  files: deepNetwork.files,
  job: {
    model: deepNetwork.path,
    cases: cases.map((entry) => ({ options: {}, epsilons: [], targeted: false, ...entry })),
  },
  keptInputs: () => foolboxInputs(drawnGarments),
  allowed: (file) => {
    const [index, part] = file.split(/[-.]/);
    return { success: 0, distance: allowedDistance(cases[Number(index)]), images: allowedApart }[part]!;
  },
  error: (file, asked, kept) => (file.endsWith("-images.npy") ? shareApart : distanceError)(asked, kept),
};

/** The tests of a suite whose hook gets the answers. */
export function foolboxTests(answersOf: (context: Context) => Answers | Promise<Answers>): void {
  let answers: Answers, model: VisionModel, images: tf.Tensor4D, labels: number[];
  const report: string[] = [];

  before(async function () {
    answers = await answersOf(this);
    model = await loadModel("fashion-deep");
    const { data, shape } = await answers.input("images.npy");
    images = tf.tensor4d(data as Float32Array, shape as [number, number, number, number]);
    labels = Array.from((await answers.input("labels.npy")).data as Int32Array);
    const columns = "success in both, largest relative difference of distances, share of pixels apart";
    report.push(`${answers.versions}, ${count} images, ${model.name}: ${columns}`);
  });

  after(() => {
    if (report.length > 1) console.log(report.map((line) => `      ${line}`).join("\n"));
    answers?.dispose();
    model?.dispose();
    images?.dispose();
  });

  cases.forEach((entry, index) => {
    const given = { ...entry.options, ...(entry.epsilons && { epsilon: entry.epsilons }) };
    const title = `${entry.method} ${JSON.stringify({ ...given, ...(entry.targeted && { targeted: true }) })}`;
    it(title, async () => {
      const criterion = entry.targeted ? targeted(labels.map((label) => (label + 3) % 10)) : misclassified(labels);
      const options = { ...given, criterion } as AttackOptions;
      const run = attackMethods[entry.method].attack(model, images, options) as Promise<AttackResult | AttackResult[]>;
      const results = [await run].flat();
      const [successes, distances, clipped] = await Promise.all(
        ["success", "distance", "images"].map((part) => answers.array(`${index}-${part}.npy`)),
      );
      expect([results.length, count]).to.deep.equal(successes.shape);
      const size = 28 * 28;
      for (const [e, result] of results.entries()) {
        const success = Array.from(successes.data.subarray(e * count, (e + 1) * count) as Uint8Array, Boolean);
        const distance = distances.data.subarray(e * count, (e + 1) * count) as Float32Array;
        const wanted = clipped.data.subarray(e * count * size, (e + 1) * count * size) as Float32Array;
        const got = result.clipped.dataSync() as Float32Array;
        expect(result.success, `success at ${result.epsilon ?? "no epsilon"}`).to.deep.equal(success);
        // Where Carlini and Wagner's finds nothing Foolbox returns black, and ours the image.
        // Foolbox's descent goes on from an image that is fooled already; ours leaves it as it is.
        const left = result.iterations.map((taken) => entry.method === "pgd" && taken === 0);
        left.forEach((is, i) => {
          if (is) expect([result.distance[i], result.success[i]], `image ${i}, fooled before`).to.deep.equal([0, true]);
        });
        const compared = success.flatMap((yes, i) =>
          (yes || entry.method !== "carlini-wagner") && !left[i] ? [i] : [],
        );
        const pixels = (of: Float32Array): number[] =>
          compared.flatMap((i) => Array.from(of.subarray(i * size, (i + 1) * size)));
        const error = distanceError(
          compared.map((i) => result.distance[i]),
          compared.map((i) => distance[i]),
        );
        const apart = shareApart(pixels(got), pixels(wanted));
        const fooled = success.filter(Boolean).length;
        const where = `${title}${result.epsilon === undefined ? "" : ` at ${result.epsilon}`}`;
        report.push(`${fooled}/${count}  ${error.toExponential(1)}  ${apart.toExponential(1)}  ${where}`);
        expect(error, "distance").to.be.below(allowedDistance(entry));
        expect(apart, "share of pixels apart").to.be.at.most(allowedApart);
        result.dispose();
      }
      expect((successes.data as Uint8Array).some(Boolean), "somebody is fooled").to.equal(true);
    });
  });
}
