import { existsSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import type { Attribution } from "../../attribution/attribution";
import type { AttributionMethod } from "../../attribution/methods";
import { encodeNpy } from "../../data/npy";
import type { VisionModel } from "../../model/vision-model";
import { writeTogether } from "../../core/files";
import { readImages } from "../read-images";
import type { ManyInput } from "./inputs";
import { ManyProgress } from "./progress";

export interface ManyOptions {
  readonly explain: AttributionMethod["explain"];
  /** The method's own, its target included. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly into: string;
  /** Images in one pass, and read at once. */
  readonly batchSize: number;
  /** Also a picture of each, map beside image. */
  readonly pictures: boolean;
  /** Sees the first images that are explained. */
  readonly onFirst?: (images: tf.Tensor4D) => Promise<void>;
}

export interface ManyDone {
  readonly written: number;
  /** Finished before this run. */
  readonly skipped: number;
  readonly failed: readonly { readonly file: string; readonly reason: string }[];
}

/** Of an image whose .npy is there everything is there: it is renamed into its place last. */
const mapOf = (into: string, { name }: ManyInput): string => join(into, `${name}.npy`);

/**
 * Explains many images, a batch at a time, each into files of its own: NAME.npy (float32, as `explain` writes it),
 * NAME.json
 * (targets, their classes, convergence deltas) and NAME.png if asked for. What is finished is passed over; an image
 * that cannot
 * be read is said and the others go on; two runs on the same images write the same.
 */
export async function explainMany(
  model: VisionModel,
  inputs: readonly ManyInput[],
  options: ManyOptions,
): Promise<ManyDone> {
  const { into, batchSize } = options;
  const open = inputs.filter((input) => !existsSync(mapOf(into, input)));
  const progress = new ManyProgress(open.length),
    failed: { file: string; reason: string }[] = [];
  let written = 0,
    skipped = inputs.length - open.length;
  try {
    for (let first = 0; first < open.length; first += batchSize) {
      const batch = open.slice(first, first + batchSize).filter((input) => !existsSync(mapOf(into, input)));
      const read: { input: ManyInput; images: tf.Tensor4D }[] = [];
      try {
        for (const input of batch) {
          try {
            read.push({ input, images: await readImages(input.file, model) });
          } catch (error) {
            const reason = (error as Error).message.split("\n")[0];
            failed.push({ file: input.file, reason });
            progress.say(`failed: ${input.file}: ${reason}`);
          }
        }
        if (read.length > 0 && written === 0) await options.onFirst?.(read[0].images);
        if (read.length > 0) await explainBatch(model, read, options);
        written += read.length;
      } finally {
        for (const { images } of read) images.dispose();
      }
      const asked = Math.min(batchSize, open.length - first);
      skipped += asked - batch.length;
      progress.advance(asked);
    }
  } finally {
    progress.end();
  }
  return { written, skipped, failed };
}

async function explainBatch(
  model: VisionModel,
  read: readonly { input: ManyInput; images: tf.Tensor4D }[],
  { explain, options, into, batchSize, pictures }: ManyOptions,
): Promise<void> {
  const together = tf.tidy(() =>
    tf.concat(
      read.map(({ images }) => images),
      0,
    ),
  );
  let made: Attribution | undefined;
  try {
    made = await explain(model, together, { ...options, batchSize, onProgress: () => undefined });
    const values = (await made.values.data()) as Float32Array,
      deltas = await made.convergenceDelta?.data();
    const [, ...map] = made.values.shape,
      size = map.reduce((product, n) => product * n, 1);
    let at = 0;
    for (const { input, images } of read) {
      const count = images.shape[0],
        targets = made.target.slice(at, at + count);
      const about = {
        input: input.name,
        target: targets,
        class: targets.map((index) => model.classNames[index]),
        ...(deltas && { convergenceDelta: Array.from(deltas.slice(at, at + count)) }),
      };
      const path = mapOf(into, input),
        base = join(into, input.name);
      const npy = encodeNpy({
        dtype: "float32",
        shape: [count, ...map],
        data: values.slice(at * size, (at + count) * size),
      });
      await writeTogether([
        { path: `${base}.json`, content: `${JSON.stringify(about)}\n` },
        ...(pictures ? [{ path: `${base}.png`, content: await pictureOf(made, images, at, model) }] : []),
        { path, content: npy },
      ]);
      at += count;
    }
  } finally {
    made?.dispose();
    together.dispose();
  }
}

async function pictureOf(
  { values, target, method }: Attribution,
  images: tf.Tensor4D,
  first: number,
  model: VisionModel,
): Promise<Uint8Array> {
  const { drawAttribution } = require("../write-attribution") as typeof import("../write-attribution");
  const count = images.shape[0],
    own = tf.slice(values, first, count);
  try {
    return await drawAttribution({ values: own, target: target.slice(first, first + count), method }, images, model);
  } finally {
    own.dispose();
  }
}
