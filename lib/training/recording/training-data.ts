import { createHash } from "node:crypto";
import * as tf from "@tensorflow/tfjs";
import { asBytes } from "../../data/nd-array";
import { badInput } from "../../core/errors";
import { checkInputs } from "../../model/check-inputs";
import type { Model } from "../../model/vision-model";
import type { LabelledPixels } from "../labelled-pixels";

interface Labels {
  readonly labels: ArrayLike<number>;
  readonly classNames?: readonly string[];
}

/** Pictures to train with: as tensors, as every loader gives them, or outside the tensor engine. Values in [0, 1]. */
export type TrainingData = LabelledPixels | (Labels & { readonly images: tf.Tensor4D });

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
        "{ images, labels }, as loadFashionMnist gives them, { inputs, labels } of any shape, or { pixels, labels, shape }",
    });
  }
  const pixels = isPixels ? data : await fromTensors(given!, data.labels, model);
  const size = pixels.shape.reduce((product, side) => product * side, 1);
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
export function tensorsOf(given: object | undefined): Named | undefined {
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
