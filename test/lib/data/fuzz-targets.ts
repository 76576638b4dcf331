import { zipSync } from "fflate";
import * as zlib from "node:zlib";
import { canvas } from "../../../lib/data/image-decoders";
import { encodePng, readImageHeader } from "../../../lib/data/image-files";
import { decodeIdx } from "../../../lib/data/idx";
import { decodeImage } from "../../../lib/data/image";
import { decodeNpy, encodeNpy, decodeNpz } from "../../../lib/data/npy";
import { decodePth } from "../../../lib/data/pth";
import { decodeSafetensors, encodeSafetensors } from "../../../lib/data/safetensors";
import { noise } from "./helpers";
import { writtenPicture } from "./picture-files";
import { dictionaryOf, legacyCheckpoint, tensorBytes, zipCheckpoint } from "./pickle-bytes";

const floats = new Uint8Array(Float32Array.from({ length: 60 }, (_, i) => i).buffer);
const array = { dtype: "float32" as const, shape: [3, 20], data: Float32Array.from({ length: 60 }, (_, i) => i / 7) };
const idx = Buffer.concat([Buffer.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 6]), noise(60)]);
const state = (legacy: boolean): Buffer =>
  dictionaryOf({
    a: tensorBytes({ count: 60, shape: [3, 20], strides: [20, 1] }, legacy),
    b: tensorBytes({ count: 60, shape: [20, 3], strides: [1, 20] }, legacy),
  });
const png = encodePng({ height: 12, width: 12, channels: 3, data: Uint8Array.from(noise(432)) });

function jpeg(): Buffer {
  const surface = canvas().library.createCanvas(64, 48),
    context = surface.getContext("2d");
  for (let x = 0; x < 64; x++) {
    context.fillStyle = `rgb(${4 * x}, ${(x * x) % 256}, 90)`;
    context.fillRect(x, 0, 1, 48);
  }
  return (surface as unknown as { toBuffer(type: string): Buffer }).toBuffer("image/jpeg");
}

/** A good file of each format, and its reader. */
export const fuzzTargets: Record<string, { good: Uint8Array; read: (bytes: Uint8Array) => unknown }> = {
  idx: { good: idx, read: (bytes) => decodeIdx(bytes, "x") },
  "idx.gz": { good: zlib.gzipSync(idx), read: (bytes) => decodeIdx(bytes, "x") },
  npy: { good: encodeNpy(array), read: (bytes) => decodeNpy(bytes, "x") },
  npz: {
    good: zipSync({ "a.npy": encodeNpy(array), "b.npy": [encodeNpy(array), { level: 0 }] }),
    read: (bytes) => {
      const npz = decodeNpz(bytes, "x");
      npz.names.forEach((name) => npz.read(name));
    },
  },
  safetensors: {
    good: encodeSafetensors(
      new Map([
        ["a", array],
        ["b", array],
      ]),
    ),
    read: (bytes) => decodeSafetensors(bytes, "x"),
  },
  "pth (zip)": { good: zipCheckpoint(state(false), { 0: floats }), read: (bytes) => decodePth(bytes, "x") },
  "pth (legacy)": { good: legacyCheckpoint(state(true), { 0: floats }, 4), read: (bytes) => decodePth(bytes, "x") },
  "png header": { good: png, read: (bytes) => readImageHeader(bytes, "x") },
  png: { good: png, read: (bytes) => decodeImage(bytes, "x") },
  jpeg: { good: jpeg(), read: (bytes) => decodeImage(bytes, "x") },
  ...Object.fromEntries(
    ["alpha.webp", "alpha.avif", "palette.gif", "packed.tif"].map((name) => [
      name.split(".")[1],
      { good: writtenPicture(name), read: (bytes: Uint8Array) => decodeImage(bytes, "x") },
    ]),
  ),
};
