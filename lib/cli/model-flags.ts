// The flags of every command that takes a model, the model that they name, and a warning where it seems to want other
// values.

import { readFileSync } from "node:fs";
import { fraction, UsageError, type FlagValues, type Flags } from "./args";
import { pictureEndings } from "../data/image-files";
import { optionValue, textFlag } from "./method-flags";
import {
  networkOptions,
  preprocessNames,
  type Normalization,
  type OutputKind,
  type Preprocess,
} from "../model/network-options";
import type { LoadModelOptions } from "../model/load-model";
import type { VisionModel } from "../model/vision-model";
import { BadInputError } from "../core/errors";
import type * as tf from "@tensorflow/tfjs";

/**
 * The names in the file that `--classes` names: one a line, a JSON list, or an object from indices to names or to
 * [WordNet id, name], as Keras' imagenet_class_index.json is.
 * @throws UsageError
 */
export function readClassNames(file: string): string[] {
  const text = contentOf(file).replace(/^\uFEFF/, "");
  const names = /^\s*[[{]/.test(text)
    ? fromJson(file, text)
    : text
        .replace(/\s+$/, "")
        .split(/\r?\n/)
        .map((line) => line.trim());
  const wrong = names.findIndex((name) => typeof name !== "string" || name === "");
  if (names.length === 0 || wrong >= 0)
    refuseClasses(file, names.length === 0 ? "is empty" : `has no name for class ${wrong}`);
  return names as string[];
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    return refuseClasses(file, `cannot be read (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`);
  }
}

function fromJson(file: string, text: string): unknown[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return refuseClasses(file, `begins as JSON but is none: ${(error as Error).message.split("\n")[0]}`);
  }
  if (Array.isArray(json)) return json;
  const byIndex = json as Record<string, unknown>,
    names: unknown[] = [];
  for (const [key, value] of Object.entries(byIndex)) {
    if (!/^\d+$/.test(key))
      refuseClasses(file, `has the key ${JSON.stringify(key.slice(0, 40))}, which is no class index`);
    names[Number(key)] = Array.isArray(value) ? value.at(-1) : value;
  }
  return Array.from(names);
}

function refuseClasses(file: string, what: string): never {
  throw new UsageError(
    `--classes is "${file}", which ${what}; allowed: one name a line, a JSON list, or ` +
      '{"0": ["n01440764", "tench"], …}.',
  );
}

/** What `--input` takes. */
export const inputWords = `.npy (NHWC or HWC; float32 in [0, 1] or uint8), ${pictureEndings}`;

export const modelFlag = {
  model: {
    type: "text",
    value: "M",
    required: true,
    help: "the network: a name, the path of a model.json, of its folder or of a file of weights, or a URL",
  },
} satisfies Flags;

const { classNames, preprocess, output, head, inputShape } = networkOptions;

/** What a model of one's own may need said. Images are in [0, 1], before and after. */
export const ownModelFlags = {
  preprocess: textFlag(preprocess),
  mean: {
    type: "text",
    value: "R,G,B",
    help: "in place of --preprocess: taken off, one per channel or one for all; in --bounds (default: 0)",
  },
  std: { type: "text", value: "R,G,B", help: "then divided by, likewise; none is 0 (default: 1)" },
  bounds: {
    type: "text",
    value: "LOW,HIGH",
    help: "the range that images are spread to before --mean and --std: 0,255 or -1,1 (default: 0,1)",
  },
  classes: {
    type: "text",
    value: "FILE",
    help: `${classNames.help}: one a line, a JSON list, or Keras' imagenet_class_index.json (default: the model's own)`,
  },
  output: textFlag(output, "KIND"),
  head: textFlag(head),
  "input-shape": textFlag(inputShape, "H,W,C"),
} satisfies Flags;

export const modelFlags = { ...modelFlag, ...ownModelFlags };
export type ModelFlags = FlagValues<typeof modelFlags>;
/** Without the model itself, and only those that were given. */
export type GivenModelFlags = Partial<Record<keyof typeof ownModelFlags, string>>;

export function givenModelFlags(flags: ModelFlags): GivenModelFlags {
  const names = Object.keys(ownModelFlags) as (keyof typeof ownModelFlags)[];
  return Object.fromEntries(names.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])));
}

/** What `loadModel` is told. @throws UsageError */
export function loadOptions(flags: ModelFlags): LoadModelOptions {
  const preprocess = preprocessOf(flags),
    { head, classes } = flags,
    shape = flags["input-shape"];
  const output =
    flags.output === undefined ? undefined : (optionValue("output", networkOptions.output, flags.output) as OutputKind);
  const sides =
    shape === undefined
      ? undefined
      : numbers(
          "input-shape",
          shape,
          "H,W,C, integers from 1, as 224,224,3",
          (all) => all.length === 3 && all.every((side) => Number.isInteger(side) && side > 0),
        );
  return {
    ...(preprocess !== undefined && { preprocess, bounds: [0, 1] }),
    ...(classes !== undefined && { classNames: readClassNames(classes) }),
    ...(output !== undefined && { output }),
    ...(head !== undefined && { head: /^\d+$/.test(head) ? Number(head) : head }),
    ...(sides && { inputShape: sides }),
  };
}

/**
 * Loads what `--model` names, as the other flags say. Images, epsilons and results are in [0, 1] on the command line,
 * whatever range the model's files name: that becomes part of its preprocessing.
 * @throws UsageError for a flag that does not fit the model, and what `loadModel` throws
 */
