import * as tf from "@tensorflow/tfjs";
import { badInput, FileError } from "../core/errors";
import { readImage, pixelsToTensor, type LoadImageOptions } from "./image";
import type { NdArray } from "./nd-array";
import { readNpy } from "./npy";
import { fit } from "./resize";
import { withChannels } from "./pixels";
import { ready } from "../backend";

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
 * in
 * [0, 1] or uint8.
 * `size` and `channels` apply to pictures only; an array is taken as it is.
 * @returns [batch, height, width, channels], float32 in [0, 1]
 * @throws FileError, BadInputError
 */
export async function loadImages(file: string, options: LoadImageOptions = {}): Promise<tf.Tensor4D> {
  await ready();
  if (!/\.npy$/i.test(file)) {
    const { size, channels = 3 } = options;
    const image = await readImage(file);
    const [height, width] =
      size === undefined ? [image.height, image.width] : typeof size === "number" ? [size, size] : size;
    return tf.tidy(
      () =>
        pixelsToTensor(withChannels(size === undefined ? image : fit(image, height, width), channels)).expandDims(
          0,
        ) as tf.Tensor4D,
    );
  }
  const { dtype, shape, data } = await readNpy(file);
  if ((shape.length !== 3 && shape.length !== 4) || shape.includes(0))
    throw new FileError(
      file,
      `holds an array of shape [${shape.join(", ")}]${shape.includes(0) ? ", which is empty" : ""}; images are [height, width, channels] or [batch, height, width, channels]`,
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
