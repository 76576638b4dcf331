// Fashion-MNIST, and garments that a generator draws where it is not available.
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { VitrineError, FileError } from "../core/errors";
import { writeAtomically } from "../core/files";
import { checkOptions, integer, oneOf, other, type Schema } from "../core/options";
import { projectRoot } from "../core/process";
import { random } from "../core/random";
import { say } from "../runtime/progress";
import { readIdx } from "./idx";
import { chooseImages, imageChoice, type ImageChoice, type LabelledImages } from "./labelled-images";
import { MissingDataError, obtain, type ObtainOptions } from "./obtain";
import { readLayersModel } from "./read-layers-model";

/** Fashion-MNIST's classes in Zalando's order. */
export const fashionClassNames = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
] as const;

export interface FashionMnistOptions extends ImageChoice {
  /** `train`: 60,000 images; `test`: 10,000. Default: "test". */
  split?: "train" | "test";
  /** What to do where the data set cannot be obtained: draw stand-ins, or throw. Default: "draw". */
  standIns?: "draw" | "refuse";
}

export const fashionMnistOptions = {
  ...imageChoice,
  split: oneOf(["train", "test"], { default: "test", help: "60,000 images to train with, or 10,000 to test with" }),
  standIns: oneOf(["draw", "refuse"], { default: "draw", help: "what to do where the data set cannot be obtained" }),
} satisfies Schema<FashionMnistOptions>;

/** One split as bytes, outside the tensor engine. */
export interface FashionBytes {
  /** [count · 28 · 28], 0 to 255, image after image. */
  readonly pixels: Uint8Array;
  /** Class indices. */
  readonly labels: Uint8Array;
  readonly count: number;
}

const side = 28,
  pixelsPerImage = side * side;
const prefixes = { train: "train", test: "t10k" } as const;
const counts = { train: 60000, test: 10000 } as const;

/**
 * Fashion-MNIST (Xiao, Rasul, Vollgraf 2017, https://arxiv.org/abs/1708.07747) from its official files. Where they can
 * be neither found nor downloaded, garments drawn by a generator stand in: `source` then says `stand-in`, and so does
 * one line on stderr.
 * @returns images [count, 28, 28, 1] in [0, 1]
 * @throws BadInputError, MissingDataError
 */
export async function loadFashionMnist(options: FashionMnistOptions = {}): Promise<LabelledImages> {
  const checked = checkOptions(fashionMnistOptions, options),
    { split } = checked;
  await ready();
  let bytes: FashionBytes;
  try {
    bytes = await readFashionMnist(split);
  } catch (error) {
    if (!(error instanceof MissingDataError) || checked.standIns === "refuse") throw error;
    return standIns(checked, error);
  }
  const chosen = chooseImages(bytes.labels, checked, fashionClassNames);
  const values = new Float32Array(chosen.length * pixelsPerImage);
  chosen.forEach((index, position) => {
    const from = index * pixelsPerImage,
      to = position * pixelsPerImage;
    for (let i = 0; i < pixelsPerImage; i++) values[to + i] = bytes.pixels[from + i] / 255;
  });
  const images = tf.tensor4d(values, [chosen.length, side, side, 1]);
  return {
    images,
    labels: chosen.map((index) => bytes.labels[index]),
    classNames: [...fashionClassNames],
    source: "official",
    dispose: () => images.dispose(),
  };
}

/**
 * The official files of one split; kept for the process, so that a second call costs nothing. @throws MissingDataError,
 * FileError
 */
export async function readFashionMnist(split: "train" | "test", options: ObtainOptions = {}): Promise<FashionBytes> {
  const kept = read.get(split);
  if (kept) return kept;
  const { files } = await obtain("data", "fashion-mnist", {
    ...options,
    only: (name) => path.basename(name).startsWith(prefixes[split]),
  });
  const file = (part: string): string => (files.find(({ path: name }) => name.includes(part)) as { file: string }).file;
  const [images, labels] = await Promise.all([readIdx(file("images")), readIdx(file("labels"))]);
  const shape = [counts[split], side, side];
  if (images.dtype !== "uint8" || images.shape.join() !== shape.join())
    throw new FileError(
      file("images"),
      `holds ${images.shape.join(" × ")} ${images.dtype}, not ${shape.join(" × ")} uint8`,
    );
  if (labels.dtype !== "uint8" || labels.shape.join() !== String(counts[split]))
    throw new FileError(
      file("labels"),
      `holds ${labels.shape.join(" × ")} ${labels.dtype}, not ${counts[split]} uint8`,
    );
  const bytes = { pixels: images.data as Uint8Array, labels: labels.data as Uint8Array, count: counts[split] };
  read.set(split, bytes);
  return bytes;
}

const read = new Map<string, FashionBytes>();
let said = false;

