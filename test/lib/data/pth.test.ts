import { expect } from "chai";
import { zipSync } from "fflate";
import type { NdArray } from "../../../lib/data/nd-array";
import { decodePth } from "../../../lib/data/pth";
import { failure } from "./helpers";
import { keptFiles, torchFilesAreRead } from "./python-files";
import { dictionaryOf, legacyCheckpoint, op, tensorBytes, tupleOf, zipCheckpoint } from "./pickle-bytes";

const six = new Uint8Array(Float32Array.of(0, 1, 2, 3, 4, 5).buffer);
const tensor = tensorBytes({ count: 6, shape: [2, 3], strides: [3, 1] });

describe("pth", () => {
  it("reads hand-made checkpoints, zip and legacy: views, transposed, shared storages, halves, integers", () => {
    const views = (legacy: boolean): Buffer =>
      dictionaryOf({
        whole: tensorBytes({ count: 6, shape: [2, 3], strides: [3, 1] }, legacy),
        turned: tensorBytes({ count: 6, shape: [3, 2], strides: [1, 3] }, legacy),
        last: tensorBytes({ count: 6, shape: [2], strides: [1], offset: 4 }, legacy),
        number: tensorBytes({ count: 6, shape: [], strides: [], offset: 3 }, legacy),
        epoch: op.integer(7),
      });
    for (const bytes of [zipCheckpoint(views(false), { 0: six }), legacyCheckpoint(views(true), { 0: six }, 4)]) {
      expect([...decodePth(bytes, "x")]).to.deep.equal([
        ["whole", { dtype: "float32", shape: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) }],
        ["turned", { dtype: "float32", shape: [3, 2], data: Float32Array.of(0, 3, 1, 4, 2, 5) }],
        ["last", { dtype: "float32", shape: [2], data: Float32Array.of(4, 5) }],
        ["number", { dtype: "float32", shape: [], data: Float32Array.of(3) }],
      ]);
    }
    const half = zipCheckpoint(
      dictionaryOf({ h: tensorBytes({ count: 2, shape: [2], strides: [1], type: "HalfStorage" }) }),
      { 0: Buffer.from("003e00c0", "hex") },
    );
    expect([...(decodePth(half, "x").get("h") as NdArray).data]).to.deep.equal([1.5, -2]);
    const long = zipCheckpoint(
      dictionaryOf({ n: tensorBytes({ count: 1, shape: [], strides: [], type: "LongStorage" }) }),
      { 0: new Uint8Array(BigInt64Array.of(-9n).buffer) },
    );
    expect([...(decodePth(long, "x").get("n") as NdArray).data]).to.deep.equal([-9n]);
  });
  it("finds the state dict under `model` or `state_dict`, or where it is told", async () => {
    const bytes = zipCheckpoint(
      dictionaryOf({ model: dictionaryOf({ w: tensor }), other: dictionaryOf({ v: tensor }) }),
      { 0: six },
    );
    expect([...decodePth(bytes, "x").keys()]).to.deep.equal(["w"]);
    expect([...decodePth(bytes, "x", { key: "other" }).keys()]).to.deep.equal(["v"]);
    expect((await failure(() => decodePth(bytes, "x", { key: "none" }))).message).to.match(
      /no tensors under "none"; it holds "model", "other"/,
    );
  });

  const hostile: [string, Buffer, RegExp][] = [
    [
      "os.system on Unix",
      Buffer.concat([op.global("posix", "system"), tupleOf(op.text("touch pwned")), op.reduce]),
      /asks for posix\.system, and only the rebuilding/,
    ],
    [
      "os.system on Windows",
      Buffer.concat([op.global("nt", "system"), tupleOf(op.text("calc")), op.reduce]),
      /asks for nt\.system/,
    ],
    [
      "eval",
      Buffer.concat([op.global("builtins", "eval"), tupleOf(op.text("1")), op.reduce]),
      /asks for builtins\.eval/,
    ],
    [
      "a global whose name is on the stack",
      Buffer.concat([op.text("subprocess"), op.text("Popen"), op.stackGlobal]),
      /asks for subprocess\.Popen/,
    ],
    [
      "a dotted name",
      op.global("torch._utils", "_rebuild_tensor_v2.__globals__"),
      /asks for torch\._utils\._rebuild_tensor_v2\.__globals__/,
    ],
    ["JavaScript's own names", op.global("constructor", "constructor"), /asks for constructor\.constructor/],
    ["a prototype's name", op.global("torch", "__proto__Storage"), /asks for torch\.__proto__Storage/],
    ["a whole model", op.global("torch.nn.modules.linear", "Linear"), /asks for torch\.nn\.modules\.linear\.Linear/],
    ["INST", Buffer.from("(iposix\nsystem\n"), /uses the instruction INST,/],
    ["OBJ", Buffer.concat([op.mark, Buffer.from("o")]), /uses the instruction OBJ,/],
    [
      "NEWOBJ",
      Buffer.concat([op.global("collections", "OrderedDict"), op.emptyTuple, Buffer.from([0x81])]),
      /uses the instruction NEWOBJ,/,
    ],
    ["EXT1", Buffer.from([0x82, 1]), /uses the instruction EXT1,/],
    ["PERSID", Buffer.from("Pstorage\n"), /uses the instruction PERSID,/],
    ["an unknown instruction", Buffer.from([0xff]), /an unknown instruction \(255\)/],
    [
      "a call of a storage type",
      Buffer.concat([op.global("torch", "FloatStorage"), op.emptyTuple, op.reduce]),
      /calls something that is no function/,
    ],
    [
      "a call of a text",
      Buffer.concat([op.text("x"), op.emptyTuple, op.reduce]),
      /calls something that is no function/,
    ],
    ["a state set on a tensor", Buffer.concat([tensor, op.emptyDict, op.build]), /a dictionary is expected/],
    [
      "a tensor larger than its storage",
      tensorBytes({ count: 6, shape: [1000000, 1000000], strides: [0, 0] }),
      /does not fit in a storage of 6/,
    ],
    ["a tensor beyond its storage", tensorBytes({ count: 6, shape: [3], strides: [1], offset: 4 }), /does not fit/],
    ["strides beyond the storage", tensorBytes({ count: 6, shape: [2, 2], strides: [5, 1] }), /does not fit/],
    ["a negative offset", tensorBytes({ count: 6, shape: [2], strides: [1], offset: -1 }), /not a list of sizes/],
    [
      "a storage that is not there",
      tensorBytes({ key: "../../etc/passwd", count: 6, shape: [6], strides: [1] }),
      /holds no "archive\/data\/\.\.\/\.\.\/etc\/passwd"/,
    ],
    [
      "a storage of another size",
      tensorBytes({ count: 7, shape: [7], strides: [1] }),
      /storage "0" has 24 bytes instead of 28/,
    ],
    [
      "an unknown storage type",
      tensorBytes({ count: 6, shape: [6], strides: [1], type: "ComplexFloatStorage" }),
      /asks for torch\.ComplexFloatStorage/,
    ],
    ["recalling what was never stored", Buffer.from("h\x05"), /recalls value 5/],
    ["an empty stack", Buffer.from("s"), /its stack is empty/],
    ["a missing mark", op.tuple, /a mark is missing/],
    ["a text longer than the file", Buffer.from("58ffffff7f41", "hex"), /needs 2147483647 bytes/],
  ];
  for (const [name, value, said] of hostile) {
    it(`refuses ${name}`, async () => {
      const { message } = await failure(() =>
        decodePth(zipCheckpoint(dictionaryOf({ t: value }), { 0: six }), "weights.pth"),
      );
      expect(message)
        .to.match(/^weights\.pth /)
        .and.match(said);
    });
  }
  it("refuses hostile legacy files in every one of their pickles", async () => {
    const good = Buffer.from(
      legacyCheckpoint(dictionaryOf({ t: tensorBytes({ count: 6, shape: [6], strides: [1] }, true) }), { 0: six }, 4),
    );
    const evil = Buffer.concat([op.start, op.global("posix", "system"), op.stop]);
    const starts = [...good.keys()].filter(
      (at) => good[at] === 0x80 && good[at + 1] === 2 && (at === 0 || good[at - 1] === 0x2e),
    );
    expect(starts).to.have.length(5);
    for (const start of starts)
      expect((await failure(() => decodePth(Buffer.concat([good.subarray(0, start), evil]), "x"))).message).to.match(
        /asks for posix\.system/,
      );
  });
  it("refuses many transposed views that would multiply the file", async () => {
    const side = 512,
      square = new Uint8Array(4 * side * side);
    const views = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [
        `t${i}`,
        tensorBytes({ count: side * side, shape: [side, side], strides: [1, side] }),
      ]),
    );
    expect((await failure(() => decodePth(zipCheckpoint(dictionaryOf(views), { 0: square }), "x"))).message).to.match(
      /several times the file's size/,
    );
  });
  it("refuses truncated files at any length, and files that are something else", async () => {
    const files = [
      zipCheckpoint(dictionaryOf({ t: tensor }), { 0: six }),
      legacyCheckpoint(
        dictionaryOf({ t: tensorBytes({ count: 6, shape: [2, 3], strides: [3, 1] }, true) }),
        { 0: six },
        4,
      ),
    ];
    for (const bytes of files)
      for (let length = 0; length < bytes.length; length++)
        await failure(() => decodePth(bytes.subarray(0, length), "x"));
    expect((await failure(() => decodePth(Buffer.from("just text"), "x"))).message).to.match(/no PyTorch checkpoint/);
    expect((await failure(() => decodePth(zipSync({ "a.npy": Buffer.from("x") }), "x"))).message).to.match(
      /no data\.pkl.*\.npz/,
    );
    expect((await failure(() => decodePth(zipCheckpoint(op.none), "x"))).message).to.match(/holds no tensors/);
  });
  it("reads what PyTorch writes, bit for bit", () => torchFilesAreRead(keptFiles));
});
