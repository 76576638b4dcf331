// Training images changed a little: crops, flips, colours.
import { boolean, checkOptions, integer, number, type Checked, type Schema } from "../core/options";
import type { Random } from "../core/random";

export interface AugmentOptions {
  /** Mirror half of the pictures left to right. Default: false. */
  flip?: boolean;
  /** Move by up to this many pixels in each direction, filling with 0. Integer ≥ 0. Default: 0. */
  shift?: number;
  /**
   * Cut out a square part anywhere, of sides from this share of the picture's to all of it, and enlarge it to the
   * whole. Number above 0 and at most 1. Default: 1, the whole.
   */
  crop?: number;
  /**
   * Multiply saturation, contrast and brightness each by a factor from 1 − colour to 1 + colour. Number from 0 to 1.
   * Default: 0.
   */
  colour?: number;
}

export const augmentOptions = {
  flip: boolean({ default: false, help: "mirror half of the pictures left to right" }),
  shift: integer({ least: 0, default: 0, unit: "pixels", help: "move by up to so many in each direction" }),
  crop: number({ above: 0, most: 1, default: 1, help: "cut out a part of sides from this share on, and enlarge it" }),
  colour: number({ least: 0, most: 1, default: 0, help: "change saturation, contrast and brightness by up to this" }),
} satisfies Schema<AugmentOptions>;

/** @throws BadInputError */
export const checkAugment = (given: AugmentOptions): Checked<typeof augmentOptions> =>
  checkOptions(augmentOptions, given, "augment");

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

/**
 * Part of a picture enlarged to the whole, bilinearly, with half-pixel centres: never beyond the picture's edge.
 * @param share side of the part as a share of the picture's, above 0, to 1
 * @param left where the part lies between the leftmost (0) and the rightmost (1) place it can have; `top` likewise
 */
export function cropped(
  picture: Float32Array,
  [height, width, channels]: readonly [number, number, number],
  share: number,
  top: number,
  left: number,
): Float32Array {
  const part = new Float32Array(picture.length);
  const rows = samples(height, share, top),
    columns = samples(width, share, left);
  for (let y = 0; y < height; y++) {
    const row = rows[y];
    for (let x = 0; x < width; x++) {
      const column = columns[x],
        a = (row.low * width + column.low) * channels,
        b = (row.low * width + column.high) * channels;
      const c = (row.high * width + column.low) * channels,
        d = (row.high * width + column.high) * channels;
      for (let channel = 0; channel < channels; channel++) {
        const above = picture[a + channel] + (picture[b + channel] - picture[a + channel]) * column.part;
        const below = picture[c + channel] + (picture[d + channel] - picture[c + channel]) * column.part;
        part[(y * width + x) * channels + channel] = above + (below - above) * row.part;
      }
    }
  }
  return part;
}

/** Between which two pixels each pixel of the result lies, and how near the second. */
function samples(size: number, share: number, place: number): { low: number; high: number; part: number }[] {
  const offset = place * (1 - share) * size;
  return Array.from({ length: size }, (_, i) => {
    const at = Math.min(size - 1, Math.max(0, offset + (i + 0.5) * share - 0.5)),
      low = Math.floor(at);
    return { low, high: Math.min(size - 1, low + 1), part: at - low };
  });
}

/** Luma of red, green and blue (ITU-R BT.601). */
const luma = [0.299, 0.587, 0.114];

/**
 * Changes a picture in place: away from its own greys by `saturation`, from its mean grey by `contrast`, from black by
 * `brightness`; each 1 leaves it as it is. Values stay in [0, 1]. A grey picture has no saturation.
 */
export function jitterColours(
  picture: Float32Array,
  channels: number,
  saturation: number,
  contrast: number,
  brightness: number,
): void {
  const weights = channels === 3 ? luma : new Array<number>(channels).fill(1 / channels);
  const greyAt = (at: number): number => weights.reduce((sum, weight, c) => sum + weight * picture[at + c], 0);
  let mean = 0;
  for (let at = 0; at < picture.length; at += channels) mean += greyAt(at);
  mean /= picture.length / channels;
  for (let at = 0; at < picture.length; at += channels) {
    const grey = greyAt(at);
    for (let c = 0; c < channels; c++) {
      const saturated = grey + (picture[at + c] - grey) * saturation;
      picture[at + c] = Math.min(1, Math.max(0, (mean + (saturated - mean) * contrast) * brightness));
    }
  }
}
