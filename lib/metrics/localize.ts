// Where an object is, by what a map says: threshold, largest component, box.

import type { Box } from "./box";
import { badInput } from "../core/errors";
import { checkOptions, number, type Schema } from "../core/options";
import { gaussianBlur } from "../core/gaussian-blur";
import { readMaps, reductionOptions, type Maps, type PlainMap, type ReductionOption } from "./read-maps";

/**
 * The box around the largest set of marked pixels that hang together by their sides (four neighbours); of equally large
 * ones the first, row by row.
 * @param marked [height × width], row-major
 * @returns undefined if no pixel is marked
 */
function largestComponent(marked: readonly boolean[], height: number, width: number): Box | undefined {
  const seen = new Uint8Array(height * width);
  let best: { size: number; box: Box } | undefined;
  for (let start = 0; start < seen.length; start++) {
    if (!marked[start] || seen[start]) continue;
    const found = component(marked, seen, start, height, width);
    if (!best || found.size > best.size) best = found;
  }
  return best?.box;
}

function component(
  marked: readonly boolean[],
  seen: Uint8Array,
  start: number,
  height: number,
  width: number,
): { size: number; box: Box } {
  const open = [start];
  seen[start] = 1;
  let size = 0,
    top = height,
    left = width,
    bottom = 0,
    right = 0;
  const visit = (pixel: number): void => {
    if (!marked[pixel] || seen[pixel]) return;
    seen[pixel] = 1;
    open.push(pixel);
  };
  for (let pixel = open.pop(); pixel !== undefined; pixel = open.pop()) {
    const row = Math.floor(pixel / width),
      column = pixel % width;
    size++;
    [top, left, bottom, right] = [
      Math.min(top, row),
      Math.min(left, column),
      Math.max(bottom, row + 1),
      Math.max(right, column + 1),
    ];
    if (row > 0) visit(pixel - width);
    if (row < height - 1) visit(pixel + width);
    if (column > 0) visit(pixel - 1);
    if (column < width - 1) visit(pixel + 1);
  }
  return { size, box: { top, left, bottom, right } };
}

export interface LocalizeOptions extends ReductionOption {
  /**
   * Pixels of at least this fraction of the map's maximum, after the blur, belong to the object. Number above 0 and at
   * most 1. Default: 0.15, as Grad-CAM's paper.
   */
  fraction?: number;
  /**
   * Instead of `fraction`: pixels at or above this percentile of the map (nearest rank) belong to it. Number above 0
   * and at most 100. Default: none.
   */
  percentile?: number;
  /**
   * Standard deviation of a Gaussian that the map is blurred with first, in pixels. Number from 0 to 100. Default: 0,
   * no blur.
   */
  blur?: number;
}

export const localizeOptions = {
  ...reductionOptions,
  fraction: number({
    above: 0,
    most: 1,
    rule: "0.15, as Grad-CAM's paper",
    unit: "of the map's maximum, after the blur",
    help: "pixels of at least so much belong to the object",
  }),
  percentile: number({
    above: 0,
    most: 100,
    help: "in place of fraction: pixels at or above this percentile of the map belong to the object",
  }),
  blur: number({
    least: 0,
    most: 100,
    default: 0,
    unit: "pixels",
    help: "standard deviation of a Gaussian that the map is blurred with first",
  }),
} satisfies Schema<LocalizeOptions>;

/**
 * Where an object is, by what a map says: the box around the largest region of strong pixels that hang together by
 * their sides (Simonyan et al. 2013, arXiv:1312.6034, section 3.2, without its colour model; Selvaraju et al. 2017,
 * arXiv:1610.02391, section 4.1). Strong is what `channels` makes of a pixel: by default its largest absolute value, so
 * that what speaks against the class is strong, too. Where that is 0 or below a pixel never belongs to it. Of equally
 * large regions the one that begins first is taken, row by row.
 * @param maps an attribution, or values [batch, height, width, channels]
 * @returns a box for each map, in the map's own pixels; undefined for a map without such a value above 0
 * @throws BadInputError
 */
export async function localize(maps: Maps, options: LocalizeOptions = {}): Promise<(Box | undefined)[]> {
  const checked = checkOptions(localizeOptions, options),
    { fraction, percentile, blur } = checked;
  if (fraction !== undefined && percentile !== undefined)
    badInput({
      what: "percentile",
      got: percentile,
      allowed: "none beside a fraction",
      remedy: "Give one of the two.",
    });
  return (await readMaps(maps, checked)).map((map) => {
    const blurred = gaussianBlur(map, blur);
    // In the maps' own precision: 0.7 of 1 must not be more than the 0.7 in the map.
    const share = (): number => Math.fround((fraction ?? 0.15) * maximum(blurred));
    const least = percentile === undefined ? share() : valueAt(blurred, percentile);
    return largestComponent(
      Array.from(blurred.values, (value) => value > 0 && value >= least),
      blurred.height,
      blurred.width,
    );
  });
}

const maximum = ({ values }: PlainMap): number => values.reduce((most, value) => Math.max(most, value), -Infinity);

/** The value that `percentile` percent of the values do not exceed (nearest rank). */
function valueAt({ values }: PlainMap, percentile: number): number {
  const sorted = Float32Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil((percentile / 100) * sorted.length) - 1)];
}
