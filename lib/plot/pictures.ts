// What may be given as pictures, its errors, and a picture as a trace.
import { toBase64 } from "../core/base64";
import type * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { resize } from "../data/resize";
import { encodePng } from "../data/image-files";
import type { PlotlyTrace } from "./figure";
import { compact, compactTo, escaped } from "./text";
import { greys, ink } from "./style";

/** Numbers in nested arrays; booleans count as 0 and 1. */
export type Nested = number | boolean | readonly Nested[];

/**
 * Pictures or maps to draw: a batch [n, height, width, channels], one [height, width, channels] or [height, width],
 * several without channels [n, height, width], or a list of single ones, of any sizes. Tensors are read, not disposed
 * of.
 * Three axes mean one picture where the last has 1 or 3 entries.
 */
export type Pictures = tf.Tensor | readonly tf.Tensor[] | readonly Nested[] | { readonly values: tf.Tensor };

/** One picture, read. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** [height, width, channels], row-major. */
  readonly values: ArrayLike<number>;
}

/** Numbers of any shape, read. */
export type Flat = { shape: number[]; values: ArrayLike<number> };

/** Reads pictures. @throws BadInputError for a wrong rank, ragged rows, no pictures, or a value that is not finite */
export async function readPictures(input: Pictures, what: string): Promise<Picture[]> {
  const source =
    isObject(input) && "values" in input && !Array.isArray(input) ? (input as { values: tf.Tensor }).values : input;
  const single = !(Array.isArray(source) && source.some(isTensor));
  const parts = await Promise.all(
    (single ? [source] : (source as readonly tf.Tensor[])).map((part) => flatten(part, what)),
  );
  const pictures = parts.flatMap((part) => split(part, what));
  if (pictures.length === 0) badInput({ what, got: "an empty batch", allowed: "at least one" });
  pictures.forEach((picture, i) => checkFinite(picture, pictures.length > 1 ? `${what}[${i}]` : what));
  return pictures;
}

/** Refuses pictures with values outside a range; tiny excursions, as rounding makes them, pass. */
export function checkRange(pictures: readonly Picture[], [low, high]: readonly [number, number], what: string): void {
  const slack = (high - low) * 1e-3;
  pictures.forEach(({ values }, i) => {
    for (let at = 0; at < values.length; at++) {
      if (values[at] >= low - slack && values[at] <= high + slack) continue;
      const remedy =
        values[at] > 1 && low === 0 && high === 1
          ? "Divide bytes by 255, or pass the range."
          : "Clip the values, or pass the range.";
      badInput({ what: `a value of ${what}[${i}]`, got: values[at], allowed: `${low} to ${high}`, remedy });
    }
  });
}

/** Refuses pictures other than grey or RGB. */
export function checkChannels(pictures: readonly Picture[], what: string): void {
  pictures.forEach(({ channels }, i) => {
    if (channels !== 1 && channels !== 3)
      badInput({ what: `the number of channels of ${what}[${i}]`, got: channels, allowed: "1 (grey) or 3 (RGB)" });
  });
}

/** Refuses lists that do not go together. */
export function checkCount(count: number, expected: number, what: string, of: string): void {
  if (count !== expected)
    badInput({ what: `the number of ${what}`, got: count, allowed: `${expected}, one for each of the ${of}` });
}

