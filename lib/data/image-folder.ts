// A folder of pictures, one folder for each class, as training data.
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { badInput, FileError } from "../core/errors";
import {
  callback,
  checkOptions,
  integer,
  number,
  progressAndSignal,
  texts,
  type Checked,
  type Schema,
} from "../core/options";
import { random } from "../core/random";
import { notebookHost } from "../runtime/host";
import { type ProgressReport, say } from "../runtime/progress";
import { channelsOption } from "./image";
import { pictureEnding, pictureEndings } from "./image-files";
import { ImageStore, type ImageFile, type SkippedImage } from "./image-store";
import { places } from "./registry";

export interface ImageFolderOptions {
  /**
   * Side of the square that each picture becomes: the shorter side is resized, the middle cut out. Integer from 8 to
   * 512. Default: 128.
   */
  size?: number;
  /** 1: grey, 3: RGB. Default: 3. */
  channels?: 1 | 3;
  /** Share of each class that is held out for testing. Number above 0 and below 1. Default: 0.2. */
  heldOut?: number;
  /** The same seed makes the same split. Integer. Default: 1. */
  seed?: number;
  /**
   * Which pictures belong together, by any word: those of one word are on the same side, so that no network is tested
   * on what is nearly a picture that it was trained with. The word and the seed alone say on which, whatever other
   * pictures there are (but where all of a class would be on one side); the share that is held out is then near
   * `heldOut`. Default: each picture is alone, and the share is exact.
   * @param file the picture's path, from the folder's root on: `class/name.jpg`
   */
  group?: (file: string) => string;
  /** Only these classes, by their folders' names, in this order. Default: all, in alphabetical order. */
  classes?: readonly string[];
  /** At most so many pictures of each class, the first by name. Integer ≥ 2. Default: all. */
  perClass?: number;
  /**
   * Called while pictures are decoded for the first time. Default: for work longer than a second a bar in the notebook,
   * or a line on a terminal.
   */
  onProgress?: (report: ProgressReport) => void;
  /** Stops the work with an `InterruptedError`. Default: the running cell's own interrupt. */
  signal?: AbortSignal;
}

export const imageFolderOptions = {
  size: integer({
    least: 8,
    most: 512,
    default: 128,
    unit: "pixels",
    help: "side of the square that each picture becomes",
  }),
  channels: channelsOption,
  heldOut: number({ above: 0, below: 1, default: 0.2, help: "share of each class that is held out for testing" }),
  seed: integer({ default: 1, help: "the same seed makes the same split" }),
  group: callback<(file: string) => string>({
    rule: "each picture is alone, and the share is exact",
    help: "which pictures belong together, by any word: they are on the same side",
  }),
  classes: texts({ rule: "all, in alphabetical order", help: "only these, by their folders' names, in this order" }),
  perClass: integer({ least: 2, rule: "all", help: "at most so many pictures of each class, the first by name" }),
  ...progressAndSignal<ProgressReport>(),
} satisfies Schema<ImageFolderOptions>;

/** Pictures that are read when they are asked for. */
export interface ImageSet {
  readonly count: number;
  /** Class index of each picture. */
  readonly labels: readonly number[];
  /** Each picture's file. */
  readonly files: readonly string[];
  /**
   * @param positions from 0 to count − 1
   * @returns [positions, size, size, channels], float32 in [0, 1]; the caller disposes of it
   */
  images(positions: readonly number[]): Promise<tf.Tensor4D>;
}

export interface ImageFolder {
  readonly classNames: readonly string[];
  /** [height, width, channels] of each picture. */
  readonly shape: readonly [number, number, number];
  readonly train: ImageSet;
  readonly test: ImageSet;
  /** Files that cannot be decoded, and why. */
  readonly skipped: readonly SkippedImage[];
  /** Closes the file that the pictures are read from. */
  close(): Promise<void>;
}

/** More undecodable files than this share are no accident. */
const mostSkipped = 0.05;

/**
 * A folder with one folder of pictures for each class, split by a seed into pictures for training and for testing, the
 * same share of every class. Pictures are decoded once, outside the main thread, and kept on disk as bytes; memory
 * holds only what is asked for. One that cannot be decoded is left out, named and counted.
 * @throws FileError for a folder without classes, a class of fewer than two pictures, or too many that cannot be
 * decoded;
 *   BadInputError; InterruptedError
 */