export async function loadGivenModel(flags: ModelFlags): Promise<VisionModel> {
  const options = loadOptions(flags);
  const { loadModel } = require("../model/load-model") as typeof import("../model/load-model");
  try {
    const model = await loadModel(flags.model, options),
      { bounds, normalization, inputShape } = model;
    if (inputShape.length !== 3) {
      model.dispose();
      const shape = (inputShape as readonly number[]).join(", ");
      throw new UsageError(
        `--model is "${flags.model}", which takes inputs of shape [${shape}]; allowed: a model of images. ` +
          "The library takes others.",
      );
    }
    if ((bounds[0] === 0 && bounds[1] === 1) || !bounds.every(Number.isFinite)) return model;
    model.dispose();
    return await loadModel(flags.model, {
      ...options,
      preprocess: spread(bounds, normalization ?? { mean: [0], std: [1] }),
      bounds: [0, 1],
    });
  } catch (error) {
    throw asUsage(error, flags);
  }
}

/** What the library calls a flag's value. */
const flagOf: Readonly<Record<string, keyof typeof ownModelFlags>> = {
  "preprocess.mean": "mean",
  "preprocess.std": "std",
  preprocess: "preprocess",
  classNames: "classes",
  output: "output",
  head: "head",
  inputShape: "input-shape",
};

/** An error about a flag's value, or one that is missing, as one of usage; others as they are. */
function asUsage(error: unknown, flags: ModelFlags): unknown {
  const flag =
    error instanceof BadInputError && Object.hasOwn(flagOf, error.input.what) ? flagOf[error.input.what] : undefined;
  if (flag === undefined) return error;
  const { got, allowed } = (error as BadInputError).input,
    given = flags[flag];
  if (given === undefined)
    return flag === "head" || flag === "input-shape"
      ? new UsageError(`--${flag} ${ownModelFlags[flag].value} is missing; allowed: ${allowed}.`)
      : error;
  return new UsageError(
    `--${flag} is "${given}"${flag === "classes" ? `, with ${String(got)}` : ""}; allowed: ${allowed}.`,
  );
}

function preprocessOf({
  preprocess,
  mean,
  std,
  bounds,
}: ModelFlags): Exclude<Preprocess, (...args: never[]) => unknown> | undefined {
  if (preprocess !== undefined) {
    for (const [flag, value] of Object.entries({ mean, std, bounds }))
      if (value !== undefined) throw new UsageError(`--${flag} does not go with --preprocess, which says it all.`);
    const known = preprocessNames.find((name) => name === preprocess);
    if (known !== undefined) return known;
    throw new UsageError(
      `--preprocess is "${preprocess}"; allowed: ${preprocessNames.join(", ")}. Others by --mean and --std.`,
    );
  }
  if (mean === undefined && std === undefined && bounds === undefined) return undefined;
  const one = "a number or fraction, or one per channel with commas",
    finite = (all: readonly number[]): boolean => all.every(Number.isFinite);
  const normalization = {
    mean: mean === undefined ? [0] : numbers("mean", mean, one, finite),
    std: std === undefined ? [1] : numbers("std", std, `${one}, none 0`, (all) => finite(all) && !all.includes(0)),
  };
  const range =
    bounds === undefined
      ? [0, 1]
      : numbers(
          "bounds",
          bounds,
          "LOW,HIGH, two numbers of which the second is larger, as 0,255",
          (all) => finite(all) && all.length === 2 && all[0] < all[1],
        );
  return spread(range as [number, number], normalization);
}

/** The same normalization, of images in [0, 1] instead of in `bounds`. */
function spread([low, high]: readonly [number, number], { mean, std }: Normalization): Normalization {
  return { mean: mean.map((value) => (value - low) / (high - low)), std: std.map((value) => value / (high - low)) };
}

/** @throws UsageError */
function numbers(flag: string, text: string, allowed: string, fits: (all: readonly number[]) => boolean): number[] {
  const all = text.split(",").map(fraction);
  if (!fits(all)) throw new UsageError(`--${flag} is "${text}"; allowed: ${allowed}.`);
  return all;
}

/** As many show what they are like; more would only take time. */
const RANGE_IMAGES = 8;

/**
 * Says on stderr, in one line, that a network of the user's seems to want other values than it is given: it would be
 * confidently wrong without a word. Not of networks that are registered or trained here, nor where `--preprocess none`
 * says that it is meant so.
 * @param images what it is run on, if on any
 */
export async function warnOfRange(model: VisionModel, flags: ModelFlags, images?: tf.Tensor4D): Promise<void> {
  const { isOwnModel } = require("../model/locate-model") as typeof import("../model/locate-model");
  if (flags.preprocess === "none" || isOwnModel(flags.model)) return;
  const { inputRangeDoubt } = require("../model/input-range-doubt") as typeof import("../model/input-range-doubt");
  const few = images?.slice(0, Math.min(RANGE_IMAGES, images.shape[0]));
  try {
    const doubt = await inputRangeDoubt(model, few as tf.Tensor4D | undefined);
    if (!doubt) return;
    const { words, flag } = doubt.better,
      quiet = flag === "--preprocess none" ? "" : "; --preprocess none says that it is meant so";
    process.stderr.write(
      `vitrine: warning: ${model.name} seems to want ${words}: ${doubt.because}. Try ${flag}${quiet}.\n`,
    );
  } finally {
    few?.dispose();
  }
}