/** Refuses a map or mask of another size than its image. */
export function checkSameSize(map: Picture, image: Picture, what: string): void {
  if (map.height !== image.height || map.width !== image.width) {
    badInput({
      what: `the size of ${what}`,
      got: `${map.height} by ${map.width} pixels`,
      allowed: `${image.height} by ${image.width}, its image's`,
      remedy: "Upsample it first.",
    });
  }
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
export const isTensor = (value: unknown): value is tf.Tensor =>
  isObject(value) && "dataSync" in value && "shape" in value;

/** Reads a tensor or nested arrays of numbers. @throws BadInputError for ragged ones, or what are no numbers */
export async function flatten(input: unknown, what: string): Promise<Flat> {
  if (isTensor(input)) {
    if (input.isDisposed)
      badInput({
        what,
        got: "a disposed tensor",
        allowed: "a tensor that still has its values",
        remedy: "Draw it before it is disposed of.",
      });
    return { shape: input.shape.slice(), values: (await input.data()) as Float32Array };
  }
  if (!Array.isArray(input)) badInput({ what, got: input, allowed: "a tensor or nested arrays of numbers" });
  const shape: number[] = [];
  for (let at: unknown = input; Array.isArray(at); at = at[0]) shape.push(at.length);
  const values: number[] = [];
  const visit = (at: unknown, axis: number): void => {
    if (axis === shape.length) {
      if (typeof at !== "number" && typeof at !== "boolean")
        badInput({ what: `a value of ${what}`, got: at, allowed: "a number" });
      values.push(Number(at));
      return;
    }
    const length = Array.isArray(at) ? at.length : 0;
    if (length !== shape[axis])
      badInput({
        what: `an array inside ${what}`,
        got: `of ${length} entries`,
        allowed: `${shape[axis]}, like the first one`,
      });
    for (const item of at as unknown[]) visit(item, axis + 1);
  };
  visit(input, 0);
  return { shape, values };
}

function split({ shape, values }: Flat, what: string): Picture[] {
  const colors = (size: number) => size === 1 || size === 3;
  let full = shape;
  if (shape.length === 2) full = [1, ...shape, 1];
  else if (shape.length === 3) full = colors(shape[2]) ? [1, ...shape] : [...shape, 1];
  if (full.length !== 4) {
    const remedy = shape.length === 1 ? "Give it its height and width with reshape." : "";
    badInput({
      what: `the shape of ${what}`,
      got: shape,
      allowed: "[n, height, width, channels], or fewer axes",
      remedy,
    });
  }
  const [count, height, width, channels] = full;
  if (count > 0 && height * width * channels === 0)
    badInput({ what: `the shape of ${what}`, got: shape, allowed: "no axis of length 0" });
  const size = height * width * channels;
  const slice = (i: number): ArrayLike<number> => Array.prototype.slice.call(values, i * size, (i + 1) * size);
  return Array.from({ length: count }, (_, i) => ({ height, width, channels, values: slice(i) }));
}

function checkFinite({ values, width, channels }: Picture, what: string): void {
  for (let at = 0; at < values.length; at++) {
    if (Number.isFinite(values[at])) continue;
    const pixel = Math.floor(at / channels);
    badInput({
      what: `the value of ${what} at row ${Math.floor(pixel / width)}, column ${pixel % width}`,
      got: values[at],
      allowed: "finite numbers",
    });
  }
}

/**
 * A picture in [0, 1] at most so many pixels wide, 8 bits a value: figures of many pictures would weigh megabytes.
 * Leave it a little wider than it is shown: only then is it drawn smoothly.
 */
export function shrunk(picture: Picture, width: number): Picture {
  const { height, channels, values } = picture,
    across = Math.max(1, Math.round(width));
  if (picture.width <= across) return picture;
  const data = Uint8Array.from(values as ArrayLike<number>, (value) =>
    Math.round(255 * Math.min(1, Math.max(0, value))),
  );
  const small = resize(
    { height, width: picture.width, channels: channels as 1 | 3, data },
    Math.max(1, Math.round((height * across) / picture.width)),
    across,
  );
  return { height: small.height, width: small.width, channels, values: Array.from(small.data, (byte) => byte / 255) };
}

/** Settings of the two axes over a picture: pixels as units, row 0 on top, a thin frame. */
export function pictureAxes({
  width,
  height,
}: Pick<Picture, "width" | "height">): [Record<string, unknown>, Record<string, unknown>] {
  const bare = {
    showgrid: false,
    zeroline: false,
    showticklabels: false,
    ticks: "",
    showline: true,
    mirror: true,
    linecolor: ink.frame,
    linewidth: 1,
    automargin: false,
  };
  return [
    { ...bare, range: [-0.5, width - 0.5], constrain: "domain" },
    { ...bare, range: [height - 0.5, -0.5], constrain: "domain", scaleratio: 1 },
  ];
}

interface PictureTraceOptions {
  range?: readonly [number, number];
  /** Shown when pointed at, beside the pixel's values. */
  label?: string;
  /** For a picture that lies under something else: no hover. */
  under?: boolean;
  opacity?: number;
  /** The side of the panel in pixels: larger pictures are smoothed when they are shrunk, smaller ones stay sharp. */
  shownWidth?: number;
}

/** A grey picture as a heatmap whose hover gives the value, an RGB one as an image whose hover gives the bytes. */
export function pictureTrace(
  picture: Picture,
  { range = [0, 1], label = "", under, opacity = 1, shownWidth = Infinity }: PictureTraceOptions = {},
): PlotlyTrace {
  const [low, high] = range;
  const zsmooth = picture.width > shownWidth ? "fast" : false;
  const shared = { opacity, zsmooth, ...(under ? { hoverinfo: "skip" } : {}) };
  const extra = `<extra>${escaped(label)}</extra>`;
  if (picture.channels === 1) {
    return {
      type: "heatmap",
      z: rows(picture, compact),
      zmin: low,
      zmax: high,
      colorscale: greys,
      showscale: false,
      ...shared,
      ...(under ? {} : { hovertemplate: `x %{x}, y %{y}<br>value %{z:.4~g}${extra}` }),
    };
  }
  const data = Uint8Array.from(picture.values as ArrayLike<number>, (value) =>
    Math.round((255 * Math.min(Math.max(value - low, 0), high - low)) / (high - low)),
  );
  // A picture file is smaller in a notebook than its numbers, and every pixel's bytes can still be read.
  const png = encodePng({ height: picture.height, width: picture.width, channels: 3, data });
  return {
    type: "image",
    source: `data:image/png;base64,${toBase64(png)}`,
    ...shared,
    hoverlabel: { bgcolor: ink.normal },
    ...(under ? {} : { hovertemplate: `x %{x}, y %{y}<br>RGB %{color[0]}, %{color[1]}, %{color[2]} of 255${extra}` }),
  };
}

/**
 * A map of one value a pixel, coloured by a scale of the figure; one larger than its panel is smoothed when it is
 * shrunk.
 */
export function mapTrace(map: Picture, coloraxis: string, label = "", shownWidth = Infinity): PlotlyTrace {
  const peak = largest(map);
  const round = map.width * map.height > 10_000 && peak > 0 ? compactTo(peak) : compact;
  return {
    type: "heatmap",
    z: rows(map, round),
    coloraxis,
    zsmooth: map.width > shownWidth ? "fast" : false,
    hovertemplate: `x %{x}, y %{y}<br>value %{z:.4~g}<extra>${escaped(label)}</extra>`,
  };
}

/** A one-channel picture's values as rows. */
function rows({ height, width, values }: Picture, round: (value: number) => number): number[][] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => round(values[y * width + x])),
  );
}

/** The largest absolute value. */
export function largest({ values }: Picture): number {
  let peak = 0;
  for (let i = 0; i < values.length; i++) peak = Math.max(peak, Math.abs(values[i]));
  return peak;
}

/** A picture's brightness as one channel (ITU-R BT.601 weights). */
export function brightness(picture: Picture): Picture {
  if (picture.channels !== 3) return picture;
  const { height, width, values } = picture;
  const luma = Array.from(
    { length: height * width },
    (_, i) => 0.299 * values[3 * i] + 0.587 * values[3 * i + 1] + 0.114 * values[3 * i + 2],
  );
  return { height, width, channels: 1, values: luma };
}
