// What decodes pictures: a canvas, and sharp for what a canvas does not read; each loaded when it is first needed.
import type sharp from "sharp";
import type { Metadata } from "sharp";
import { badInput, FileError, VitrineError } from "../core/errors";
import { needed } from "../core/needed";
import { overWhite, type DrawnPicture } from "./image-source";
import { readImageHeader, type Pixels, upright, type ImageFormat, checkImageSize } from "./image-files";

/** The little of the canvas API that is used here. */
interface Canvas {
  width: number;
  height: number;
  getContext(kind: "2d"): CanvasContext;
}
interface CanvasContext {
  fillStyle: unknown;
  fillRect(x: number, y: number, width: number, height: number): void;
  drawImage(image: unknown, x: number, y: number): void;
  getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
}
interface CanvasLibrary {
  createCanvas(width: number, height: number): Canvas;
  loadImage(source: Buffer): Promise<{ width: number; height: number }>;
}

export interface CanvasChoice {
  readonly name: "canvas" | "@napi-rs/canvas";
  readonly library: CanvasLibrary;
  /** Why not `canvas`, where it is not. */
  readonly passedOver?: string;
}

let choice: CanvasChoice | undefined;

/**
 * `canvas` where it is built, else `@napi-rs/canvas`, whose binary comes inside its npm package. Loaded at the first
 * call.
 */
export function canvas(): CanvasChoice {
  if (choice) return choice;
  try {
    return (choice = { name: "canvas", library: require("canvas") as CanvasLibrary });
  } catch (error) {
    const passedOver = (error as Error).message.split("\n")[0];
    const library = needed(
      "@napi-rs/canvas",
      "Reading a PNG or JPEG in Node",
      () => require("@napi-rs/canvas") as CanvasLibrary,
    );
    return (choice = { name: "@napi-rs/canvas", library, passedOver });
  }
}

/** A PNG or JPEG file as RGB pixels, upright, over white. @throws FileError */
export async function canvasPixels(bytes: Uint8Array, name: string): Promise<Pixels> {
  const header = readImageHeader(bytes, name);
  const { library } = canvas();
  try {
    const image = await library.loadImage(Buffer.from(bytes));
    const whole = image.width * image.height === header.width * header.height;
    if (!whole) throw new Error("its size is not what its header says");
    const surface = library.createCanvas(image.width, image.height),
      context = surface.getContext("2d");
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, image.width, image.height);
    context.drawImage(image, 0, 0);
    const rgba = context.getImageData(0, 0, image.width, image.height).data;
    const data = new Uint8Array(image.width * image.height * 3);
    for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
      data[to] = rgba[from];
      data[to + 1] = rgba[from + 1];
      data[to + 2] = rgba[from + 2];
    }
    return upright({ height: image.height, width: image.width, channels: 3, data }, header.orientation);
  } catch (error) {
    if (error instanceof VitrineError) throw error;
    throw new FileError(name, `cannot be decoded as ${header.format}: ${(error as Error)?.message ?? String(error)}`);
  }
}

/** A canvas that was drawn on (package `canvas` or `@napi-rs/canvas`). @throws BadInputError for anything else */
export async function drawnPixels(picture: DrawnPicture): Promise<Pixels> {
  const { getContext } = picture as Partial<Canvas>;
  if (typeof getContext !== "function")
    badInput({ what: "the image", got: picture, allowed: "a path, an address, a file, pixels or a canvas" });
  const { width, height } = picture as Canvas,
    { data } = getContext.call(picture, "2d").getImageData(0, 0, width, height);
  return overWhite({ width, height, data });
}

export type Sharp = typeof sharp;

/** Loaded at the first call: it is a native package, and a machine without it can still do everything else. */
const required = (): Sharp => require("sharp") as Sharp;

/** @returns the library, or why it cannot be loaded, in words */
export function loadSharp(load: () => Sharp = required): Sharp | string {
  try {
    return load();
  } catch (error) {
    return (error as Error).message.trim().split("\n")[0];
  }
}

/**
 * The library that reads what a canvas does not.
 * @param name the file's, for messages
 * @throws FileError where it cannot be loaded, or was built without that format
 */
export function sharpFor(format: ImageFormat, name: string, load?: () => Sharp): Sharp {
  const library = loadSharp(load);
  if (typeof library === "string") {
    const problem = `is ${format}, which the package sharp reads, and that cannot be loaded (${library})`;
    throw new FileError(name, problem, "Convert it to PNG or JPEG, or install sharp: npm install.");
  }
  if (!reads(library, format)) {
    const problem = `is ${format}, which sharp ${library.versions.sharp} here cannot read`;
    throw new FileError(name, problem, "Convert it to PNG or JPEG.");
  }
  return library;
}

function reads({ format: known }: Sharp, format: ImageFormat): boolean {
  // One decoder is behind both; which of them it was built for is said by the endings only.
  if (format === "AVIF" || format === "HEIC") {
    const { buffer, fileSuffix = [] } = known.heif.input;
    return buffer && fileSuffix.includes(`.${format.toLowerCase()}`);
  }
  return (known as Partial<typeof known>)[format.toLowerCase() as "webp" | "gif" | "tiff"]?.input.buffer === true;
}

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
