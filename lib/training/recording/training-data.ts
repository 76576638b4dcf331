// What is trained on and looked at, as plain numbers.
import { createHash } from "node:crypto";
import * as tf from "@tensorflow/tfjs";
import { asBytes } from "../../data/nd-array";
import { badInput } from "../../core/errors";
import { other } from "../../core/options";
import { checkInputs } from "../../model/checks";
import type { Model, ImageInput } from "../../model/vision-model";
import type { ImageFolder } from "../../data/image-folder";
import { sizeOf } from "../../core/chunks";

interface Labels {
  readonly labels: ArrayLike<number>;
  readonly classNames?: readonly string[];
}

/** Pictures to train with: as tensors, as every loader gives them, or outside the tensor engine. Values in [0, 1]. */
export type TrainingData = LabelledPixels | (Labels & { readonly images: tf.Tensor });

/**
 * Inputs of any shape to train with (rows, series, the tokens of texts), the first axis theirs; or outside the tensor
 * engine.
 */
export type TrainingInputs = LabelledPixels<readonly number[]> | (Labels & { readonly inputs: tf.Tensor });

/** @throws BadInputError for inputs or labels that do not fit the model */
export async function trainingPixels(
  data: TrainingData | TrainingInputs,
  model: Model,
): Promise<LabelledPixels<readonly number[]>> {
  const isPixels = data !== null && typeof data === "object" && "pixels" in data;
  const given = isPixels ? undefined : tensorsOf(data);
  if (!isPixels && !given) {
    badInput({
      what: "data",
      got: data,
      allowed:
        "{ images, labels }, as loadFashionMnist gives them, { inputs, labels } of any shape, or { pixels, " +
        "labels, shape }",
    });
  }
  const pixels = isPixels ? data : await fromTensors(given!, data.labels, model);
  const size = sizeOf(pixels.shape);
  if (String(pixels.shape) !== String(model.inputShape))
    badInput({
      what: "data.shape",
      got: pixels.shape,
      allowed: `[${model.inputShape.join(", ")}], the input of ${model.name}`,
    });
  if (pixels.labels.length === 0) badInput({ what: "data", got: "no inputs", allowed: "at least one" });
  if (pixels.labels.length * size !== pixels.pixels.length)
    badInput({
      what: "the number of labels",
      got: pixels.labels.length,
      allowed: `${pixels.pixels.length / size}, one for each input`,
    });
  checkLabels(pixels.labels, model.classNames.length, "data.labels");
  return pixels;
}

interface Named {
  readonly tensor: tf.Tensor;
  readonly name: "images" | "inputs";
}

/** What `{ images }` or `{ inputs }` has, under its name. */
function tensorsOf(given: object | undefined): Named | undefined {
  const name = (["images", "inputs"] as const).find(
    (each) => (given as Record<string, unknown> | undefined)?.[each] instanceof tf.Tensor,
  );
  return name && { tensor: (given as Record<string, tf.Tensor>)[name], name };
}

async function fromTensors(
  { tensor, name }: Named,
  labels: ArrayLike<number>,
  model: Model,
): Promise<LabelledPixels<readonly number[]>> {
  const checked = await checkInputs(tensor, model, `data.${name}`);
  try {
    return { pixels: await floatsOf(checked), labels, shape: [...model.inputShape] };
  } finally {
    checked.dispose();
  }
}

/** A cast to float32 leaves the integers of tokens as they are on cpu. */
export async function floatsOf(tensor: tf.Tensor): Promise<Float32Array> {
  const values = await tensor.data();
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

export function checkLabels(labels: ArrayLike<number>, classes: number, what: string): void {
  for (let i = 0; i < labels.length; i++) {
    if (!Number.isInteger(labels[i]) || labels[i] < 0 || labels[i] >= classes)
      badInput({ what: `${what}[${i}]`, got: labels[i], allowed: `a class index from 0 to ${classes - 1}` });
  }
}

/** SHA-256, by which pictures are known again. */
export function fingerprint(pixels: Float32Array, labels: ArrayLike<number> = []): string {
  return createHash("sha256").update(asBytes(pixels)).update(Int32Array.from(labels)).digest("hex");
}

/** The images that are looked at again and again; what a loader gives fits. */
export interface RecordedImages {
  /** [height, width, channels] or [images, height, width, channels] in [0, 1]. */
  readonly images: ImageInput;
  /** True class of each. Default: not known. */
  readonly labels?: readonly number[];
}

/** What takes their place where a network's inputs are no images: rows, series, the tokens of texts. */
export interface RecordedInputs {
  /** With or without the first axis, which is theirs. */
  readonly inputs: tf.Tensor;
  /** True class of each. Default: not known. */
  readonly labels?: readonly number[];
}

/** Images or other inputs that are looked at while a network trains. */
export const recordedOption = (help: string) =>
  other<RecordedImages | RecordedInputs>("{ images, labels }, or { inputs, labels }", { required: true, help });

/** @returns the tensor @throws BadInputError for something else, a lone tensor for instance */
export function checkRecordedImages(given: RecordedImages | RecordedInputs): tf.Tensor {
  const found = tensorsOf(given instanceof tf.Tensor ? undefined : given);
  return (
    found?.tensor ??
    badInput({
      what: "images",
      got: given,
      allowed: "{ images, labels }, as loadFashionMnist gives them, or { inputs, labels } of any shape",
    })
  );
}

/** Labelled pictures, or inputs of another shape, outside the tensor engine: minibatches are cut from them. */
export interface LabelledPixels<Shape extends readonly number[] = readonly [number, number, number]> {
  /**
   * Values in [0, 1], picture after picture, row-major, channels last; of other inputs their numbers (of a text its
   * tokens).
   */
  readonly pixels: Float32Array;
  /** Class index of each picture. */
  readonly labels: ArrayLike<number>;
  /** Of one picture [height, width, channels]; of other inputs their own. */
  readonly shape: Shape;
}

/** Pictures read at a time: these are in memory twice. */
const together = 256;

/** One side of a folder's split, all of it in memory: 4 bytes a value. */
export async function pixelsOf(folder: ImageFolder, side: "train" | "test"): Promise<LabelledPixels> {
  const { [side]: set, shape } = folder,
    size = shape[0] * shape[1] * shape[2];
  const pixels = new Float32Array(set.count * size);
  for (let start = 0; start < set.count; start += together) {
    const some = await set.images(Array.from({ length: Math.min(together, set.count - start) }, (_, i) => start + i));
    try {
      pixels.set(await some.data(), start * size);
    } finally {
      some.dispose();
    }
  }
  return { pixels, labels: set.labels, shape };
}
