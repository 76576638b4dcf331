import type { Random } from "../util/random";

export interface AugmentOptions {
  /** Mirror half of the pictures left to right. Default: false. */
  flip?: boolean;
  /** Move by up to this many pixels in each direction, filling with 0. Integer ≥ 0. Default: 0. */
  shift?: number;
}

/**
 * Copies one picture into a minibatch, mirrored and moved at random.
 * @param target where the minibatch's picture begins is `at`
 */
export function copyAugmented(
  source: Float32Array, from: number, target: Float32Array, at: number,
  [height, width, channels]: readonly [number, number, number], options: AugmentOptions, random: Random,
): void {
  const { flip = false, shift = 0 } = options;
  const mirrored = flip && random.uniform() < 0.5;
  const dy = shift ? random.integer(2 * shift + 1) - shift : 0;
  const dx = shift ? random.integer(2 * shift + 1) - shift : 0;
  if (!mirrored && !dy && !dx) {
    target.set(source.subarray(from, from + height * width * channels), at);
    return;
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const fromX = (mirrored ? width - 1 - x : x) + dx, fromY = y + dy;
      const inside = fromX >= 0 && fromX < width && fromY >= 0 && fromY < height;
      for (let c = 0; c < channels; c++) {
        target[at + (y * width + x) * channels + c] = inside ? source[from + (fromY * width + fromX) * channels + c] : 0;
      }
    }
  }
}
