// The critic, and the pictures that it learns from: photographs, and visualizations of classes that are not measured
// later.
import { existsSync } from "node:fs";
import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { openFlowers } from "../../lib/data/flowers";
import { loadImagenet } from "../../lib/data/imagenet";
import { imagenetClassNames } from "../../lib/data/imagenet-classes";
import { readNpy, writeNpy } from "../../lib/data/npy";
import { loadModel } from "../../lib/model/load-model";
import type { VisionModel } from "../../lib/model/vision-model";
import type { LabelledPixels } from "../../lib/training/recording/training-data";
import { classVisualization, maximize, objectives, regularizers } from "../../lib/visualize";

export const classNames = ["visualization", "photograph"];
/** Half of the networks' 224: the finest grain of either kind of picture tells nothing. */
export const side = 112;
/** Those on which the critic is tried. No visualization of them is learnt from. */
export const measuredClasses = [
  "snail",
  "hourglass",
  "tarantula",
  "gorilla",
  "sports car",
  "Yorkshire terrier",
  "quail",
  "daisy",
];
export const snapshots = [10, 20, 40];
export const folder = __dirname;
const kept = (name: string): string => path.join(folder, "checkpoint", `${name}.npy`);

export function untrained(seed: number): tf.LayersModel {
  const convolution = (filters: number, kernelSize: number, strides: number, at: number) =>
    tf.layers.conv2d({
      name: `conv${at}`,
      filters,
      kernelSize,
      strides,
      padding: "same",
      activation: "relu",
      kernelInitializer: tf.initializers.heNormal({ seed: 10 * seed + at }),
      ...(at === 1 && { inputShape: [side, side, 3] }),
    });
  return tf.sequential({
    name: "critic",
    layers: [
      convolution(16, 5, 2, 1),
      convolution(32, 3, 2, 2),
      convolution(48, 3, 2, 3),
      convolution(48, 3, 1, 4),
      tf.layers.globalAveragePooling2d({ name: "everywhere", dataFormat: "channelsLast" }),
      tf.layers.dense({
        name: "logits",
        units: 2,
        kernelInitializer: tf.initializers.glorotUniform({ seed: 10 * seed + 5 }),
      }),
      tf.layers.softmax({ name: "probabilities" }),
    ],
  });
}

/** Averages of 2 × 2 pixels, rounded to 8 bits as photographs are. */
export async function halved(images: tf.Tensor4D): Promise<Float32Array> {
  const half = tf.tidy(() => tf.div(tf.round(tf.mul(tf.avgPool(images, 2, 2, "valid"), 255)), 255));
  return (await half.data().finally(() => half.dispose())) as Float32Array;
}

/** Every so many of ImageNet's classes, without those that are measured. */
const learntClasses = (count: number, from: number): number[] => {
  const measured = measuredClasses.map((name) => imagenetClassNames.indexOf(name));
  return Array.from({ length: 1000 }, (_, i) => (i * 37 + 11) % 1000)
    .filter((index) => !measured.includes(index))
    .slice(from, from + count);
};

/**
 * SqueezeNet's visualizations after 10, 20 and 40 steps; kept in `checkpoint`, since they take minutes.
 * @param critic what they are made with. Default: nothing beside the class's logit
 */
export async function visualizations(
  name: string,
  {
    count,
    from,
    recipe = false,
    critic,
    weight = 0,
  }: { count: number; from: number; recipe?: boolean; critic?: VisionModel; weight?: number },
): Promise<Float32Array> {
  const file = kept(name);
  if (existsSync(file)) return (await readNpy(file)).data as Float32Array;
  const model = await loadModel("squeezenet1_1"),
    classes = learntClasses(count, from),
    parts: Float32Array[] = [];
  const options = { iterations: snapshots[snapshots.length - 1], snapshots, seed: from, live: false };
  const made = recipe
    ? await classVisualization(model, classes, options)
    : await maximize(model, objectives.logit(classes), {
        ...options,
        regularizers: critic ? [regularizers.critic(weight, critic)] : [],
      });
  for (const { image } of made.snapshots) parts.push(await halved(image));
  made.dispose();
  model.dispose();
  const data = joined(parts);
  await writeNpy(file, { dtype: "float32", shape: [data.length / (side * side * 3), side, side, 3], data });
  return data;
}

/** Flowers to learn from, flowers of other photographers, and ImageNet's photographs, none of which is learnt from. */
export async function photographs(counts: {
  train: number;
  test: number;
}): Promise<{ train: Float32Array; test: Float32Array; elsewhere: Float32Array }> {
  const flowers = await openFlowers({ size: 2 * side });
  const some = async (part: "train" | "test"): Promise<Float32Array> => {
    const set = flowers[part],
      parts: Float32Array[] = [],
      every = Math.floor(set.count / counts[part]);
    for (let start = 0; start < counts[part]; start += 50) {
      const images = await set.images(
        Array.from({ length: Math.min(50, counts[part] - start) }, (_, i) => every * (start + i)),
      );
      parts.push(await halved(images).finally(() => images.dispose()));
    }
    return joined(parts);
  };
  const { images, dispose } = await loadImagenet({ missing: "refuse" });
  const elsewhere = await halved(images).finally(dispose);
  const all = { train: await some("train"), test: await some("test"), elsewhere };
  await flowers.close();
  return all;
}

/** @param parts pictures of either label, one after the other */
export function labelled(parts: readonly (readonly [pixels: Float32Array, label: 0 | 1])[]): LabelledPixels {
  return {
    pixels: joined(parts.map(([pixels]) => pixels)),
    shape: [side, side, 3],
    labels: parts.flatMap(([pixels, label]) => new Array<number>(pixels.length / (side * side * 3)).fill(label)),
  };
}

export function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}
