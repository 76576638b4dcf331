import { expect } from "chai";
import * as fs from "node:fs";
import * as path from "node:path";
import type { NdArray } from "../../../lib/data/nd-array";
import { decodeSafetensors, encodeSafetensors, readSafetensors, writeSafetensors } from "../../../lib/data/safetensors";
import { failure, runPython, temporaryFolder } from "./helpers";

const file = (header: unknown, values: Uint8Array): Buffer => {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header)),
    length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, values]);
};

describe("safetensors", () => {
  const folder = temporaryFolder();

  it("reads hand-made bytes, unaligned ones and halves too", () => {
    const floats = Buffer.from(Float32Array.of(1.5, -2).buffer);
    // 1.5, −2, the smallest subnormal, infinity in half precision; 1.5 and −3 in bfloat16
    const values = Buffer.concat([
      Buffer.from([7]),
      floats,
      Buffer.from("003e00c00100007c", "hex"),
      Buffer.from("c03f40c0", "hex"),
    ]);
    const tensors = decodeSafetensors(
      file(
        {
          __metadata__: { format: "pt" },
          byte: { dtype: "U8", shape: [], data_offsets: [0, 1] },
          floats: { dtype: "F32", shape: [2, 1], data_offsets: [1, 9] },
          half: { dtype: "F16", shape: [4], data_offsets: [9, 17] },
          brain: { dtype: "BF16", shape: [2], data_offsets: [17, 21] },
        },
        values,
      ),
      "x",
    );
    expect([...tensors.keys()]).to.deep.equal(["byte", "floats", "half", "brain"]);
    expect(tensors.get("floats")).to.deep.equal({ dtype: "float32", shape: [2, 1], data: Float32Array.of(1.5, -2) });
    expect([...(tensors.get("half") as NdArray).data]).to.deep.equal([1.5, -2, 2 ** -24, Infinity]);
    expect([...(tensors.get("brain") as NdArray).data]).to.deep.equal([1.5, -3]);
    expect([...(tensors.get("byte") as NdArray).data]).to.deep.equal([7]);
  });
  it("writes what it reads, a tensor called __proto__ included", async () => {
    const tensors = new Map<string, NdArray>([
      ["a", { dtype: "uint8", shape: [3], data: Uint8Array.of(1, 2, 3) }],
      ["__proto__", { dtype: "float32", shape: [2], data: Float32Array.of(0.1, 0.2) }],
      ["empty", { dtype: "float32", shape: [0, 4], data: new Float32Array(0) }],
    ]);
    const name = path.join(folder(), "x.safetensors");
    await writeSafetensors(name, tensors, { made: "here" });
    expect([...(await readSafetensors(name))]).to.have.deep.members([...tensors]);
    expect(fs.readdirSync(folder())).to.deep.equal(["x.safetensors"]);
  });
  it("refuses lying headers before making room for anything", async () => {
    const said = async (header: unknown, values = Buffer.alloc(8)): Promise<string> =>
      (await failure(() => decodeSafetensors(file(header, values), "w.safetensors"))).message;
    const tensor = (change: object): object => ({ t: { dtype: "F32", shape: [2], data_offsets: [0, 8], ...change } });
    expect(await said(tensor({ data_offsets: [0, 9] }))).to.match(
      /^w\.safetensors is truncated or corrupt: tensor "t" lies at bytes 0 to 9/,
    );
    expect(await said(tensor({ data_offsets: [4, 8] }))).to.match(/lies at bytes 4 to 8/);
    expect(await said(tensor({ shape: [3] }))).to.match(/of shape \[3\] has 8 bytes/);
    expect(await said(tensor({ shape: [2 ** 40, 2 ** 40] }))).to.match(/corrupt/);
    expect(await said(tensor({ shape: [-2] }))).to.match(/wrongly/);
    expect(await said(tensor({ dtype: "F8_E4M3" }))).to.match(/type "F8_E4M3"/);
    expect(await said({ t: null })).to.match(/wrongly/);
    expect(await said([])).to.match(/no JSON object/);
    expect(await said("{")).to.match(/not JSON/);
    expect(await said({})).to.match(/8 bytes after the last tensor/);
    expect(
      await said({
        a: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
        b: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
      }),
    ).to.match(/lies at/);
    const huge = Buffer.alloc(16, 0xff);
    expect((await failure(() => decodeSafetensors(huge, "x"))).message).to.match(/corrupt/);
    huge.writeBigUInt64LE(2n ** 32n);
    expect((await failure(() => decodeSafetensors(huge, "x"))).message).to.match(/no safetensors file/);
    expect((await failure(() => decodeSafetensors(Buffer.alloc(3), "x"))).message).to.match(/truncated/);
    expect(
      (
        await failure(() =>
          encodeSafetensors(new Map([["t", { dtype: "uint8", shape: [4], data: Uint8Array.of(1) } as NdArray]])),
        )
      ).message,
    ).to.match(/1 values/);
  });
  it("writes what the format says: a header in JSON, and little-endian values where it puts them", async function () {
    this.timeout(60000);
    await writeSafetensors(
      path.join(folder(), "o.safetensors"),
      new Map([["w", { dtype: "float32", shape: [2, 2], data: Float32Array.of(1, 2.5, -3, 4) }]]),
    );
    expect(
      JSON.parse(
        runPython(
          this,
          ["struct"],
          `
import json, struct
raw = open("o.safetensors", "rb").read(); n = int.from_bytes(raw[:8], "little")
h = json.loads(raw[8:8 + n])["w"]; a, b = h["data_offsets"]
print(json.dumps([h["dtype"], h["shape"], struct.unpack("<4f", raw[8 + n:][a:b])]))`,
          folder(),
        ),
      ),
    ).to.deep.equal(["F32", [2, 2], [1, 2.5, -3, 4]]);
  });
});
