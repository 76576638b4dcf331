import type { Random } from "vitrine/dist/kit";

/**
 * Pictures of random values in [0, 1), dark outside a rectangle of their own, so that a small network is not driven to
 * its limits; one list per picture.
 */
export function randomPictures(
  { integer, uniform }: Random,
  count: number,
  [height, width, channels]: readonly [number, number, number],
): number[][] {
  return Array.from({ length: count }, () => {
    const tall = Math.ceil(height / 2),
      wide = Math.ceil(width / 2),
      top = integer(height - tall + 1),
      left = integer(width - wide + 1);
    return Array.from({ length: height * width * channels }, (_, at) => {
      const row = Math.floor(at / (width * channels)),
        column = Math.floor(at / channels) % width,
        value = uniform();
      return row >= top && row < top + tall && column >= left && column < left + wide ? value : 0;
    });
  });
}

/** A seed for `smallNetwork` and others. */
export const randomSeed = ({ integer }: Random): number => integer(2 ** 30);
