import { expect } from "chai";
import * as zlib from "node:zlib";
import { decodeIdx } from "../../../lib/data/idx";
import { failure } from "./helpers";

const idx = (type: number, sizes: number[], values: Uint8Array): Buffer => {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header[2] = type;
  header[3] = sizes.length;
  sizes.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis));
  return Buffer.concat([header, values]);
};

describe("idx", () => {
  it("reads bytes, plain and gzipped", () => {
    const file = idx(0x08, [2, 3], Buffer.from([1, 2, 3, 4, 5, 255]));
    for (const bytes of [file, zlib.gzipSync(file)]) {
      const { dtype, shape, data } = decodeIdx(bytes, "x");
      expect({ dtype, shape, data: [...(data as Uint8Array)] }).to.deep.equal({
        dtype: "uint8",
        shape: [2, 3],
        data: [1, 2, 3, 4, 5, 255],
      });
    }
  });
  it("turns big-endian numbers round, without touching the file's bytes", () => {
    const values = Buffer.alloc(8);
    values.writeInt32BE(-7, 0);
    values.writeInt32BE(100000, 4);
    const file = idx(0x0c, [2], values),
      before = file.toString("hex");
    expect([...decodeIdx(file, "x").data]).to.deep.equal([-7, 100000]);
    expect(file.toString("hex")).to.equal(before);
    const floats = Buffer.alloc(4);
    floats.writeFloatBE(1.5);
    expect([...decodeIdx(idx(0x0d, [1], floats), "x").data]).to.deep.equal([1.5]);
  });
  it("reads every type that the format has, with its sign", () => {
    const types: [number, string, (bytes: Buffer) => void, number, number][] = [
      [0x08, "uint8", (bytes) => bytes.writeUInt8(255), 1, 255],
      [0x09, "int8", (bytes) => bytes.writeInt8(-1), 1, -1],
      [0x0b, "int16", (bytes) => bytes.writeInt16BE(-300), 2, -300],
      [0x0c, "int32", (bytes) => bytes.writeInt32BE(-70000), 4, -70000],
      [0x0d, "float32", (bytes) => bytes.writeFloatBE(-0.5), 4, -0.5],
      [0x0e, "float64", (bytes) => bytes.writeDoubleBE(1e-300), 8, 1e-300],
    ];
    for (const [type, dtype, write, size, value] of types) {
      const bytes = Buffer.alloc(size);
      write(bytes);
      const read = decodeIdx(idx(type, [1], bytes), "x");
      expect([read.dtype, Number(read.data[0])]).to.deep.equal([dtype, value]);
    }
  });
  it("refuses what is cut, too long, of another kind, or claims the impossible", async () => {
    const file = idx(0x08, [2, 3], Buffer.from([1, 2, 3, 4, 5, 6]));
    expect((await failure(() => decodeIdx(file.subarray(0, 14), "pictures.idx"))).message).to.match(
      /^pictures\.idx is corrupt: 2 × 3 uint8 take 6 bytes, and it holds 2\.$/,
    );
    expect((await failure(() => decodeIdx(Buffer.concat([file, Buffer.from([0])]), "x"))).message).to.match(/holds 7/);
    expect((await failure(() => decodeIdx(zlib.gzipSync(file).subarray(0, 20), "x"))).message).to.match(/truncated/);
    expect(
      (await failure(() => decodeIdx(zlib.gzipSync(Buffer.concat([file, Buffer.alloc(99)])), "x"))).message,
    ).to.match(/corrupt/);
    expect((await failure(() => decodeIdx(Buffer.from("hello, this is text"), "x"))).message).to.match(
      /is no IDX file/,
    );
    expect((await failure(() => decodeIdx(Buffer.alloc(2), "x"))).message).to.match(/truncated/);
    const boast = idx(0x0e, [0xffffffff, 0xffffffff], Buffer.alloc(8));
    expect((await failure(() => decodeIdx(boast, "x"))).message).to.match(/claims 4294967295 × 4294967295/);
    expect(
      (await failure(() => decodeIdx(zlib.gzipSync(idx(0x08, [1 << 30], Buffer.alloc(8))), "x"))).message,
    ).to.match(/cannot unpack to/);
  });
});
