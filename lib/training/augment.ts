import { checkBoolean, checkInteger, checkNumber } from "../core/check-options";
import { badInput } from "../core/errors";
import type { Random } from "../core/random";
import { cropped } from "./crop";
import { jitterColours } from "./jitter-colours";

export interface AugmentOptions {
  /** Mirror half of the pictures left to right. Default: false. */
  flip?: boolean;
  /** Move by up to this many pixels in each direction, filling with 0. Integer ≥ 0. Default: 0. */
  shift?: number;
  /**
   * Cut out a square part anywhere, of sides from this share of the picture's to all of it, and enlarge it to the
   * whole. Above 0, to 1. Default: 1, the whole.
   */
  crop?: number;
  /**
   * Multiply saturation, contrast and brightness each by a factor from 1 − colour to 1 + colour. 0 to 1. Default: 0.
   */
  colour?: number;
}

/** @throws BadInputError */
export function checkAugment({ flip = false, shift = 0, crop = 1, colour = 0 }: AugmentOptions): void {
  checkBoolean("augment.flip", flip);
  checkInteger("augment.shift", shift, 0);
  checkNumber("augment.crop", crop, { above: 0, most: 1 });
  if (!(typeof colour === "number" && colour >= 0 && colour <= 1))
    badInput({ what: "augment.colour", got: colour, allowed: "a number from 0 to 1" });
}

/**
 * Copies one picture into a minibatch, mirrored, moved, cropped and recoloured at random.
 * @param target where the minibatch's picture begins is `at`
 */
export function copyAugmented(
  source: Float32Array,
  from: number,
  target: Float32Array,
  at: number,
  shape: readonly [number, number, number],
  options: AugmentOptions,
  random: Random,
): void {
  const [height, width, channels] = shape,
    size = height * width * channels;
  const { flip = false, shift = 0, crop = 1, colour = 0 } = options;
  const mirrored = flip && random.uniform() < 0.5;
  const dy = shift ? random.integer(2 * shift + 1) - shift : 0;
  const dx = shift ? random.integer(2 * shift + 1) - shift : 0;
  let picture = source.subarray(from, from + size);
  if (crop < 1)
    picture = cropped(picture, shape, crop + (1 - crop) * random.uniform(), random.uniform(), random.uniform());
  if (!mirrored && !dy && !dx) target.set(picture, at);
  else {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const fromX = (mirrored ? width - 1 - x : x) + dx,
          fromY = y + dy;
        const inside = fromX >= 0 && fromX < width && fromY >= 0 && fromY < height;
        for (let c = 0; c < channels; c++) {
          target[at + (y * width + x) * channels + c] = inside ? picture[(fromY * width + fromX) * channels + c] : 0;
        }
      }
    }
  }
  if (colour > 0) {
    const factor = (): number => 1 + colour * (2 * random.uniform() - 1);
    jitterColours(target.subarray(at, at + size), channels, factor(), factor(), factor());
  }
}
