import type { NdArray } from "../../lib/data/nd-array";
import { random } from "../../lib/core/random";
import { classesOf } from "./garments";
import type { Question } from "./oracle";

const size = 224 * 224 * 3;

/** Where the values of a gradient are that answers have, since all are too many to keep: the same for each image. */
export interface Sample {
  readonly seed: number;
  readonly count: number;
}

export const positionsOf = ({ seed, count }: Sample): NdArray => ({
  dtype: "int32",
  shape: [count],
  data: random(seed).permutation(size).slice(0, count),
});

/** Those values of each image's gradient. */
export function sampled(gradient: Float32Array, sample: Sample): Float32Array {
  const { count } = sample,
    positions = positionsOf(sample).data as Int32Array;
  const value = (_: unknown, i: number): number => gradient[Math.floor(i / count) * size + positions[i % count]];
  return Float32Array.from({ length: (gradient.length / size) * count }, value);
}

export const weightsSample: Sample = { seed: 31, count: 5000 };

/** Small networks that PyTorch makes, in the layouts of the files that users download. */
export const smallNetworks = [
  { network: "squeezenet_torchvision", legacy: false, name: "squeezenet1_1", last: "pool10" },
  { network: "googlenet_torchvision", legacy: true, name: "googlenet", last: "loss3/classifier" },
  { network: "vgg16", legacy: true, name: "vgg16", last: "fc8" },
  { network: "deit", legacy: false, name: "deit", last: "head" },
] as const;

/** The same numbers on every machine. */
export const randomPictures = (): NdArray => ({
  dtype: "float32",
  shape: [2, 224, 224, 3],
  data: Float32Array.from({ length: 2 * size }, random(8).uniform),
});
export const pictureTargets = [3, 7];

export const weightsFiles: Question = {
  name: "weights-files",
  script: "pretrained_reference.py",
  files: [],
  job: {
    images: "random(8), uniform",
    targets: pictureTargets,
    positions: weightsSample,
    tasks: smallNetworks.flatMap(({ network, legacy }) => [
      { make: network, out: `${network}.pth`, legacy },
      { network, weights: `${network}.pth`, out: network },
    ]),
  },
  inputs: () =>
    Promise.resolve({
      "images.npy": randomPictures(),
      "targets.npy": classesOf(pictureTargets),
      "positions.npy": positionsOf(weightsSample),
    }),
  // PyTorch draws its random numbers a last bit apart on other processors.
  allowed: (file) => (file.endsWith(".pth") ? 1e-5 : file.endsWith("-logits.npy") ? 1e-4 : 1e-3),
};
