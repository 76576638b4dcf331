import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { badInput } from "../errors";
import { canvas } from "./canvas";
import { FileError } from "./file-error";
import { readImageHeader } from "./image-header";
import { withChannels, type Pixels } from "./pixels";
import { readBytes } from "./read-bytes";
import { fit } from "./resize";

/** A PNG or JPEG file as RGB pixels; what is transparent is laid over white. @throws FileError */
export async function readImage(file: string): Promise<Pixels> {
  return decodeImage(await readBytes(file), file);
}

/** @param name the file's, for messages */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<Pixels> {
  const header = readImageHeader(bytes, name);
  const { library } = canvas();
  try {
    const image = await library.loadImage(Buffer.from(bytes));
    if (image.width * image.height !== header.width * header.height) throw new Error("its size is not what its header says");
    const surface = library.createCanvas(image.width, image.height), context = surface.getContext("2d");
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, image.width, image.height);
    context.drawImage(image, 0, 0);
    const rgba = context.getImageData(0, 0, image.width, image.height).data;
    const data = new Uint8Array(image.width * image.height * 3);
    for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
      data[to] = rgba[from];
      data[to + 1] = rgba[from + 1];
      data[to + 2] = rgba[from + 2];
    }
    return { height: image.height, width: image.width, channels: 3, data };
  } catch (error) {
    throw new FileError(name, `cannot be decoded as ${header.format.toUpperCase()}: ${(error as Error)?.message ?? String(error)}`);
  }
}

export interface LoadImageOptions {
  /** [height, width] of the result, or one number for both: the shorter side is resized, the middle cut out. Default: as it is. */
  size?: number | readonly [number, number];
  /** 1: grey, 3: RGB. Default: 3. */
  channels?: 1 | 3;
}

/**
 * A PNG or JPEG file as a tensor.
 * @returns [height, width, channels], float32 in [0, 1]
 * @throws FileError, BadInputError
 */
export async function loadImage(file: string, options: LoadImageOptions = {}): Promise<tf.Tensor3D> {
  const { size, channels = 3 } = options;
  if (channels !== 1 && channels !== 3) badInput({ what: "channels", got: channels, allowed: "1 (grey) or 3 (RGB)" });
  await ready();
  const image = await readImage(file);
  const [height, width] = size === undefined ? [image.height, image.width] : typeof size === "number" ? [size, size] : size;
  return pixelsToTensor(withChannels(size === undefined ? image : fit(image, height, width), channels));
}

/** @returns [height, width, channels], float32 in [0, 1] */
export function pixelsToTensor({ height, width, channels, data }: Pixels): tf.Tensor3D {
  return tf.tensor3d(Float32Array.from(data, (value) => value / 255), [height, width, channels]);
}

/** @param image [height, width, 1 or 3] in [0, 1]; values beyond are clipped */
export async function tensorToPixels(image: tf.Tensor3D): Promise<Pixels> {
  const [height, width, channels] = image.shape;
  if (channels !== 1 && channels !== 3) badInput({ what: "image", got: image.shape, allowed: "[height, width, 1 or 3]" });
  const values = await image.data();
  return { height, width, channels, data: Uint8Array.from(values, (value) => Math.round(255 * Math.min(1, Math.max(0, value)))) };
}
