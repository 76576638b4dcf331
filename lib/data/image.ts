// Pictures and arrays as tensors, and back.
import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { badInput, FileError } from "../core/errors";
import { checkOptions, integer, orElse, other, type Checked, type Schema } from "../core/options";
import { canvasPixels, drawnPixels, sharpPixels } from "./image-decoders";
import { isFileSource, isRgba, overWhite, type ImageSource } from "./image-source";
import { endingOf, nameOf } from "./file-source";
import { imageFormat, readFormats, withChannels, type Pixels } from "./image-files";
import type { NdArray } from "./nd-array";
import { readNpy } from "./npy";
import { readBytes } from "./read-bytes";
import { fit } from "./resize";

/**
 * A picture file as RGB pixels: PNG, JPEG, WebP, AVIF, GIF or TIFF, told by its content. It is upright, as its EXIF
 * orientation says; what is transparent is laid over white; of 16 bits the upper 8 are taken, of several frames or
 * pages the first. A colour profile is applied; CMYK is taken without one.
 * @throws FileError
 */
export async function readImage(source: ImageSource): Promise<Pixels> {
  if (isFileSource(source)) return decodeImage(await readBytes(source), nameOf(source));
  if (typeof source !== "object" || source === null)
    return badInput({ what: "the image", got: source, allowed: "a path, an address, a file, pixels or a canvas" });
  if (!isRgba(source)) return drawnPixels(source);
  if (source.data.length !== 4 * source.width * source.height)
    badInput({ what: "data", got: `${source.data.length} values`, allowed: "four for each pixel" });
  return overWhite(source);
}

/** @param name the file's, for messages */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<Pixels> {
  const format = imageFormat(bytes);
  if (!format) throw new FileError(name, "is no picture that is read", `Allowed: ${readFormats}.`);
  return format === "PNG" || format === "JPEG" ? canvasPixels(bytes, name) : sharpPixels(bytes, format, name);
}

export interface LoadImageOptions {
  /**
   * [height, width] of the result, or one number for both: the shorter side is resized, the middle cut out. Integer ≥
   * 1.
   * Default: as it is.
   */
  size?: number | readonly [number, number];
  /** 1: grey, 3: RGB. Default: 3. */
  channels?: 1 | 3;
}

const isSize = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && value.every((side) => Number.isInteger(side) && side > 0);

export const channelsOption = other<1 | 3>("1 (grey) or 3 (RGB)", {
  is: (value) => value === 1 || value === 3,
  default: 3,
  help: "grey or RGB",
});

export const loadImageOptions = {
  size: integer({
    least: 1,
    or: orElse<readonly [number, number]>("[height, width]", isSize),
    rule: "as it is",
    unit: "pixels",
    help: "the shorter side is resized, the middle cut out",
  }),
  channels: channelsOption,
} satisfies Schema<LoadImageOptions>;

/**
 * A picture file as a tensor, as `readImage` reads it: PNG, JPEG, WebP, AVIF, GIF (its first frame) or TIFF (its first
 * page).
 * @returns [height, width, channels], float32 in [0, 1]
 * @throws FileError, BadInputError
 */
export async function loadImage(source: ImageSource, options: LoadImageOptions = {}): Promise<tf.Tensor3D> {
  const checked = checkOptions(loadImageOptions, options);
  await ready();
  return pixelsToTensor(await readSized(source, checked));
}

async function readSized(source: ImageSource, { size, channels }: Checked<typeof loadImageOptions>): Promise<Pixels> {
  const image = await readImage(source);
  if (size === undefined) return withChannels(image, channels);
  const [height, width] = typeof size === "number" ? [size, size] : size;
  return withChannels(fit(image, height, width), channels);
}

/** @returns [height, width, channels], float32 in [0, 1] */
export function pixelsToTensor({ height, width, channels, data }: Pixels): tf.Tensor3D {
  return tf.tensor3d(
    Float32Array.from(data, (value) => value / 255),
    [height, width, channels],
  );
}

