import type * as tf from "@tensorflow/tfjs";
import type { Attribution } from "../attribution/attribution";
import { encodeNpy } from "../data/npy";
import type { VisionModel } from "../model/vision-model";
import { writeTogether } from "../core/files";

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
  const { renderPng } = require("../plot/render-png") as typeof import("../plot/render-png");
  const { upsample } = require("../attribution/upsample") as typeof import("../attribution/upsample");
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
