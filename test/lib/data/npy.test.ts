import { expect } from "chai";
import * as fs from "node:fs";
import * as path from "node:path";
import type { DType, NdArray } from "../../../lib/data/nd-array";
import { decodeNpy, encodeNpy, readNpy, writeNpy, decodeNpz, readNpz, writeNpz } from "../../../lib/data/npy";
import { failure, runPython, temporaryFolder } from "./helpers";
import { keptFiles, numpyFilesAreRead, readsOurs, samples, writeOurs } from "./python-files";

const npy = (header: string, values: Uint8Array, version = 1): Buffer => {
  const text = Buffer.from(`${header}\n`, "latin1"),
    length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(text.length);
  else length.writeUInt32LE(text.length);
  return Buffer.concat([Buffer.from("\x93NUMPY", "latin1"), Buffer.from([version, 0]), length, text, values]);
};
const dictionary = (descr: string, shape: string, fortran = "False"): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;

/** In Python, where NumPy's header is a literal; NumPy itself is asked in the soak run. */
const strictReader = `
import ast, glob, json, struct
types = {"<f8": ("float64", "d"), "<f4": ("float32", "f"), "|i1": ("int8", "b"), "|u1": ("uint8", "B"),
  "<i2": ("int16", "h"), "<u2": ("uint16", "H"),
  "<i4": ("int32", "i"), "<u4": ("uint32", "I"), "<i8": ("int64", "q"), "<u8": ("uint64", "Q"), "|b1": ("bool", "?")}
for name in glob.glob("*.npy"):
  raw = open(name, "rb").read()
  assert raw[:8] == b"\\x93NUMPY\\x01\\x00", name
  end = 10 + struct.unpack("<H", raw[8:10])[0]
  header = ast.literal_eval(raw[10:end].decode("ascii"))
  assert end % 64 == 0 and raw[end - 1:end] == b"\\n" and set(header) == {"descr", "fortran_order", "shape"}, name
  assert isinstance(header["shape"], tuple) and header["fortran_order"] is False, f"{name}: {header}"
  dtype, code = types[header["descr"]]
  count = 1
  for side in header["shape"]: count *= side
  values = struct.unpack(f"<{count}{code}", raw[end:])
  print(json.dumps([name, dtype, list(header["shape"]), [str(value) for value in values]]))`;

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
      expect(decodeNpy(npy(dictionary("<f4", "(2, 3)"), values, version), "x")).to.deep.equal({
        dtype: "float32",
        shape: [2, 3],
        data: Float32Array.of(0, 1, 2, 3, 4, 5),
      });
    }
    expect([...decodeNpy(npy(dictionary("<f4", "(2, 3)", "True"), values), "x").data]).to.deep.equal([
      0, 2, 4, 1, 3, 5,
    ]);
    const big = Buffer.from(values).swap32();
    expect([...decodeNpy(npy(dictionary(">f4", "(6,)"), big), "x").data]).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(decodeNpy(npy(dictionary("|u1", "()"), Buffer.from([9])), "x")).to.deep.equal({
      dtype: "uint8",
      shape: [],
      data: Uint8Array.of(9),
    });
    expect(decodeNpy(npy(dictionary("<f8", "(0, 5)"), Buffer.alloc(0)), "x").data.length).to.equal(0);
  });
  it("refuses pickled, structured and complex arrays, and headers that lie", async () => {
    const one = Buffer.alloc(16);
    const said = async (header: string, values: Uint8Array = one): Promise<string> =>
      (await failure(() => decodeNpy(npy(header, values), "a.npy"))).message;
    expect(await said(dictionary("|O", "(2,)"))).to.equal(
      'a.npy has element type "|O", which is not read. Object arrays are pickles, which can run code: save plain ' +
        "numbers instead.",
    );
    expect(await said("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }")).to.match(
      /structured array/,
    );
    expect(await said(dictionary("<c8", "(2,)"))).to.match(/"<c8"/);
    expect(await said(dictionary("<f4", "(1000000, 1000000)"))).to.match(
      /shape \(1000000, 1000000\) of float32 takes 4000000000000 bytes, and it holds 16/,
    );
    expect(await said(dictionary("<f4", "(99999999999, 99999999999)"))).to.match(/too many/);
    expect(await said(dictionary("<f4", "(-1,)"))).to.match(/corrupt header/);
    expect(await said("__import__('os').system('false')")).to.match(/corrupt header/);
    expect((await failure(() => decodeNpy(npy(dictionary("<f4", "(4,)"), one).subarray(0, 60), "x"))).message).to.match(
      /truncated/,
    );
    expect((await failure(() => decodeNpy(Buffer.from("\x93NUMPY\x01\x00\xff\xff", "latin1"), "x"))).message).to.match(
      /the header needs 65535 bytes/,
    );
    expect((await failure(() => encodeNpy({ dtype: "uint8", shape: [4], data: Uint8Array.of(1) }))).message).to.match(
      /1 values.*takes 4/,
    );
  });
  it("names the file that is missing, a folder, or cannot be written, and leaves nothing behind", async () => {
    expect((await failure(() => readNpy(path.join(folder(), "none.npy")))).message).to.match(
      /none\.npy does not exist/,
    );
    expect((await failure(() => readNpy(folder()))).message).to.match(/is a folder/);
    fs.writeFileSync(path.join(folder(), "wall"), "");
    expect(
      (
        await failure(() =>
          writeNpy(path.join(folder(), "wall", "x.npy"), { dtype: "uint8", shape: [1], data: Uint8Array.of(1) }),
        )
      ).message,
    ).to.match(/x\.npy cannot be written/);
    expect(fs.readdirSync(folder())).to.deep.equal(["wall"]);
  });
  it("reads an npz array by array, so that a pickled one harms nobody", async () => {
    const file = path.join(folder(), "two.npz"),
      a: NdArray = { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) };
    await writeNpz(file, { a, b: { dtype: "int64", shape: [1], data: BigInt64Array.of(7n) } });
    const npz = await readNpz(file);
    expect(npz.names).to.deep.equal(["a", "b"]);
    expect(npz.read("a")).to.deep.equal(a);
    expect([...npz.read("b").data]).to.deep.equal([7n]);
    expect((await failure(() => npz.read("c"))).message).to.match(/holds no array "c"; it holds a, b/);
    const bytes = fs.readFileSync(file);
    for (const length of [0, 1, 21, bytes.length - 1, bytes.length >> 1])
      expect((await failure(() => decodeNpz(bytes.subarray(0, length), "x"))).message).to.match(/truncated|corrupt/);
    const flipped = Buffer.from(bytes);
    flipped[60] ^= 0x10;
    expect(
      (
        await failure(() => {
          const damaged = decodeNpz(flipped, "x.npz");
          damaged.names.forEach((name) => damaged.read(name));
        })
      ).message,
    ).to.match(/x\.npz is corrupt/);
  });
  it("reads what NumPy writes", () => numpyFilesAreRead(keptFiles));
  it("writes what a strict reader of NumPy's format reads, every type and shape", async function () {
    await writeOurs(folder());
    readsOurs(runPython(this, ["ast"], strictReader, folder()));
  });
});