/** @param image [height, width, 1 or 3] in [0, 1]; values beyond are clipped */
export async function tensorToPixels(image: tf.Tensor): Promise<Pixels> {
  const [height, width, channels] = image.shape;
  if (image.rank !== 3 || (channels !== 1 && channels !== 3))
    badInput({ what: "image", got: image.shape, allowed: "[height, width, 1 or 3]" });
  const values = await image.data();
  return {
    height,
    width,
    channels,
    data: Uint8Array.from(values, (value) => Math.round(255 * Math.min(1, Math.max(0, value)))),
  };
}

/** float32 for fractions; int32 for integers, of which a 64-bit one must fit. @throws BadInputError */
export function toTensor({ dtype, shape, data }: NdArray): tf.Tensor {
  if (dtype === "float32" || dtype === "float64")
    return tf.tensor(Float32Array.from(data as Float32Array), [...shape], "float32");
  if (dtype === "bool") return tf.tensor(Uint8Array.from(data as Uint8Array), [...shape], "bool");
  const values = Int32Array.from({ length: data.length }, (_, i) => Number(data[i]));
  const wrong = values.findIndex((value, i) => value !== Number(data[i]));
  if (wrong >= 0) badInput({ what: `value ${wrong} of the array`, got: data[wrong], allowed: "integers of 32 bits" });
  return tf.tensor(values, [...shape], "int32");
}

/** A tensor's values, to be written to a file. */
export async function fromTensor(tensor: tf.Tensor): Promise<NdArray> {
  const data = await tensor.data();
  if (tensor.dtype === "float32") return { dtype: "float32", shape: tensor.shape, data: data as Float32Array };
  if (tensor.dtype === "int32") return { dtype: "int32", shape: tensor.shape, data: data as Int32Array };
  if (tensor.dtype === "bool") return { dtype: "bool", shape: tensor.shape, data: Uint8Array.from(data as Uint8Array) };
  return badInput({ what: "tensor", got: tensor.dtype, allowed: "float32, int32 or bool" });
}

/**
 * The images in a file: a picture, as `loadImage` reads it, or `.npy` with one image (HWC) or a batch (NHWC), float32
 * in [0, 1] or uint8. `size` and `channels` apply to pictures only; an array is taken as it is.
 * @returns [batch, height, width, channels], float32 in [0, 1]
 * @throws FileError, BadInputError
 */
export async function loadImages(source: ImageSource, options: LoadImageOptions = {}): Promise<tf.Tensor4D> {
  const checked = checkOptions(loadImageOptions, options);
  await ready();
  if (!isFileSource(source) || endingOf(nameOf(source)) !== ".npy") {
    const image = await readSized(source, checked);
    return tf.tidy(() => tf.expandDims(pixelsToTensor(image), 0) as tf.Tensor4D);
  }
  const { dtype, shape, data } = await readNpy(source),
    file = nameOf(source);
  if ((shape.length !== 3 && shape.length !== 4) || shape.includes(0))
    throw new FileError(
      file,
      `holds an array of shape [${shape.join(", ")}]${shape.includes(0) ? ", which is empty" : ""}; images are ` +
        `[height, width, channels] or [batch, height, width, channels]`,
    );
  if (dtype !== "float32" && dtype !== "float64" && dtype !== "uint8")
    throw new FileError(file, `holds ${dtype}; images are float32 in [0, 1] or uint8`);
  const values = Float32Array.from(data as Float32Array);
  if (dtype === "uint8") for (let i = 0; i < values.length; i++) values[i] /= 255;
  const wrong = values.findIndex((value) => !(value >= 0 && value <= 1));
  if (wrong >= 0)
    badInput({
      what: `a value of ${file}`,
      got: values[wrong],
      allowed: "numbers in [0, 1], or uint8",
      remedy:
        values[wrong] > 1
          ? "Divide by 255, or save uint8."
          : "Look where it comes from: a division by 0, or a normalisation that the model does by itself.",
    });
  return tf.tensor4d(values, (shape.length === 4 ? [...shape] : [1, ...shape]) as [number, number, number, number]);
}
