import { expect } from "chai";
import * as fs from "node:fs";
import * as path from "node:path";
import type { DType, NdArray } from "../../../lib/data/nd-array";
import { decodeNpy, encodeNpy, readNpy, writeNpy } from "../../../lib/data/npy";
import { decodeNpz, readNpz, writeNpz } from "../../../lib/data/npz";
import { failure, runPython, temporaryFolder } from "./helpers";

const npy = (header: string, values: Uint8Array, version = 1): Buffer => {
  const text = Buffer.from(`${header}\n`, "latin1"), length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(text.length);
  else length.writeUInt32LE(text.length);
  return Buffer.concat([Buffer.from("\x93NUMPY", "latin1"), Buffer.from([version, 0]), length, text, values]);
};
const dictionary = (descr: string, shape: string, fortran = "False"): string => `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;

const samples: Record<DType, NdArray["data"]> = {
  float64: Float64Array.of(1 / 3, -2e300, NaN), float32: Float32Array.of(0.1, -0, Infinity), int8: Int8Array.of(-128, 0, 127), uint8: Uint8Array.of(0, 1, 255),
  int16: Int16Array.of(-32768, 5, 32767), uint16: Uint16Array.of(0, 5, 65535), int32: Int32Array.of(-(2 ** 31), 5, 2 ** 31 - 1), uint32: Uint32Array.of(0, 5, 2 ** 32 - 1),
  int64: BigInt64Array.of(-(2n ** 63n), 5n, 2n ** 63n - 1n), uint64: BigUint64Array.of(0n, 5n, 2n ** 64n - 1n), bool: Uint8Array.of(0, 1, 1),
};

describe("npy and npz", () => {
  const folder = temporaryFolder();

  it("writes and reads every type", () => {
    for (const [dtype, data] of Object.entries(samples)) {
      const bytes = encodeNpy({ dtype: dtype as DType, shape: [1, 3], data });
      expect((bytes.length - data.byteLength) % 64, "NumPy aligns the values").to.equal(0);
      expect(decodeNpy(bytes, "x")).to.deep.equal({ dtype, shape: [1, 3], data });
    }
  });
  it("reads hand-made bytes: versions 1 to 3, big-endian, Fortran order, scalars, nothing at all", () => {
    const values = Buffer.alloc(24);
    for (let i = 0; i < 6; i++) values.writeFloatLE(i, 4 * i);
    for (const version of [1, 2, 3]) {
      expect(decodeNpy(npy(dictionary("<f4", "(2, 3)"), values, version), "x")).to.deep.equal({ dtype: "float32", shape: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) });
    }
    expect([...decodeNpy(npy(dictionary("<f4", "(2, 3)", "True"), values), "x").data]).to.deep.equal([0, 2, 4, 1, 3, 5]);
    const big = Buffer.from(values).swap32();
    expect([...decodeNpy(npy(dictionary(">f4", "(6,)"), big), "x").data]).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(decodeNpy(npy(dictionary("|u1", "()"), Buffer.from([9])), "x")).to.deep.equal({ dtype: "uint8", shape: [], data: Uint8Array.of(9) });
    expect(decodeNpy(npy(dictionary("<f8", "(0, 5)"), Buffer.alloc(0)), "x").data.length).to.equal(0);
  });
  it("refuses pickled, structured and complex arrays, and headers that lie", async () => {
    const one = Buffer.alloc(16);
    const said = async (header: string, values: Uint8Array = one): Promise<string> => (await failure(() => decodeNpy(npy(header, values), "a.npy"))).message;
    expect(await said(dictionary("|O", "(2,)"))).to.equal('a.npy has element type "|O", which is not read. Object arrays are pickles, which can run code: save plain numbers instead.');
    expect(await said("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }")).to.match(/structured array/);
    expect(await said(dictionary("<c8", "(2,)"))).to.match(/"<c8"/);
    expect(await said(dictionary("<f4", "(1000000, 1000000)"))).to.match(/shape \(1000000, 1000000\) of float32 takes 4000000000000 bytes, and it holds 16/);
    expect(await said(dictionary("<f4", "(99999999999, 99999999999)"))).to.match(/too many/);
    expect(await said(dictionary("<f4", "(-1,)"))).to.match(/corrupt header/);
    expect(await said("__import__('os').system('false')")).to.match(/corrupt header/);
    expect((await failure(() => decodeNpy(npy(dictionary("<f4", "(4,)"), one).subarray(0, 60), "x"))).message).to.match(/truncated/);
    expect((await failure(() => decodeNpy(Buffer.from("\x93NUMPY\x01\x00\xff\xff", "latin1"), "x"))).message).to.match(/the header needs 65535 bytes/);
    expect((await failure(() => encodeNpy({ dtype: "uint8", shape: [4], data: Uint8Array.of(1) }))).message).to.match(/1 values.*takes 4/);
  });
  it("names the file that is missing, a folder, or cannot be written, and leaves nothing behind", async () => {
    expect((await failure(() => readNpy(path.join(folder(), "none.npy")))).message).to.match(/none\.npy does not exist/);
    expect((await failure(() => readNpy(folder()))).message).to.match(/is a folder/);
    fs.writeFileSync(path.join(folder(), "wall"), "");
    expect((await failure(() => writeNpy(path.join(folder(), "wall", "x.npy"), { dtype: "uint8", shape: [1], data: Uint8Array.of(1) }))).message).to.match(/x\.npy cannot be written/);
    expect(fs.readdirSync(folder())).to.deep.equal(["wall"]);
  });
  it("reads an npz array by array, so that a pickled one harms nobody", async () => {
    const file = path.join(folder(), "two.npz"), a: NdArray = { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) };
    await writeNpz(file, { a, b: { dtype: "int64", shape: [1], data: BigInt64Array.of(7n) } });
    const npz = await readNpz(file);
    expect(npz.names).to.deep.equal(["a", "b"]);
    expect(npz.read("a")).to.deep.equal(a);
    expect([...npz.read("b").data]).to.deep.equal([7n]);
    expect((await failure(() => npz.read("c"))).message).to.match(/holds no array "c"; it holds a, b/);
    const bytes = fs.readFileSync(file);
    for (const length of [0, 1, 21, bytes.length - 1, bytes.length >> 1]) expect((await failure(() => decodeNpz(bytes.subarray(0, length), "x"))).message).to.match(/truncated|corrupt/);
    const flipped = Buffer.from(bytes);
    flipped[60] ^= 0x10;
    expect((await failure(() => { const damaged = decodeNpz(flipped, "x.npz"); damaged.names.forEach((name) => damaged.read(name)); })).message).to.match(/x\.npz is corrupt/);
  });
  it("agrees with NumPy in both directions", async function () {
    this.timeout(60000);
    await Promise.all(Object.entries(samples).map(([dtype, data]) => writeNpy(path.join(folder(), `ours-${dtype}.npy`), { dtype: dtype as DType, shape: [3, 1], data })));
    await writeNpz(path.join(folder(), "ours.npz"), { first: { dtype: "float32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } });
    const said = JSON.parse(runPython(this, ["numpy"], `
