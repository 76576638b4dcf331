// Pictures in another size, to the last bit as PIL makes them.
import { badInput } from "../core/errors";
import type { Pixels } from "./image-files";

/** How each output pixel along one axis is mixed from input pixels. */
interface Mix {
  first: number;
  weights: number[];
}

/**
 * Bilinear with a triangle as wide as the reduction, so that fine patterns do not alias: what PIL (and torchvision on
 * PIL images) does, along one axis after the other, to the last bit.
 */
export function resize(image: Pixels, height: number, width: number): Pixels {
  for (const [what, value] of [
    ["height", height],
    ["width", width],
  ] as const) {
    if (!Number.isInteger(value) || value < 1) badInput({ what, got: value, allowed: "an integer ≥ 1" });
  }
  if (height === image.height && width === image.width) return image;
  const { channels } = image,
    row = width * channels;
  const across = mixes(image.width, width),
    down = mixes(image.height, height);
  const narrow = new Uint8Array(image.height * row);
  for (let y = 0; y < image.height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++) {
        narrow[y * row + x * channels + c] = mixed(image.data, across[x], y * image.width * channels + c, channels);
      }
  const data = new Uint8Array(height * row);
  for (let y = 0; y < height; y++) for (let i = 0; i < row; i++) data[y * row + i] = mixed(narrow, down[y], i, row);
  return { height, width, channels, data };
}

/** Shorter side to `size`, the other in proportion. */
export function resizeShorterSide(image: Pixels, size: number): Pixels {
  return resizeOver(image, size, size);
}

/** The middle `height` × `width` pixels. */
export function centreCrop(image: Pixels, height: number, width: number): Pixels {
  if (height > image.height || width > image.width) {
    badInput({
      what: "crop",
      got: [height, width],
      allowed: `at most the image's ${image.height} × ${image.width}`,
      remedy: "Resize it first.",
    });
  }
  const top = middle(image.height, height),
    left = middle(image.width, width);
  const row = width * image.channels,
    data = new Uint8Array(height * row);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * image.channels;
    data.set(image.data.subarray(from, from + row), y * row);
  }
  return { height, width, channels: image.channels, data };
}

/** What a network of input size `height` × `width` is given: the shorter side resized, the middle cut out. */
export function fit(image: Pixels, height: number, width: number): Pixels {
  return centreCrop(resizeOver(image, height, width), height, width);
}

/**
 * Where the middle `size` of `length` pixels begin. Torchvision rounds with Python's `round`, a half to the even
 * number: another rule shifts every fourth photograph by a pixel.
 */
function middle(length: number, size: number): number {
  const spare = length - size,
    down = Math.floor(spare / 2);
  return spare % 2 === 0 ? down : down + (down % 2);
}

/**
 * As small as covers `height` × `width`: one side is met, the other is in proportion and loses its fraction, as in
 * torchvision, which has only squares.
 */
function resizeOver(image: Pixels, height: number, width: number): Pixels {
  return resize(image, ...coveringSize(image, height, width));
}

/** [height, width] of an image that is resized to cover `height` × `width`. */
export function coveringSize(
  image: { readonly height: number; readonly width: number },
  height: number,
  width: number,
): [number, number] {
  return image.height * width <= image.width * height
    ? [height, Math.max(width, Math.trunc((height * image.width) / image.height))]
    : [Math.max(height, Math.trunc((width * image.height) / image.width)), width];
}

/** PIL's weights are integers: fractions times this. */
const one = 2 ** 22;

function mixes(from: number, to: number): Mix[] {
  const scale = from / to,
    reach = Math.max(1, scale),
    inverse = 1 / reach;
  return Array.from({ length: to }, (_, position) => {
    const centre = (position + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const last = Math.min(from, Math.trunc(centre + reach + 0.5));
    const weights = Array.from({ length: last - first }, (_unused, i) =>
      Math.max(0, 1 - Math.abs((i + first - centre + 0.5) * inverse)),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => Math.trunc(0.5 + (weight / sum) * one)) };
  });
}

function mixed(data: Uint8Array, { first, weights }: Mix, start: number, stride: number): number {
  let sum = one / 2;
  for (let i = 0; i < weights.length; i++) sum += weights[i] * data[start + (first + i) * stride];
  return Math.min(255, sum >> 22);
}
