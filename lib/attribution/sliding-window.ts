import { badInput } from "../errors";
import type { Range } from "./chunks";

/** [height, width, channels] */
export type Extent = readonly [number, number, number];
/** One number for height and width, [height, width], or [height, width, channels]. */
export type WindowSize = number | readonly [number, number] | Extent;

const axes = ["height", "width", "channels"] as const;

/** @returns the window with all its sides; without channels it covers all of them @throws BadInputError */
export function checkWindow(window: WindowSize, image: Extent): Extent {
  const sides = typeof window === "number" ? [window, window, image[2]] : Array.isArray(window) && window.length === 2 ? [...window, image[2]] : window;
  const fits = isExtent(sides) && sides.every((side, axis) => side <= image[axis]);
  return fits ? sides : badInput({
    what: "window", got: window,
    allowed: `an integer, [height, width] or [height, width, channels], each from 1 to the image's [${image.join(", ")}]`,
  });
}

/**
 * A single number is the step in every direction. Where the window covers the whole image there is nowhere to step.
 * @throws BadInputError, also for a stride that would leave values uncovered
 */
export function checkStride(stride: WindowSize, window: Extent, image: Extent): Extent {
  const sides = typeof stride === "number" ? [stride, stride, stride] : Array.isArray(stride) && stride.length === 2 ? [...stride, window[2]] : stride;
  if (!isExtent(sides)) {
    return badInput({ what: "stride", got: stride, allowed: "an integer ≥ 1, [height, width] or [height, width, channels]", remedy: "Use the window's size for windows that do not overlap." });
  }
  const gap = sides.findIndex((side, axis) => side > window[axis] && window[axis] < image[axis]);
  if (gap < 0) return sides;
  return badInput({
    what: "stride", got: stride,
    allowed: `at most the window's ${axes[gap]}, ${window[gap]}`,
    remedy: "A larger one leaves values that no window covers.",
  });
}

function isExtent(sides: unknown): sides is Extent {
  return Array.isArray(sides) && sides.length === 3 && sides.every((side) => Number.isInteger(side) && side >= 1);
}

/** All positions of a window that slides over an image from its first corner; the last one in each direction may stick out. */
export class SlidingWindow {
  private readonly positions: Extent;
  readonly count: number;

  constructor(private readonly window: Extent, private readonly stride: Extent, private readonly image: Extent) {
    this.positions = image.map((side, axis) => Math.ceil((side - window[axis]) / stride[axis]) + 1) as unknown as Extent;
    this.count = this.positions.reduce((product, count) => product * count, 1);
  }

  /**
   * What a run of windows covers, by axis: a window is the product of its three rows.
   * @returns 0 or 1, row-major [run, height], [run, width] and [run, channels]
   */
  masks({ first, count }: Range): Float32Array[] {
    return this.image.map((side, axis) => {
      const rows = new Float32Array(count * side);
      for (let i = 0; i < count; i++) {
        const start = this.position(first + i, axis) * this.stride[axis];
        rows.fill(1, i * side + start, i * side + Math.min(start + this.window[axis], side));
      }
      return rows;
    });
  }

  /** From which pixel to before which each window of a run reaches along an axis. */
  positionsOf({ first, count }: Range, axis: number): [from: number, to: number][] {
    return Array.from({ length: count }, (_, i) => this.extent(this.position(first + i, axis), axis));
  }

  /** The same for every place of a window along an axis. */
  extents(axis: number): [from: number, to: number][] {
    return Array.from({ length: this.positions[axis] }, (_, place) => this.extent(place, axis));
  }

  /** How many windows cover each value, by axis: the number is the product of the three. */
  coverage(): number[][] {
    return this.image.map((side, axis) => Array.from({ length: side }, (_, at) => {
      let windows = 0;
      for (let start = 0; start < this.positions[axis] * this.stride[axis]; start += this.stride[axis]) {
        if (at >= start && at < start + this.window[axis]) windows++;
      }
      return windows;
    }));
  }

  private extent(place: number, axis: number): [from: number, to: number] {
    const from = place * this.stride[axis];
    return [from, Math.min(from + this.window[axis], this.image[axis])];
  }

  private position(index: number, axis: number): number {
    const [, width, channels] = this.positions;
    return [Math.floor(index / (width * channels)), Math.floor(index / channels) % width, index % channels][axis];
  }
}
