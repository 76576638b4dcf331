import { createHash } from "node:crypto";
import * as tf from "@tensorflow/tfjs";
import { asBytes } from "../../data/nd-array";
import { badInput } from "../../core/errors";
import { checkImages } from "../../model/check-images";
import type { VisionModel } from "../../model/vision-model";
import type { LabelledPixels } from "../labelled-pixels";

/** Pictures to train with: as tensors, as every loader gives them, or outside the tensor engine. Values in [0, 1]. */
export type TrainingData = LabelledPixels | { readonly images: tf.Tensor4D; readonly labels: ArrayLike<number>; readonly classNames?: readonly string[] };

/** @throws BadInputError for pictures or labels that do not fit the model */
export async function trainingPixels(data: TrainingData, model: VisionModel): Promise<LabelledPixels> {
  const isPixels = data !== null && typeof data === "object" && "pixels" in data;
  if (!isPixels && !(data?.images instanceof tf.Tensor)) badInput({ what: "data", got: data, allowed: "{ images, labels }, as loadFashionMnist gives them, or { pixels, labels, shape }" });
  const pixels = isPixels ? data : await fromTensors(data, model);
  const size = pixels.shape[0] * pixels.shape[1] * pixels.shape[2];
  if (String(pixels.shape) !== String(model.inputShape)) badInput({ what: "data.shape", got: pixels.shape, allowed: `[${model.inputShape.join(", ")}], the input of ${model.name}` });
  if (pixels.labels.length === 0) badInput({ what: "data", got: "no pictures", allowed: "at least one" });
  if (pixels.labels.length * size !== pixels.pixels.length) badInput({ what: "the number of labels", got: pixels.labels.length, allowed: `${pixels.pixels.length / size}, one for each picture` });
  checkLabels(pixels.labels, model.classNames.length, "data.labels");
  return pixels;
}

async function fromTensors({ images, labels }: Exclude<TrainingData, LabelledPixels>, model: VisionModel): Promise<LabelledPixels> {
  const checked = await checkImages(images, model, "data.images");
  try {
    return { pixels: await checked.data() as Float32Array, labels, shape: [...model.inputShape] };
  } finally {
    checked.dispose();
  }
}

export function checkLabels(labels: ArrayLike<number>, classes: number, what: string): void {
  for (let i = 0; i < labels.length; i++) {
    if (!Number.isInteger(labels[i]) || labels[i] < 0 || labels[i] >= classes) badInput({ what: `${what}[${i}]`, got: labels[i], allowed: `a class index from 0 to ${classes - 1}` });
  }
}

/** SHA-256, by which pictures are known again. */
export function fingerprint(pixels: Float32Array, labels: ArrayLike<number> = []): string {
  return createHash("sha256").update(asBytes(pixels)).update(Int32Array.from(labels)).digest("hex");
}
