import type { Metadata } from "sharp";
import { FileError } from "../core/errors";
import { checkImageSize } from "./image-header";
import type { ImageFormat } from "./image-format";
import { sharpFor } from "./load-sharp";
import type { Pixels } from "./pixels";

/** Depths whose values are shares of their type's range; others have a range of their own, which nobody knows. */
const depths: readonly Metadata["depth"][] = ["uchar", "ushort"];

/** A file that sharp reads as RGB pixels: its first frame or page, upright, over white. @throws FileError */
export async function sharpPixels(bytes: Uint8Array, format: ImageFormat, name: string): Promise<Pixels> {
  const sharp = sharpFor(format, name),
    open = { failOn: "error", limitInputPixels: false } as const;
  try {
    const { width, height, depth, space } = await sharp(bytes, open).metadata();
    checkImageSize(width, height, name);
    if (!depths.includes(depth)) {
      const problem = `holds ${depth} pixels; 8 or 16 bits a channel are read`;
      throw new FileError(name, problem, "Save them as .npy, in [0, 1].");
    }
    const picture = sharp(bytes, open).autoOrient(),
      printed = space === "cmyk";
    // Else inks would go through a press's profile, and come out other than in a JPEG on a canvas.
    const ready = printed ? picture.pipelineColourspace("cmyk").toColourspace("cmyk") : picture.toColourspace("srgb");
    const { data, info } = await ready.raw().toBuffer({ resolveWithObject: true });
    const rgb = inRgb(data, info.channels, printed ? inked : over);
    return { height: info.height, width: info.width, channels: 3, data: rgb };
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw new FileError(name, `cannot be decoded as ${format}: ${(error as Error).message.trim().split("\n")[0]}`);
  }
}

/** @param mixed what a channel and the fourth make together */
function inRgb(data: Uint8Array, channels: number, mixed: (value: number, fourth: number) => number): Uint8Array {
  if (channels === 3) return data;
  const count = data.length / channels,
    rgb = new Uint8Array(3 * count);
  for (let i = 0; i < count; i++)
    for (let c = 0; c < 3; c++) {
      rgb[3 * i + c] = mixed(data[channels * i + c], data[channels * i + 3]);
    }
  return rgb;
}

/** A colour laid over white. */
const over = (value: number, alpha: number): number => Math.round((value * alpha + 255 * (255 - alpha)) / 255);

/** What cyan, magenta or yellow under black leaves of red, green or blue: as PIL and canvases have it. */
const inked = (ink: number, black: number): number => Math.round(((255 - ink) * (255 - black)) / 255);