import numpy as np, json, glob
seen = {f[5:-4]: [str(np.load(f).dtype), list(np.load(f).shape), [str(v) for v in np.load(f).ravel().tolist()]] for f in glob.glob("ours-*.npy")}
seen["npz"] = np.load("ours.npz")["first"].tolist()
base = np.arange(24).reshape(2, 3, 4) * 1.25
np.save("fortran.npy", np.asfortranarray(base.astype(np.float32)))
np.save("big.npy", base.astype(">f8"))
np.save("int64.npy", base.astype(np.int64))
np.savez("plain.npz", x=base, y=np.array([True, False]))
np.savez_compressed("packed.npz", x=np.zeros((100, 100), np.uint8), o=np.array([{}], dtype=object))
print(json.dumps(seen))`, folder())) as Record<string, [string, number[], string[]]>;
    expect(said.npz).to.deep.equal([[1, 2], [3, 4]]);
    for (const [dtype, data] of Object.entries(samples)) {
      expect(said[dtype].slice(0, 2), dtype).to.deep.equal([dtype, [3, 1]]);
      const values = said[dtype][2].map((text) => (text === "True" ? 1 : text === "False" ? 0 : text === "nan" ? NaN : text === "inf" ? Infinity : dtype.includes("int64") ? BigInt(text) : Number(text)));
      expect(values, dtype).to.deep.equal([...data].map((value) => value));
    }
    const base = Array.from({ length: 24 }, (_, i) => i * 1.25);
    expect([...(await readNpy(path.join(folder(), "fortran.npy"))).data]).to.deep.equal(base);
    expect([...(await readNpy(path.join(folder(), "big.npy"))).data]).to.deep.equal(base);
    expect([...(await readNpy(path.join(folder(), "int64.npy"))).data]).to.deep.equal(base.map((value) => BigInt(Math.trunc(value))));
    const plain = await readNpz(path.join(folder(), "plain.npz")), packed = await readNpz(path.join(folder(), "packed.npz"));
    expect([...plain.read("x").data]).to.deep.equal(base);
    expect(plain.read("y").dtype).to.equal("bool");
    expect(packed.read("x").data.length).to.equal(10000);
    expect((await failure(() => packed.read("o"))).message).to.match(/pickles/);
  });
});
