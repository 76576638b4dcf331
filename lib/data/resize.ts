import { badInput } from "../errors";
import type { Pixels } from "./pixels";

/** How each output pixel along one axis is mixed from input pixels. */
interface Mix { first: number; weights: number[] }

/**
 * Bilinear with a triangle as wide as the reduction, so that fine patterns do not alias: what PIL (and torchvision on
 * PIL images) does, along one axis after the other.
 */
export function resize(image: Pixels, height: number, width: number): Pixels {
  for (const [what, value] of [["height", height], ["width", width]] as const) {
    if (!Number.isInteger(value) || value < 1) badInput({ what, got: value, allowed: "an integer ≥ 1" });
  }
  if (height === image.height && width === image.width) return image;
  const { channels } = image;
  const across = mixes(image.width, width), down = mixes(image.height, height);
  const narrow = new Uint8Array(image.height * width * channels);
  for (let y = 0; y < image.height; y++) for (let x = 0; x < width; x++) for (let c = 0; c < channels; c++) {
    narrow[(y * width + x) * channels + c] = mixed(image.data, across[x], y * image.width * channels + c, channels);
  }
  const data = new Uint8Array(height * width * channels);
  for (let y = 0; y < height; y++) for (let i = 0; i < width * channels; i++) data[y * width * channels + i] = mixed(narrow, down[y], i, width * channels);
  return { height, width, channels, data };
}

/** Shorter side to `size`, the other in proportion. */
export function resizeShorterSide(image: Pixels, size: number): Pixels {
  const { height, width } = image;
  return height <= width ? resize(image, size, Math.max(size, Math.trunc((size * width) / height))) : resize(image, Math.max(size, Math.trunc((size * height) / width)), size);
}

/** The middle `height` × `width` pixels. */
export function centreCrop(image: Pixels, height: number, width: number): Pixels {
  if (height > image.height || width > image.width) badInput({ what: "crop", got: [height, width], allowed: `at most the image's ${image.height} × ${image.width}`, remedy: "Resize it first." });
  const top = Math.round((image.height - height) / 2), left = Math.round((image.width - width) / 2);
  const row = width * image.channels, data = new Uint8Array(height * row);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * image.channels;
    data.set(image.data.subarray(from, from + row), y * row);
  }
  return { height, width, channels: image.channels, data };
}

/** What a network of input size `height` × `width` is given: the shorter side resized, the middle cut out. */
export function fit(image: Pixels, height: number, width: number): Pixels {
  const scale = Math.max(height / image.height, width / image.width);
  const resized = height === width ? resizeShorterSide(image, height) : resize(image, Math.max(height, Math.round(image.height * scale)), Math.max(width, Math.round(image.width * scale)));
  return centreCrop(resized, height, width);
}

function mixes(from: number, to: number): Mix[] {
  const scale = from / to, reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, position) => {
    const centre = (position + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5)), last = Math.min(from, Math.trunc(centre + reach + 0.5));
    const weights = Array.from({ length: last - first }, (_unused, i) => Math.max(0, 1 - Math.abs((first + i + 0.5 - centre) / reach)));
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

function mixed(data: Uint8Array, { first, weights }: Mix, start: number, stride: number): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i] * data[start + (first + i) * stride];
  return Math.round(sum);
}
