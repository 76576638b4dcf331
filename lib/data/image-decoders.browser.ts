// What decodes pictures in a browser: the browser itself.
import { badInput, FileError } from "../core/errors";
import type { DrawnPicture } from "./image-source";
import {
  checkImageSize,
  readImageHeader,
  upright,
  withoutOrientation,
  type ImageFormat,
  type Pixels,
} from "./image-files";

/** A PNG or JPEG file as RGB pixels, upright, over white. @throws FileError */
export async function canvasPixels(bytes: Uint8Array, name: string): Promise<Pixels> {
  // Browsers show what there is of a file that is cut off; here it must be whole.
  const { format } = readImageHeader(bytes, name);
  return format === "PNG" ? turned(bytes, format, name) : decoded(bytes, format, name);
}

/** WebP, AVIF and GIF (its first frame) as RGB pixels, upright, over white. @throws FileError */
export async function sharpPixels(bytes: Uint8Array, format: ImageFormat, name: string): Promise<Pixels> {
  if (format === "TIFF" || format === "HEIC")
    throw new FileError(name, `is ${format}, which browsers do not read`, "Convert it to PNG or JPEG.");
  return format === "WebP" ? turned(bytes, format, name) : decoded(bytes, format, name);
}

/** Turned by ourselves. */
async function turned(bytes: Uint8Array, format: "PNG" | "WebP", name: string): Promise<Pixels> {
  const plain = withoutOrientation(bytes, format);
  return upright(await decoded(plain.bytes, format, name), plain.orientation);
}

async function decoded(bytes: Uint8Array, format: ImageFormat, name: string): Promise<Pixels> {
  let bitmap: ImageBitmap;
  try {
    const file = new Blob([bytes as Uint8Array<ArrayBuffer>], { type: `image/${format.toLowerCase()}` });
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch (error) {
    throw new FileError(name, `cannot be decoded as ${format}: ${(error as Error).message}`);
  }
  try {
    checkImageSize(bitmap.width, bitmap.height, name);
    return pixelsOf(bitmap, bitmap.width, bitmap.height);
  } finally {
    bitmap.close();
  }
}

/** What a page shows: an <img>, a canvas, a video's frame, an ImageBitmap. @throws BadInputError */
export async function drawnPixels(picture: DrawnPicture): Promise<Pixels> {
  const source = picture as CanvasImageSource & {
    naturalWidth?: number;
    naturalHeight?: number;
    videoWidth?: number;
    videoHeight?: number;
    decode?: () => Promise<void>;
  };
  if (typeof source.decode === "function" && "naturalWidth" in source)
    await source
      .decode()
      .catch(() => badInput({ what: "the image", got: "one that is not loaded", allowed: "a loaded one" }));
  const width = source.naturalWidth ?? source.videoWidth ?? (picture.width as number),
    height = source.naturalHeight ?? source.videoHeight ?? (picture.height as number);
  checkImageSize(width, height, "the image");
  try {
    return pixelsOf(source, width, height);
  } catch (error) {
    if ((error as Error).name !== "SecurityError") throw error;
    return badInput({
      what: "the image",
      got: "one of another site, which may not be read",
      allowed: "one that its server shares",
      remedy: 'Set crossorigin="anonymous" on the <img>, if its server allows that (CORS).',
    });
  }
}

/** Over white. */
function pixelsOf(source: CanvasImageSource, width: number, height: number): Pixels {
  const surface =
    typeof OffscreenCanvas === "undefined"
      ? Object.assign(document.createElement("canvas"), { width, height })
      : new OffscreenCanvas(width, height);
  const context = surface.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
  context.drawImage(source, 0, 0);
  const rgba = context.getImageData(0, 0, width, height).data,
    data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data[to] = rgba[from];
    data[to + 1] = rgba[from + 1];
    data[to + 2] = rgba[from + 2];
  }
  return { height, width, channels: 3, data };
}
