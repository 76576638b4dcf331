import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeImage } from "../../../lib/data/image";
import type { Pixels } from "../../../lib/data/image-files";
import { centreCrop, fit } from "../../../lib/data/resize";
import { noise } from "./helpers";

/*
 * What PIL and torchvision make of pictures. CI compares with what test/oracles/pictures.py wrote once; the soak run
 * asks the libraries themselves.
 */

/** Where its answers lie. */
export const keptPictures = join(__dirname, "../../oracles/pictures");

interface Answers {
  readonly files: readonly { name: string; file: string; height: number; width: number; pixels: string }[];
  readonly fits: readonly { name: FittedName; size: number; pixels: string }[];
  readonly crops: readonly { name: FittedName; height: number; width: number; pixels: string }[];
}
type FittedName = "tall" | "wide";

const picture = (height: number, width: number, seed: number): Pixels => ({
  height,
  width,
  channels: 3,
  data: Uint8Array.from(noise(height * width * 3, seed)),
});

/** The pictures that torchvision resizes and crops. */
export const fitted: Record<FittedName, Pixels> = { tall: picture(61, 47, 1), wide: picture(46, 60, 2) };

export const answersIn = (folder: string): Answers =>
  JSON.parse(readFileSync(join(folder, "pictures.json"), "utf8")) as Answers;

/** The file that PIL wrote by that name. */
export const writtenPicture = (name: string): Buffer =>
  Buffer.from(answersIn(keptPictures).files.find((each) => each.name === name)!.file, "base64");

/** Between decoders of lossy formats; the colours themselves are a hundred apart. */
const lossy: Record<string, number> = { jpg: 3, avif: 3, "lossy.webp": 3 };

/** @param names those whose name fits @returns how many there were */
export async function picturesAreRead(folder: string, names: RegExp): Promise<number> {
  const files = answersIn(folder).files.filter(({ name }) => names.test(name));
  for (const { name, file, height, width, pixels } of files) {
    const read = await decodeImage(Buffer.from(file, "base64"), name);
    expect([read.height, read.width, read.channels], name).to.deep.equal([height, width, 3]);
    const most = lossy[name] ?? lossy[name.split(".")[1]] ?? 0;
    expect(apart(read.data, Buffer.from(pixels, "base64")), name).to.be.at.most(most);
  }
  return files.length;
}

export function fitsAsTorchvision(folder: string): void {
  const { fits, crops } = answersIn(folder);
  expect([fits.length, crops.length]).to.deep.equal([12, 8]);
  for (const { name, size, pixels } of fits) {
    expect(apart(fit(fitted[name], size, size).data, Buffer.from(pixels, "base64")), `${name} to ${size}`).to.equal(0);
  }
  for (const { name, height, width, pixels } of crops) {
    const own = centreCrop(fitted[name], height, width).data;
    expect(apart(own, Buffer.from(pixels, "base64")), `${name}, ${height} × ${width}`).to.equal(0);
  }
}

function apart(own: Uint8Array, theirs: Uint8Array): number {
  expect(own).to.have.length(theirs.length);
  return own.reduce((most, value, at) => Math.max(most, Math.abs(value - theirs[at])), 0);
}
