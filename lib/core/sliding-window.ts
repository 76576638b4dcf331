import { badInput } from "./errors";
import type { Range } from "./chunks";
import { sizeOf } from "./chunks";

/** One side for each axis of an input: of an image [height, width, channels]. */
export type Extent = readonly number[];
/**
 * One number for every axis but the channels, a list without the channels, or one with them. Of images [height, width]
 * or [height, width, channels], of series [steps] or [steps, channels], of a row of features [features].
 */
export type WindowSize = number | readonly number[];

/** Names of an input's axes, for people. */
const axesOf = ({ length }: Extent): readonly string[] =>
  [["features"], ["steps", "channels"], ["height", "width", "channels"]][length - 1] ??
  Array.from({ length }, (_, axis) => `axis ${axis + 1}`);

/** What may be given, for people: an integer, [height, width] or [height, width, channels]. */
function forms(shape: Extent): string {
  const axes = axesOf(shape),
    lists = axes.length > 1 ? [axes.slice(0, -1), axes] : [axes];
  return ["an integer", ...lists.map((list) => `[${list.join(", ")}]`)].join(", ").replace(/, (?=\[[^\]]*\]$)/, " or ");
}

/** @param last what stands for the channels where they are left out @returns undefined for what is no size */
function everySide(size: WindowSize, { length }: Extent, last: number): Extent | undefined {
  const spatial = Math.max(1, length - 1);
  const sides = typeof size === "number" ? new Array<number>(spatial).fill(size) : size;
  if (!Array.isArray(sides)) return undefined;
  const given = sides as readonly number[];
  const whole = given.length === spatial && spatial < length ? [...given, last] : given;
  return whole.length === length && whole.every((side) => Number.isInteger(side) && side >= 1) ? whole : undefined;
}

/**
 * @param shape of one input @returns the window with all its sides; without channels it covers all of them @throws
 * BadInputError
 */
export function checkWindow(window: WindowSize, shape: Extent): Extent {
  const sides = everySide(window, shape, shape[shape.length - 1]);
  if (sides?.every((side, axis) => side <= shape[axis])) return sides;
  const whose = shape.length === 3 ? "the image's" : "the input's";
  return badInput({
    what: "window",
    got: window,
    allowed: `${forms(shape)}, each from 1 to ${whose} [${shape.join(", ")}]`,
  });
}

/**
 * A single number is the step in every direction. Where the window covers the whole input there is nowhere to step.
 * @throws BadInputError, also for a stride that would leave values uncovered
 */
export function checkStride(stride: WindowSize, window: Extent, shape: Extent): Extent {
  const sides = everySide(stride, shape, typeof stride === "number" ? stride : window[window.length - 1]);
  if (!sides) {
    return badInput({
      what: "stride",
      got: stride,
      allowed: forms(shape).replace("an integer", "an integer ≥ 1"),
      remedy: "Use the window's size for windows that do not overlap.",
    });
  }
  const gap = sides.findIndex((side, axis) => side > window[axis] && window[axis] < shape[axis]);
  if (gap < 0) return sides;
  return badInput({
    what: "stride",
    got: stride,
    allowed: `at most the window's ${axesOf(shape)[gap]}, ${window[gap]}`,
    remedy: "A larger one leaves values that no window covers.",
  });
}

/**
 * All positions of a window that slides over an input from its first corner; the last one in each direction may stick
 * out.
 */
export class SlidingWindow {
  private readonly positions: Extent;
  readonly count: number;

  constructor(
    private readonly window: Extent,
    private readonly stride: Extent,
    private readonly shape: Extent,
  ) {
    this.positions = shape.map((side, axis) => Math.ceil((side - window[axis]) / stride[axis]) + 1);
    this.count = sizeOf(this.positions);
  }

  /**
   * What a run of windows covers, by axis: a window is the product of its rows.
   * @returns 0 or 1, row-major; of images [run, height], [run, width] and [run, channels]
   */
  masks({ first, count }: Range): Float32Array[] {
    return this.shape.map((side, axis) => {
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

  /** How many windows cover each value, by axis: the number is their product. */
  coverage(): number[][] {
    return this.shape.map((side, axis) =>
      Array.from({ length: side }, (_, at) => {
        let windows = 0;
        for (let start = 0; start < this.positions[axis] * this.stride[axis]; start += this.stride[axis]) {
          if (at >= start && at < start + this.window[axis]) windows++;
        }
        return windows;
      }),
    );
  }

  private extent(place: number, axis: number): [from: number, to: number] {
    const from = place * this.stride[axis];
    return [from, Math.min(from + this.window[axis], this.shape[axis])];
  }

  private position(index: number, axis: number): number {
    const inner = sizeOf(this.positions.slice(axis + 1));
    return Math.floor(index / inner) % this.positions[axis];
  }
}
