import * as tf from "@tensorflow/tfjs";
import { pixelsToTensor, tensorToPixels, loadImages } from "../data/image";
import { pictureEnding, readEndings } from "../data/image-files";
import { fit } from "../data/resize";
import { badInput } from "../core/errors";
import { checkImages } from "../model/check-images";
import type { VisionModel } from "../model/vision-model";
import { loadGivenModel, type ModelFlags } from "./model-flags";
import { warnOfRange } from "./warn-of-range";

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
 * @returns [batch, height, width, channels], checked; owned by the caller
 * @throws FileError, BadInputError
 */
export async function readImages(file: string, model: VisionModel): Promise<tf.Tensor4D> {
  if (!/\.npy$/i.test(file) && !pictureEnding.test(file))
    badInput({ what: "--input", got: file, allowed: `a file that ends with ${readEndings}` });
  const [height, width, channels] = model.inputShape;
  const read = await loadImages(file, { size: [height, width], channels: channels === 1 ? 1 : 3 });
  try {
    const fitted = await fitArray(read, height, width);
    try {
      return await checkImages(fitted, model, file);
    } finally {
      fitted.dispose();
    }
  } finally {
    read.dispose();
  }
}

/** Pictures come in the right size already; arrays come as they are. */
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
