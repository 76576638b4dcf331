import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encodePng, type Pixels } from "../../../lib/data/image-files";
import type { DType, NdArray } from "../../../lib/data/nd-array";
import { readNpy, writeNpy, readNpz } from "../../../lib/data/npy";
import { readPth } from "../../../lib/data/pth";
import { resize } from "../../../lib/data/resize";
import { failure, noise } from "./helpers";

/*
 * What Python's libraries write, and what they make of our files. CI compares with what test/oracles/data_files.py
 * wrote once;
 * the soak run asks the libraries themselves.
 */

/** Where the files lie that data_files.py wrote. */
export const keptFiles = join(__dirname, "../../oracles/data-files");

/** Values of every type that could be lost. */
export const samples: Record<DType, NdArray["data"]> = {
  float64: Float64Array.of(1 / 3, -2e300, NaN),
  float32: Float32Array.of(0.1, -0, Infinity),
  int8: Int8Array.of(-128, 0, 127),
  uint8: Uint8Array.of(0, 1, 255),
  int16: Int16Array.of(-32768, 5, 32767),
  uint16: Uint16Array.of(0, 5, 65535),
  int32: Int32Array.of(-(2 ** 31), 5, 2 ** 31 - 1),
  uint32: Uint32Array.of(0, 5, 2 ** 32 - 1),
  int64: BigInt64Array.of(-(2n ** 63n), 5n, 2n ** 63n - 1n),
  uint64: BigUint64Array.of(0n, 5n, 2n ** 64n - 1n),
  bool: Uint8Array.of(0, 1, 1),
};
const shapes = [[3, 1], [3], [1, 3, 1]];
const ours = (dtype: string, shape: readonly number[]): string => `ours-${dtype}-${shape.length}.npy`;

/** The picture that PIL resizes. */
export const resizedPicture: Pixels = { height: 61, width: 47, channels: 3, data: Uint8Array.from(noise(61 * 47 * 3)) };
export const resizedPng = (): Buffer => Buffer.from(encodePng(resizedPicture));

/** Writes every type in several shapes. */
export async function writeOurs(folder: string): Promise<void> {
  for (const [dtype, data] of Object.entries(samples))
    for (const shape of shapes)
      await writeNpy(join(folder, ours(dtype, shape)), { dtype: dtype as DType, shape, data });
}

/** @param said what Python read: a line for each file, [name, type, shape, values as text] */
export function readsOurs(said: string): void {
  const read = new Map(
    said
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as [string, string, number[], string[]])
      .map(([name, ...rest]) => [name, rest]),
  );
  for (const [dtype, data] of Object.entries(samples))
    for (const shape of shapes) {
      const [type, size, values] = read.get(ours(dtype, shape)) ?? [];
      expect([type, size], ours(dtype, shape)).to.deep.equal([dtype, shape]);
      expect(values!.map((text) => (dtype.includes("int64") ? BigInt(text) : numberOf(text)))).to.deep.equal(
        [...data].map((value) => value),
      );
    }
}

const words: Record<string, number> = { True: 1, False: 0, nan: NaN, inf: Infinity };
const numberOf = (text: string): number => words[text] ?? Number(text);

export async function numpyFilesAreRead(folder: string): Promise<void> {
  const base = Array.from({ length: 24 }, (_, i) => i * 1.25);
  expect([...(await readNpy(join(folder, "fortran.npy"))).data]).to.deep.equal(base);
  expect([...(await readNpy(join(folder, "big.npy"))).data]).to.deep.equal(base);
  expect([...(await readNpy(join(folder, "int64.npy"))).data]).to.deep.equal(
    base.map((value) => BigInt(Math.trunc(value))),
  );
  const plain = await readNpz(join(folder, "plain.npz")),
    packed = await readNpz(join(folder, "packed.npz"));
  expect([...plain.read("x").data]).to.deep.equal(base);
  expect(plain.read("y").dtype).to.equal("bool");
  expect(packed.read("x").data.length).to.equal(10000);
  expect((await failure(() => packed.read("o"))).message).to.match(/pickles/);
}

export async function torchFilesAreRead(folder: string): Promise<void> {
  const expected = JSON.parse(readFileSync(join(folder, "torch.json"), "utf8")) as Record<string, [number[], number[]]>;
  for (const name of ["zip.pth", "legacy.pth"]) {
    const tensors = await readPth(join(folder, name));
    expect([...tensors.keys()]).to.deep.equal(Object.keys(expected));
    for (const [key, { shape, data }] of tensors)
      expect([shape, Array.from(data as Float64Array, Number)], key).to.deep.equal(expected[key]);
  }
  expect((await readPth(join(folder, "parameters.pth"))).size).to.equal(6);
  expect((await failure(() => readPth(join(folder, "whole.pth")))).message).to.match(
    /asks for torch\.nn\.modules\.container\.Sequential/,
  );
}

export function resizesAsPil(folder: string): void {
  for (const [height, width] of [
    [31, 20],
    [100, 90],
    [9, 47],
  ]) {
    const theirs = readFileSync(join(folder, `resized-${height}x${width}.bin`)),
      own = resize(resizedPicture, height, width).data;
    expect(own).to.have.length(theirs.length);
    expect(
      own.reduce((most, value, at) => Math.max(most, Math.abs(value - theirs[at])), 0),
      `${height} × ${width}`,
    ).to.equal(0);
  }
}
