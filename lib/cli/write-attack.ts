import type * as tf from "@tensorflow/tfjs";
import type { AttackResult } from "../attack/attack";
import { encodeNpy } from "../data/npy";
import type { VisionModel } from "../model/vision-model";
import { writeTogether } from "../core/files";

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
    const { renderPng } = require("../plot/render-png") as typeof import("../plot/render-png");
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
