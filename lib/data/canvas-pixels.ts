import { canvas } from "./canvas";
import { FileError } from "../core/errors";
import { readImageHeader } from "./image-header";
import type { Pixels } from "./pixels";
import { upright } from "./upright";

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
    throw new FileError(name, `cannot be decoded as ${header.format}: ${(error as Error)?.message ?? String(error)}`);
  }
}
