import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { badInput, FileError } from "../core/errors";
import { canvasPixels } from "./canvas-pixels";
import { imageFormat, readFormats } from "./image-format";
import { withChannels, type Pixels } from "./pixels";
import { readBytes } from "./read-bytes";
import { fit } from "./resize";
import { sharpPixels } from "./sharp-pixels";

/**
 * A picture file as RGB pixels: PNG, JPEG, WebP, AVIF, GIF or TIFF, told by its content. It is upright, as its EXIF
 * orientation says; what is transparent is laid over white; of 16 bits the upper 8 are taken, of several frames or
 * pages
 * the first. A colour profile is applied; CMYK is taken without one.
 * @throws FileError
 */
export async function readImage(file: string): Promise<Pixels> {
  return decodeImage(await readBytes(file), file);
}

/** @param name the file's, for messages */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<Pixels> {
  const format = imageFormat(bytes);
  if (!format) throw new FileError(name, "is no picture that is read", `Allowed: ${readFormats}.`);
  return format === "PNG" || format === "JPEG" ? canvasPixels(bytes, name) : sharpPixels(bytes, format, name);
}

export interface LoadImageOptions {
  /**
   * [height, width] of the result, or one number for both: the shorter side is resized, the middle cut out. Default: as
   * it is.
   */
  size?: number | readonly [number, number];
  /** 1: grey, 3: RGB. Default: 3. */
  channels?: 1 | 3;
}

/**
 * A picture file as a tensor, as `readImage` reads it: PNG, JPEG, WebP, AVIF, GIF (its first frame) or TIFF (its first
 * page).
 * @returns [height, width, channels], float32 in [0, 1]
 * @throws FileError, BadInputError
 */
export async function loadImage(file: string, options: LoadImageOptions = {}): Promise<tf.Tensor3D> {
  const { size, channels = 3 } = options;
  if (channels !== 1 && channels !== 3) badInput({ what: "channels", got: channels, allowed: "1 (grey) or 3 (RGB)" });
  await ready();
  const image = await readImage(file);
  const [height, width] =
    size === undefined ? [image.height, image.width] : typeof size === "number" ? [size, size] : size;
  return pixelsToTensor(withChannels(size === undefined ? image : fit(image, height, width), channels));
}

/** @returns [height, width, channels], float32 in [0, 1] */
export function pixelsToTensor({ height, width, channels, data }: Pixels): tf.Tensor3D {
  return tf.tensor3d(
    Float32Array.from(data, (value) => value / 255),
    [height, width, channels],
  );
}

/** @param image [height, width, 1 or 3] in [0, 1]; values beyond are clipped */
export async function tensorToPixels(image: tf.Tensor3D): Promise<Pixels> {
  const [height, width, channels] = image.shape;
  if (channels !== 1 && channels !== 3)
    badInput({ what: "image", got: image.shape, allowed: "[height, width, 1 or 3]" });
  const values = await image.data();
  return {
    height,
    width,
    channels,
    data: Uint8Array.from(values, (value) => Math.round(255 * Math.min(1, Math.max(0, value)))),
  };
}