export async function openImageFolder(folder: string, options: ImageFolderOptions = {}): Promise<ImageFolder> {
  const checked = checkOptions(imageFolderOptions, options),
    { size, channels, heldOut, seed, group, onProgress, signal = notebookHost()?.signal } = checked;
  const { classNames, files } = listed(folder, checked);
  await ready();
  const store = await ImageStore.open(files, {
    size,
    channels,
    folder: path.join(places().cache, "decoded"),
    onProgress,
    signal,
  });
  try {
    report(store.skipped, files.length, folder);
    const share = { classNames, heldOut, seed, folder };
    const parts = group ? splitGroups(store.images, group, share) : split(store.images, share);
    const set = (positions: readonly number[]): ImageSet => ({
      count: positions.length,
      labels: positions.map((position) => store.images[position].label),
      files: positions.map((position) => store.images[position].file),
      images: async (wanted) => {
        const wrong = wanted.find((each) => !Number.isInteger(each) || each < 0 || each >= positions.length);
        if (wrong !== undefined)
          badInput({ what: "positions", got: wrong, allowed: `integers from 0 to ${positions.length - 1}` });
        const bytes = await store.read(wanted.map((each) => positions[each]));
        return tf.tensor4d(
          Float32Array.from(bytes, (value) => value / 255),
          [wanted.length, size, size, channels],
        );
      },
    });
    return {
      classNames,
      shape: [size, size, channels],
      train: set(parts.train),
      test: set(parts.test),
      skipped: store.skipped,
      close: () => store.close(),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

function listed(
  folder: string,
  { classes, perClass }: Checked<typeof imageFolderOptions>,
): { classNames: string[]; files: ImageFile[] } {
  if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new FileError(folder, "is no folder", "Check the path.");
  const found = fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .sort();
  const inside = (name: string): string[] =>
    fs
      .readdirSync(path.join(folder, name))
      .filter((file) => pictureEnding.test(file))
      .sort();
  const withPictures = found.filter((name) => inside(name).length > 0);
  if (withPictures.length < 2) {
    throw new FileError(
      folder,
      `has ${withPictures.length === 0 ? "no folder" : "only one folder"} of pictures`,
      `Each class is a folder of its own, with pictures in it (${pictureEndings}).`,
    );
  }
  const unknown = classes?.find((name) => !withPictures.includes(name));
  if (unknown !== undefined) badInput({ what: "classes", got: unknown, allowed: withPictures.join(", ") });
  const classNames = classes ? [...classes] : withPictures;
  if (classNames.length < 2) badInput({ what: "classes", got: classNames, allowed: "two or more" });
  const files = classNames.flatMap((name, label) =>
    inside(name)
      .slice(0, perClass)
      .map((file) => ({ file: path.join(folder, name, file), label })),
  );
  return { classNames, files };
}

function report(skipped: readonly SkippedImage[], count: number, folder: string): void {
  if (skipped.length === 0) return;
  const named = skipped
    .slice(0, 5)
    .map(({ file, reason }) => `${path.basename(file)} (${reason})`)
    .join(", ");
  const more = skipped.length > 5 ? `, and ${skipped.length - 5} more` : "";
  if (skipped.length > mostSkipped * count)
    throw new FileError(
      folder,
      `holds ${skipped.length} of ${count} pictures that cannot be decoded: ${named}${more}`,
      "Fetch it again.",
    );
  say(`${skipped.length} of ${count} pictures cannot be decoded and are left out: ${named}${more}.`);
}

interface Share {
  readonly classNames: readonly string[];
  readonly heldOut: number;
  readonly seed: number;
  readonly folder: string;
}

/** Positions. */
interface Split {
  readonly train: number[];
  readonly test: number[];
}

/** The same share of every class, at least one picture on either side. @returns training's in a mixed order */
function split(images: readonly ImageFile[], { classNames, heldOut, seed, folder }: Share): Split {
  const train: number[] = [],
    test: number[] = [];
  classNames.forEach((name, label) => {
    const members = images.flatMap((image, position) => (image.label === label ? [position] : []));
    if (members.length < 2) {
      const has = `has ${members.length === 0 ? "no picture" : "one picture"} that can be decoded`;
      throw new FileError(path.join(folder, name), has, "A class needs two: one to train with, one to test.");
    }
    const order = Array.from(random(seed, label).permutation(members.length), (index) => members[index]);
    const held = Math.min(members.length - 1, Math.max(1, Math.round(heldOut * members.length)));
    test.push(...order.slice(0, held));
    train.push(...order.slice(held));
  });
  return { train: mixed(train, seed, classNames.length), test };
}

/** Whole groups on either side. @returns training's in a mixed order, and the test's class by class */
function splitGroups(images: readonly ImageFile[], group: (file: string) => string, share: Share): Split {
  const { classNames, heldOut, seed, folder } = share;
  const groups = images.map(({ file }) => group(path.relative(folder, file).split(path.sep).join("/")));
  const numbers = new Map([...new Set(groups)].map((name) => [name, numberOf(seed, name)]));
  const held = new Set([...numbers].flatMap(([name, number]) => (number < heldOut ? [name] : [])));
  const isOf =
    (label: number) =>
    (position: number): boolean =>
      images[position].label === label;
  const inClass = classNames.map((_, label) => [...new Set(groups.filter((_, position) => isOf(label)(position)))]);
  // Of a class of few groups all may be on one side: the nearest to the other goes there.
  for (const names of inClass) {
    const ordered = [...names].sort((a, b) => numbers.get(a)! - numbers.get(b)!);
    if (ordered.length > 1 && !names.some((name) => held.has(name))) held.add(ordered[0]);
    if (ordered.length > 1 && names.every((name) => held.has(name))) held.delete(ordered[ordered.length - 1]);
  }
  const lacking = inClass.findIndex((names) => new Set(names.map((name) => held.has(name))).size < 2);
  if (lacking >= 0) {
    const none = inClass[lacking].length === 0;
    const has = none ? "has no picture that can be decoded" : "has too few groups of pictures to be split";
    const remedy = "A class needs two: one to train with, one to test.";
    throw new FileError(path.join(folder, classNames[lacking]), has, remedy);
  }
  const on = (side: boolean): number[] =>
    groups.flatMap((name, position) => (held.has(name) === side ? [position] : []));
  const test = classNames.flatMap((_, label) => mixed(on(true).filter(isOf(label)), seed, label));
  return { train: mixed(on(false), seed, classNames.length), test };
}

/** Uniform in [0, 1), the same on every machine. */
const numberOf = (seed: number, group: string): number =>
  createHash("sha256").update(`${seed}/${group}`).digest().readUInt32BE() / 2 ** 32;

/** @param stream of the seed's random numbers */
function mixed(positions: readonly number[], seed: number, stream: number): number[] {
  return Array.from(random(seed, stream).permutation(positions.length), (index) => positions[index]);
}
