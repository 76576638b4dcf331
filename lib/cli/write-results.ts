// What commands write: arrays, and pictures beside them; both or none.

import type * as tf from "@tensorflow/tfjs";
import type { AttackResult } from "../attack/attack";
import { encodeNpy } from "../data/npy";
import type { VisionModel } from "../model/vision-model";
import { writeTogether } from "../core/files";
import type { Attribution } from "../attribution/attribution";

/**
 * Writes the adversarial images as float32 NHWC, and beside them a picture with the difference where that is asked for:
 * both or none.
 * @throws FileError
 */
export async function writeAttack(
  { clipped, method }: AttackResult,
  images: tf.Tensor4D,
  model: VisionModel,
  npy: string,
  png?: string,
): Promise<void> {
  const data = (await clipped.data()) as Float32Array;
  const files: { path: string; content: Uint8Array }[] = [
    { path: npy, content: encodeNpy({ dtype: "float32", shape: clipped.shape, data }) },
  ];
  if (png !== undefined) {
    const { perturbationGrid } = require("../plot/perturbation-grid") as typeof import("../plot/perturbation-grid");
    const { renderPng } = require("../plot/show") as typeof import("../plot/show");
    const said = async (shown: tf.Tensor4D): Promise<string[]> =>
      (await model.predict(shown, { top: 1 })).map(([{ name, probability }]) => `${name} ${probability.toFixed(3)}`);
    const figure = await perturbationGrid(images, clipped, {
      title: `${method}, ${model.name}`,
      labels: { before: await said(images), after: await said(clipped) },
    });
    files.push({ path: png, content: await renderPng(figure, { scale: 2 }) });
  }
  await writeTogether(files);
}

/**
 * Writes the maps as float32 NHWC, and beside them as a picture where that is asked for: both or none.
 * @throws FileError
 */
export async function writeAttribution(
  { values, target, method }: Attribution,
  images: tf.Tensor4D,
  model: VisionModel,
  npy: string,
  png?: string,
): Promise<void> {
  const data = (await values.data()) as Float32Array;
  const files: { path: string; content: Uint8Array }[] = [
    { path: npy, content: encodeNpy({ dtype: "float32", shape: values.shape, data }) },
  ];
  if (png !== undefined) {
    files.push({ path: png, content: await drawAttribution({ values, target, method }, images, model) });
  }
  await writeTogether(files);
}

/** The maps beside their images, as a PNG. */
export async function drawAttribution(
  { values, target, method }: Pick<Attribution, "values" | "target" | "method">,
  images: tf.Tensor4D,
  model: VisionModel,
): Promise<Uint8Array> {
  const { attributionMap } = require("../plot/attribution-map") as typeof import("../plot/attribution-map");
  const { renderPng } = require("../plot/show") as typeof import("../plot/show");
  const { upsample } = require("../attribution/grad-cam") as typeof import("../attribution/grad-cam");
  // A layer's map is written as it is; over its image it is drawn at the image's size.
  const [, height, width] = images.shape;
  const drawn =
    values.shape[1] === height && values.shape[2] === width ? values.clone() : upsample(values, [height, width]);
  const figure = await attributionMap(drawn, {
    images,
    title: `${method}, ${model.name}`,
    titles: target.map((index) => model.classNames[index]),
  }).finally(() => drawn.dispose());
  return renderPng(figure, { scale: 2 });
}
