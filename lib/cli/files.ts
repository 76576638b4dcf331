// What --input and --target name, and what commands write: arrays, and pictures beside them; both or none.
import * as tf from "@tensorflow/tfjs";
import { pixelsToTensor, tensorToPixels, loadImages, readImage } from "../data/image";
import { pictureEnding, readEndings, withChannels } from "../data/image-files";
import { fit } from "../data/resize";
import { badInput } from "../core/errors";
import { checkImages } from "../model/checks";
import type { VisionModel } from "../model/vision-model";
import { imageNotes } from "./image-notes";
import { loadGivenModel, type ModelFlags, warnOfRange } from "./model-flags";
import type { ClassRef, Target } from "../model/target";
import type { AttackResult } from "../attack/attack";
import { encodeNpy } from "../data/npy";
import { writeTogether } from "../core/files";
import type { Attribution } from "../attribution/attribution";
import type { Overlay } from "./drawn-overlay";

/** Runs `work` on what `--model` (with its flags) and `--input` name, and frees both. */
export async function withModelAndImages<T>(
  flags: ModelFlags,
  file: string,
  work: (model: VisionModel, images: tf.Tensor4D) => Promise<T>,
): Promise<T> {
  const model = await loadGivenModel(flags);
  try {
    const images = await readImages(file, model);
    try {
      await warnOfRange(model, flags, images);
      return await work(model, images);
    } finally {
      images.dispose();
    }
  } finally {
    model.dispose();
  }
}

/**
 * Reads what `--input` names, at the model's height and width: of images of another size the shorter side is resized
 * and the middle cut out, at 8 bits a channel whatever the file.
 * @param file .npy (NHWC or HWC; float32 in [0, 1] or uint8), or a picture
 * @param say is told in a line what of the images does not fit the network. Default: on stderr
 * @returns [batch, height, width, channels], checked; owned by the caller
 * @throws FileError, BadInputError
 */
export async function readImages(
  file: string,
  model: VisionModel,
  say: (line: string) => void = (line) => process.stderr.write(`vitrine: ${line}\n`),
): Promise<tf.Tensor4D> {
  if (!/\.npy$/i.test(file) && !pictureEnding.test(file))
    badInput({ what: "--input", got: file, allowed: `a file that ends with ${readEndings}` });
  const [height, width, channels] = model.inputShape;
  if (pictureEnding.test(file)) {
    const picture = await readImage(file);
    const images = tf.tidy(() => {
      const pixels = withChannels(fit(picture, height, width), channels === 1 ? 1 : 3);
      return tf.expandDims(pixelsToTensor(pixels), 0) as tf.Tensor4D;
    });
    try {
      const checked = await checkImages(images, model, file);
      imageNotes(file, picture, model).forEach(say);
      return checked;
    } finally {
      images.dispose();
    }
  }
  const read = await loadImages(file);
  try {
    const fitted = await fitArray(read, height, width);
    try {
      const checked = await checkImages(fitted, model, file);
      const [, h, w, c] = read.shape;
      imageNotes(file, { height: h, width: w, channels: c }, model).forEach(say);
      return checked;
    } finally {
      fitted.dispose();
    }
  } finally {
    read.dispose();
  }
}

/** Arrays in the network's size. */
async function fitArray(images: tf.Tensor4D, height: number, width: number): Promise<tf.Tensor4D> {
  const channels = images.shape[3];
  const asIs = (images.shape[1] === height && images.shape[2] === width) || (channels !== 1 && channels !== 3);
  if (asIs) return tf.clone(images);
  const single = tf.unstack(images) as tf.Tensor3D[];
  try {
    const fitted = await Promise.all(single.map(async (image) => fit(await tensorToPixels(image), height, width)));
    return tf.tidy(() => tf.stack(fitted.map(pixelsToTensor)) as tf.Tensor4D);
  } finally {
    tf.dispose(single);
  }
}

/** What `--target` means: a class name as a whole, or an index or name, or several of them with commas. */
export function readTarget(text: string, classNames: readonly string[]): Target {
  if (classNames.includes(text)) return text;
  const refs = text.split(",").map((part): ClassRef => classRef(part.trim(), classNames));
  return refs.length === 1 ? refs[0] : refs;
}

function classRef(text: string, classNames: readonly string[]): ClassRef {
  return /^-?\d+(\.\d+)?$/.test(text) && !classNames.includes(text) ? Number(text) : text;
}

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

/** Where maps go. */
export interface AttributionFiles {
  /** As float32 NHWC. */
  readonly npy?: string;
  /** As a picture. */
  readonly png?: string;
  readonly overlay: Overlay;
}

/**
 * Writes the maps as an array, a picture, or both: both or none.
 * @throws FileError
 */
export async function writeAttribution(
  { values, target, method }: Attribution,
  images: tf.Tensor4D,
  model: VisionModel,
  { npy, png, overlay }: AttributionFiles,
): Promise<void> {
  const files: { path: string; content: Uint8Array }[] = [];
  if (npy !== undefined) {
    const data = (await values.data()) as Float32Array;
    files.push({ path: npy, content: encodeNpy({ dtype: "float32", shape: values.shape, data }) });
  }
  if (png !== undefined)
    files.push({ path: png, content: await drawAttribution({ values, target, method }, images, model, overlay) });
  await writeTogether(files);
}

/** The maps with their images, as a PNG. */
export async function drawAttribution(
  { values, target, method }: Pick<Attribution, "values" | "target" | "method">,
  images: tf.Tensor4D,
  model: VisionModel,
  overlay: Overlay,
): Promise<Uint8Array> {
  const { attributionFigure } = require("./drawn-overlay") as typeof import("./drawn-overlay");
  const { renderPng } = require("../plot/show") as typeof import("../plot/show");
  const { upsample } = require("../attribution/grad-cam") as typeof import("../attribution/grad-cam");
  // A layer's map is written as it is; over its image it is drawn at the image's size.
  const [, height, width] = images.shape;
  const drawn =
    values.shape[1] === height && values.shape[2] === width ? values.clone() : upsample(values, [height, width]);
  const titles = target.map((index) => model.classNames[index]);
  const figure = await attributionFigure(drawn, images, { overlay, method, network: model.name, titles }).finally(() =>
    drawn.dispose(),
  );
  return renderPng(figure, { scale: 2 });
}
