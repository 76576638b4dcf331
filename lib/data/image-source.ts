// What a picture may be given as: a file, pixels, or what a page shows.
import type { FileSource } from "./file-source";
import type { Pixels } from "./image-files";

/** Red, green, blue and opacity of each pixel, as a canvas gives them: an ImageData. */
export interface RgbaPixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** What a page shows: an <img>, a canvas, a video, an ImageBitmap; in Node a canvas of the package `canvas`. */
export interface DrawnPicture {
  readonly width: unknown;
  readonly height: unknown;
}

/** A picture: its path, address or file, its pixels, or what a page shows. */
export type ImageSource = FileSource | RgbaPixels | DrawnPicture;

export const isFileSource = (source: ImageSource): source is FileSource =>
  typeof source === "string" || source instanceof Blob;

export const isRgba = (source: object): source is RgbaPixels =>
  "data" in source && source.data instanceof Uint8ClampedArray;

/** RGB over white. */
export function overWhite({ width, height, data: rgba }: RgbaPixels): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++)
    for (let c = 0; c < 3; c++)
      data[3 * pixel + c] = Math.round(
        (rgba[4 * pixel + c] * rgba[4 * pixel + 3] + 255 * (255 - rgba[4 * pixel + 3])) / 255,
      );
  return { width, height, channels: 3, data };
}