/** The same choice among garments that a generator draws: their classes in turn, as many as were asked for. */
async function standIns(options: FashionMnistOptions, missing: MissingDataError): Promise<LabelledImages> {
  const drawn = Math.max(100, ...(options.indices ?? []).map((index) => index + 1), options.count ?? 0);
  const labels = Array.from(
    { length: Math.min(drawn * fashionClassNames.length, counts.test) },
    (_, i) => i % fashionClassNames.length,
  );
  const chosen = chooseImages(
    labels,
    { ...options, count: options.count ?? (options.indices || options.perClass ? undefined : 100) },
    fashionClassNames,
  );
  // Drawn in turn up to the last one wanted, so that a stand-in's number always means the same picture.
  const all = await drawStandIns({ count: Math.max(...chosen) + 1, seed: options.split === "train" ? 2 : 1 }).catch(
    (error: Error) => {
      if (error instanceof VitrineError && !(error instanceof FileError)) throw error;
      throw new MissingDataError(
        `${missing.message} Nor can garments stand in for it: the generator in models/fashion-standins is ` +
          `incomplete (${error.message.split("\n")[0]}).`,
      );
    },
  );
  if (!said)
    say(`Fashion-MNIST is not available here, so garments drawn by a generator stand in for it. ${missing.message}`);
  said = true;
  const images = tf.tidy(() => tf.gather(all.images, tf.tensor1d(chosen, "int32")) as tf.Tensor4D);
  all.dispose();
  return {
    images,
    labels: chosen.map((index) => all.labels[index]),
    classNames: [...fashionClassNames],
    source: "stand-in",
    dispose: () => images.dispose(),
  };
}

interface StandInOptions {
  /** How many garments. Integer ≥ 1. Default: 100. */
  count?: number;
  /** The same seed draws the same garments. Integer. Default: 1. */
  seed?: number;
  /** Class indices drawn in turn. Default: 0 … 9. */
  classes?: readonly number[];
}

export const standInOptions = {
  count: integer({ least: 1, default: 100, help: "how many garments" }),
  seed: integer({ default: 1, help: "the same seed draws the same garments" }),
  classes: other<readonly number[]>("an array of class indices", {
    is: Array.isArray,
    rule: "0 … 9",
    help: "class indices drawn in turn",
  }),
} satisfies Schema<StandInOptions>;

/**
 * Garments that nobody photographed: drawn by a small generator trained on Fashion-MNIST, for machines that cannot
 * have the data set. They are to be labelled as stand-ins wherever they are shown, and never count in an accuracy.
 * @returns images [count, 28, 28, 1] in [0, 1], classes in turn
 */
export async function drawStandIns(options: StandInOptions = {}): Promise<LabelledImages> {
  const checked = checkOptions(standInOptions, options),
    { count, seed, classes = fashionClassNames.map((_, index) => index) } = checked;
  const folder = path.join(projectRoot(), "models", "fashion-standins");
  const [decoder, latents] = await Promise.all([readLayersModel(folder), readLatents(folder)]);
  const chance = random(seed, 17);
  const labels = Array.from({ length: count }, (_, i) => classes[i % classes.length]);
  const latentSize = latents[0].mean.length,
    width = latentSize + fashionClassNames.length;
  // Always whole blocks: how many rows are multiplied at once decides on the last bits, and so would `count`.
  const block = 64,
    blocks = Math.ceil(count / block);
  const latent = new Float32Array(blocks * block * width);
  labels.forEach((label, i) => {
    // A little less than the class's own spread: typical garments rather than odd ones.
    const noise = Array.from({ length: latentSize }, () => 0.6 * chance.normal());
    const { mean, factor } = latents[label];
    mean.forEach((value, j) => {
      latent[i * width + j] = factor[j].reduce((sum, weight, k) => sum + weight * noise[k], value);
    });
    latent[i * width + latentSize + label] = 1;
  });
  const pieces = Array.from({ length: blocks }, (_, i) =>
    tf.tidy(() => {
      const rows = tf.tensor2d(latent.subarray(i * block * width, (i + 1) * block * width), [block, width]);
      const drawn = decoder.predict(rows, { batchSize: block }) as tf.Tensor4D;
      // The sigmoid never quite reaches 0, and backgrounds are 0.
      return tf.relu(drawn.sub(0.03)).div(0.97).minimum(1) as tf.Tensor4D;
    }),
  );
  const images = tf.tidy(() => tf.slice(tf.concat(pieces, 0), 0, count));
  tf.dispose(pieces);
  decoder.dispose();
  return { images, labels, classNames: [...fashionClassNames], source: "stand-in", dispose: () => images.dispose() };
}

/** Where one class's latent numbers lie: `mean` plus the lower triangular `factor` times standard normal numbers. */
export interface ClassLatents {
  /** [latent] */
  readonly mean: readonly number[];
  /** [latent][≤ latent], the Cholesky factor of the covariance. */
  readonly factor: readonly (readonly number[])[];
}

const fileIn = (folder: string): string => path.join(folder, "latents.json");

export async function writeLatents(folder: string, latents: readonly ClassLatents[]): Promise<void> {
  const rounded = JSON.stringify(latents, (_, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(4)) : value,
  );
  await writeAtomically(fileIn(folder), `${rounded}\n`);
}

async function readLatents(folder: string): Promise<ClassLatents[]> {
  return JSON.parse(await readFile(fileIn(folder), "utf8")) as ClassLatents[];
}
