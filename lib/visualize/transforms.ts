import { checkInteger } from "../core/check-options";
import { badInput } from "../core/errors";
import type { Random } from "../core/random";
import { identity, type Affine } from "./affine";
import type { Outside } from "./sampler";

/**
 * Moves the images a little before the network sees them, another way at each step, so that what comes about does not
 * hang on
 * single pixels. All transforms of a step are put together into one and sampled once, bilinearly.
 */
export interface Transform {
  /** For people. */
  readonly name: string;
  /** What is seen beyond the image's edges from here on. Default: as before; at first the image repeats itself. */
  readonly outside?: Outside;
  /** Draws this step's. @param size [height, width] */
  draw(chance: Random, size: readonly [number, number]): Affine;
}

/** Shifts by whole pixels, up to half of `pixels` in every direction. Integer ≥ 0. */
export function jitter(pixels: number): Transform {
  checkInteger("pixels", pixels, 0);
  const shift = (chance: Random): number => chance.integer(pixels + 1) - Math.floor(pixels / 2);
  return {
    name: `jitter ${pixels}`,
    draw(chance) {
      const dy = shift(chance),
        dx = shift(chance);
      return { ...identity, dx, dy };
    },
  };
}

/** Magnifies about the middle by a factor between two, each above 0: below 1 it shrinks. */
export function scale(from: number, to: number): Transform {
  if (!(from > 0 && to >= from && to < Infinity))
    badInput({ what: "scale", got: [from, to], allowed: "two factors above 0, the smaller first" });
  return {
    name: `scale ${from} to ${to}`,
    draw(chance) {
      const factor = from + (to - from) * chance.uniform();
      return { ...identity, a: 1 / factor, d: 1 / factor };
    },
  };
}

/** Turns about the middle, counterclockwise, by an angle between two, in degrees. */
export function rotate(from: number, to: number): Transform {
  if (!(Number.isFinite(from) && Number.isFinite(to) && to >= from))
    badInput({ what: "rotate", got: [from, to], allowed: "two angles in degrees, the smaller first" });
  return {
    name: `rotate ${from} to ${to}`,
    draw(chance) {
      const angle = ((from + (to - from) * chance.uniform()) * Math.PI) / 180;
      const cos = Math.cos(angle),
        sin = Math.sin(angle);
      return { ...identity, a: cos, b: -sin, c: sin, d: cos };
    },
  };
}

/**
 * Leaves a frame around the image, which is shrunk to make room for it; transforms after it move the frame into view.
 * @param pixels width of the frame in pixels of the image, integer ≥ 0
 * @param fill a pixel value for the frame, or how the image goes on there. Default: 0.5.
 */
export function pad(pixels: number, fill: Outside = 0.5): Transform {
  checkInteger("pixels", pixels, 0);
  const known = typeof fill === "number" ? Number.isFinite(fill) : ["wrap", "edge", "mirror"].includes(fill);
  if (!known) badInput({ what: "fill", got: fill, allowed: 'a pixel value, "wrap", "edge" or "mirror"' });
  return {
    name: `pad ${pixels}`,
    outside: fill,
    draw: (_, [height, width]) => ({ ...identity, a: (width + 2 * pixels) / width, d: (height + 2 * pixels) / height }),
  };
}
