import { expect } from "chai";
import type { Context } from "mocha";
import { saliency } from "../../lib/attribution/saliency";
import { loadImagenet } from "../../lib/data/imagenet";
import { obtain } from "../../lib/data/obtain";
import { registryEntry, type EntryKind, type FileSource } from "../../lib/data/registry";
import { tensorsLeft } from "../helpers/backends";
import { relativeError } from "../helpers/finite-difference";
import { realImagenet, realModel } from "../helpers/real-data";
import { classesOf } from "./garments";
import type { Answers, Inputs, Question } from "./oracle";
import { positionsOf, sampled, type Sample } from "./pretrained";

/**
 * Right answers among the 25 validation photographs, first and within five, as measured elsewhere on the same weights.
 */
export const pretrained = [
  { name: "squeezenet1_1", network: "squeezenet_caffe", top1: 13, top5: 20 },
  { name: "googlenet", network: "googlenet_caffe", top1: 16, top5: 23 },
  { name: "deit_tiny", network: "deit", top1: 20, top5: 25 },
] as const;

/** Of the file that a mirror has. */
function hashOf(kind: EntryKind, name: string): string {
  return (registryEntry(kind, name).sources[0] as FileSource).files[0].sha256;
}

const sample: Sample = { seed: 32, count: 2000 };

/** @param whole all of the gradients' values, not a sample */
export async function photographInputs({ whole = false } = {}): Promise<Inputs> {
  const photos = await loadImagenet({ set: "val", missing: "refuse" });
  const data = Float32Array.from(photos.images.dataSync());
  const images = { dtype: "float32", shape: photos.images.shape, data } as const;
  photos.dispose();
  const inputs: Inputs = { "images.npy": images, "targets.npy": classesOf(photos.labels) };
  if (!whole) inputs["positions.npy"] = positionsOf(sample);
  for (const { name } of pretrained) inputs[`${name}.safetensors`] = (await obtain("model", name)).files[0].file;
  return inputs;
}

/** Neither photographs nor weights are ours to keep: the job says by their hashes what they are. */
export const photographs: Question = {
  name: "photographs",
  script: "pretrained_reference.py",
  files: [],
  job: {
    images: hashOf("data", "imagenet-val-25"),
    targets: "the photographs' classes",
    positions: sample,
    tasks: pretrained.map(({ name, network }) => ({
      network,
      weights: `${name}.safetensors`,
      out: name,
      sha256: hashOf("model", name),
    })),
  },
  inputs: () => photographInputs(),
  allowed: (file) => (file.endsWith("-logits.npy") ? 1e-4 : 2e-2),
  error: (file, asked, kept) =>
    file.endsWith("-logits.npy") ? relativeError(asked, kept) : eachError(asked, kept, 25)[24],
};

/**
 * Each image's error, as a share of its gradient's Euclidean norm, from the least to the largest. Among the millions of
 * activations behind 25 photographs a few lie within rounding of a ReLU's or a max-pooling's kink, and tip over: the
 * gradient of that image then differs in a part.
 */
export function eachError(actual: ArrayLike<number>, wanted: ArrayLike<number>, count: number): number[] {
  const length = wanted.length / count;
  return Array.from({ length: count }, (_, i) => {
    let difference = 0,
      norm = 0;
    for (let j = i * length; j < (i + 1) * length; j++) {
      difference += (actual[j] - wanted[j]) ** 2;
      norm += wanted[j] ** 2;
    }
    return Math.sqrt(difference / norm);
  }).sort((a, b) => a - b);
}

/** The tests of a suite whose hook gets the answers. */
export function photographTests(answersOf: (context: Context) => Answers | Promise<Answers>): void {
  let answers: Answers;
  before(async function () {
    answers = await answersOf(this);
  });
  after(() => answers?.dispose());

  for (const { name, top1, top5 } of pretrained) {
    it(`${name}: ${top1} and ${top5} of 25, logits and gradients as PyTorch's on the same weights`, async function () {
      expect(
        await tensorsLeft(async () => {
          const photos = await realImagenet(this, { set: "val" });
          const model = await realModel(this, name);
          const predicted = await model.predict(photos.images, { top: 5 });
          const right = predicted.filter(([first], i) => first.index === photos.labels[i]).length;
          const near = predicted.filter((five, i) => five.some(({ index }) => index === photos.labels[i])).length;
          expect([right, near]).to.deep.equal([top1, top5]);

          const logits = model.logits(photos.images);
          const map = await saliency(model, photos.images, { target: photos.labels, batchSize: 8 });
          const error = relativeError(logits.dataSync(), await answers.numbers(`${name}-logits.npy`));
          const gradient = map.values.dataSync() as Float32Array,
            wanted = await answers.numbers(`${name}-gradient.npy`);
          const compared = gradient.length === wanted.length ? gradient : sampled(gradient, sample);
          const gradientErrors = eachError(compared, wanted, photos.labels.length);
          const [median, most] = [gradientErrors[12], gradientErrors[24]].map((each) => each.toExponential(1));
          this.test!.title += ` (logits ${error.toExponential(1)}, gradients ${median}, at most ${most})`;
          expect(error).to.be.below(1e-4);
          expect(gradientErrors[12], "median").to.be.below(1e-4);
          expect(gradientErrors[24], "largest").to.be.below(2e-2);
          logits.dispose();
          map.dispose();
          model.dispose();
          photos.dispose();
        }),
      ).to.equal(0);
    });
  }
}
