// Many images explained, a file of results for each: which ones, with what settings, how far it is.

import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { pictureEnding, readEndings } from "../data/image-files";
import { badInput } from "../core/errors";
import { UsageError } from "./args";
import { writeTogether } from "../core/files";
import type { GivenModelFlags } from "./model-flags";
import { existsSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";
import type { Attribution, AttributionOptions } from "../attribution/attribution";
import type { AttributionMethod } from "../attribution/methods";
import { encodeNpy } from "../data/npy";
import type { Overlay } from "./drawn-overlay";
import type { VisionModel } from "../model/vision-model";
import { readImages } from "./files";
import { sizeOf } from "../core/chunks";

/** An image to explain, and what its results are named after. */
export interface ManyInput {
  readonly file: string;
  /** Its path below the folder that all inputs share, so that no two results have one name. */
  readonly name: string;
}

/**
 * What is to be explained, in one order wherever it is asked for: every shard must cut the same list.
 * @param given files, and folders whose images are taken with those of their subfolders
 * @param list a text file with one path a line, relative to its own folder
 * @throws BadInputError if a file is named that is not there, or nothing is
 */
export async function manyInputs(given: readonly string[], list?: string): Promise<ManyInput[]> {
  const listed =
    list === undefined
      ? []
      : (await readFile(list, "utf8"))
          .split(/\r?\n/)
          .filter((line) => line.trim() !== "")
          .map((line) => (isAbsolute(line) ? line : join(dirname(list), line)));
  const found = (await Promise.all(given.map(expanded))).flat();
  const files = [...new Set([...found, ...listed].map((file) => resolve(file)))].sort();
  if (files.length === 0)
    badInput({
      what: "the list of images",
      got: list ?? given,
      allowed: `files that end with ${readEndings}, or folders with some`,
    });
  const shared = sharedFolder(files);
  return files.map((file) => ({ file, name: relative(shared, file) }));
}

const isInput = (name: string): boolean => /\.npy$/i.test(name) || pictureEnding.test(name);

/**
 * A list is not looked through: a million files on a shared disk would take long, and one that is missing is said when
 * it is its turn.
 */
async function expanded(path: string): Promise<string[]> {
  const kind = await stat(path).catch(() =>
    badInput({ what: "an image", got: path, allowed: "a file or folder that exists" }),
  );
  if (!kind.isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && isInput(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function sharedFolder(files: readonly string[]): string {
  let shared = dirname(files[0]);
  for (const file of files)
    while (!file.startsWith(shared.endsWith(sep) ? shared : shared + sep)) shared = dirname(shared);
  return shared;
}

/** The `index`-th of `count` equal parts, from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** @throws UsageError */
export function readShard(text: string): Shard {
  const [, index, count] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (!(index >= 1 && index <= count))
    throw new UsageError(`--shard is "${text}"; allowed: K/N with K from 1 to N, as 3/100.`);
  return { index, count };
}

/** Every `count`-th one, so that shards take equally long also where images of one kind follow each other. */
export const partOf = <T>(all: readonly T[], { index, count }: Shard): T[] =>
  all.filter((_, i) => i % count === index - 1);

/** What the results of a folder were made with. */
export interface ManySettings {
  readonly model: string;
  /** What was said about it, where anything was. */
  readonly modelFlags?: GivenModelFlags;
  readonly method: string;
  readonly options: object;
  /** As given with --target, or null: the class that each image is predicted to be. */
  readonly target: string | null;
}

/**
 * Notes the settings in the folder, or compares them with those that are there: a folder never mixes results of two
 * kinds. Shards that start at once all write the same.
 * @throws BadInputError
 */
export async function keepSettings(folder: string, settings: ManySettings): Promise<void> {
  const path = join(folder, "explain.json"),
    text = `${JSON.stringify(settings, null, 2)}\n`;
  const before = await readFile(path, "utf8").catch(() => undefined);
  if (before === text) return;
  if (before !== undefined) {
    badInput({
      what: path,
      got: before.replace(/\s+/g, " "),
      allowed: "the settings of this run",
      remedy: "Name another folder with --into, or remove this one.",
    });
  }
  await writeTogether([{ path, content: text }]);
}

/** How far a run is, on stderr: one line that moves on a terminal, elsewhere (a job's log) a line a minute. */
export class ManyProgress {
  private readonly begun = Date.now();
  private done = 0;
  private said = Date.now();

  /** @param total images that are still to be done */
  constructor(private readonly total: number) {}

  advance(images: number): void {
    this.done += images;
    const { isTTY } = process.stderr,
      now = Date.now();
    if (now - this.said < (isTTY ? 500 : 60_000)) return;
    this.said = now;
    const rate = this.done / ((now - this.begun) / 1000),
      left = (this.total - this.done) / rate;
    const text = `${this.done} of ${this.total} images, ${rate.toPrecision(3)} a second, ${inWords(left)} left`;
    process.stderr.write(isTTY ? `\r${text}\x1b[K` : `${text}\n`);
  }

  /** Says something on a line of its own. */
  say(line: string): void {
    process.stderr.write(`${process.stderr.isTTY ? "\r\x1b[K" : ""}${line}\n`);
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }
}

function inWords(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

export interface ManyOptions {
  readonly explain: AttributionMethod["explain"];
  /** The method's own, its target included. */
  readonly options: AttributionOptions;
  readonly into: string;
  /** Images in one pass, and read at once. */
  readonly batchSize: number;
  /** Also a picture of each, with the image there. Default: none. */
  readonly pictures?: Overlay;
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
 * NAME.json (targets, their classes, convergence deltas) and NAME.png if asked for. What is finished is passed over; an
 * image that cannot be read is said and the others go on; two runs on the same images write the same.
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
  // What does not fit in one image seldom fits in the others: a thousand lines would say no more.
  const told = new Set<string>();
  const sayOnce = (line: string): void => {
    const kind = line.slice(0, line.indexOf(":"));
    if (!told.has(kind)) progress.say(`${line} (said of the first such image only)`);
    told.add(kind);
  };
  let written = 0,
    skipped = inputs.length - open.length;
  try {
    for (let first = 0; first < open.length; first += batchSize) {
      const batch = open.slice(first, first + batchSize).filter((input) => !existsSync(mapOf(into, input)));
      const read: { input: ManyInput; images: tf.Tensor4D }[] = [];
      try {
        for (const input of batch) {
          try {
            read.push({ input, images: await readImages(input.file, model, sayOnce) });
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
      size = sizeOf(map);
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
        ...(pictures ? [{ path: `${base}.png`, content: await pictureOf(made, images, at, model, pictures) }] : []),
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
  overlay: Overlay,
): Promise<Uint8Array> {
  const { drawAttribution } = require("./files") as typeof import("./files");
  const count = images.shape[0],
    own = tf.slice(values, first, count);
  try {
    const shown = { values: own, target: target.slice(first, first + count), method };
    return await drawAttribution(shown, images, model, overlay);
  } finally {
    own.dispose();
  }
}
