import { createHook } from "node:async_hooks";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import {
  decodeAnswer,
  StudentTensor,
  type Answer,
  type StudentRecord,
} from "../../../kernel-setup/grading/judge/answers";
import { expectClose, type Expected } from "../../../kernel-setup/grading/judge/expect";
import { encodeAnswer } from "../../../kernel-setup/grading/sandbox/inside/values";
import { readReply } from "../../../kernel-setup/grading/sandbox/reply";

const floats = (...values: number[]): string => Buffer.from(Float32Array.from(values).buffer).toString("base64");
const tensor = (shape: unknown, data: unknown, dtype: unknown = "float32"): object => ({
  t: "tensor",
  shape,
  dtype,
  data,
});
const record = (...pairs: [string, unknown][]): object => ({ t: "object", v: pairs });

describe("grading: what a student's function returned", () => {
  it("is copied into values of ours", () => {
    expect(decodeAnswer([1, "a", true, null, { t: "number", v: "NaN" }, { t: "undefined" }])).to.deep.equal([
      1,
      "a",
      true,
      null,
      NaN,
      undefined,
    ]);
    const decoded = decodeAnswer(tensor([2], floats(1, 2), "int32")) as StudentTensor;
    expect(decoded).to.be.instanceOf(StudentTensor);
    expect([decoded.shape, [...decoded.data]]).to.deep.equal([[2], [1, 2]]);
    expect(decodeAnswer(tensor([3, 0], ""))).to.be.instanceOf(StudentTensor);
  });

  it("of an object there are only the parts that were given, whatever they are called", () => {
    const got = decodeAnswer(
      record(["__proto__", record(["passed", true])], ["constructor", 1], ["toString", 1], ["valueOf", 1]),
    ) as StudentRecord;
    expect(Object.getPrototypeOf(got)).to.equal(null);
    expect(Object.keys(got)).to.deep.equal(["__proto__", "constructor", "toString", "valueOf"]);
    expect(got.passed).to.equal(undefined);
    expect((decodeAnswer(record()) as StudentRecord).hasOwnProperty).to.equal(undefined);
    expect(`${got as unknown as string} ${[got].join()}`).to.equal("an object an object");
  });

  it("what is far too large, the sandbox does not write (its process would end); it is told in words", async () => {
    const large = tf.zeros([500, 1000]),
      text = "x".repeat(4_000_000);
    const reasonOf = async (answer: unknown): Promise<string> => {
      const sent = await encodeAnswer(tf, answer);
      expect(JSON.stringify(sent).length).to.be.below(40_000_000);
      try {
        decodeAnswer(sent);
      } catch (error) {
        return (error as Error).message;
      }
      return "";
    };
    expect(await reasonOf(new Array(7).fill(large))).to.equal("");
    expect(await reasonOf(new Array(50).fill(large))).to.include("a tensor of too many values");
    expect(await reasonOf(new Array(50).fill(text))).to.include("text");
    expect(await reasonOf([tf.complex([1], [0])])).to.include("there is a tensor of complex numbers in it");
    expect(await reasonOf(tf.tensor(["1", "2"]))).to.include("there is a tensor of texts in it");
    expect(await reasonOf(Array.from({ length: 50 }, () => ({ [text]: 1 })))).to.not.equal("");
    large.dispose();
  });

  it("no promise is made for each number of a list, which takes a GiB; tensors in lists are waited for", async () => {
    let promises = 0;
    const rows = Array.from({ length: 200 }, () => new Array<number>(500).fill(0.5)),
      counting = createHook({ init: (_, kind) => void (kind === "PROMISE" && promises++) }).enable();
    const plain = (await encodeAnswer(tf, rows)) as number[][];
    counting.disable();
    expect(plain).to.deep.equal(rows);
    expect(promises).to.be.below(100);
    const two = tf.scalar(2),
      sent = await encodeAnswer(tf, [1, [two, { a: two, b: NaN }]]);
    expect(sent).to.deep.equal([
      1,
      [tensor([], floats(2)), record(["a", tensor([], floats(2))], ["b", { t: "number", v: "NaN" }])],
    ]);
    two.dispose();
  });

  const wrong: Record<string, unknown> = {
    "too few values for its shape": tensor([2], floats(1)),
    "too many": tensor([1], floats(1, 2)),
    "no values": tensor([1], ""),
    "values that are no text": tensor([1], { length: 4 }),
    "a negative size": tensor([-1], ""),
    "a size that is no number": tensor(["1"], floats(1)),
    "a size beyond all memory": tensor([1e9, 1e9], ""),
    "sizes whose product overflows": tensor(Array(8).fill(2 ** 52), ""),
    "a shape that is an object": tensor({ length: 0 }, ""),
    "a type that is none": tensor([1], floats(1), "string"),
    "a type that is an object": tensor([1], floats(1), { toString: 1 }),
    "a function": { t: "other", v: "a function" },
    "a kind that cannot be printed": { t: "other", v: { toString: 1, valueOf: 1 } },
    "a list of such": { t: "other", v: [{ toString: 1 }] },
    "a number that cannot be printed": { t: "number", v: { toString: 1, valueOf: 1 } },
    "a number that an object has by nature": { t: "number", v: "constructor" },
    "a kind that is an object": { t: { toString: 1 } },
    "no kind": { a: 1 },
    "shape and values without a kind": { shape: [], data: [] },
    "an object without parts": { t: "object", v: 3 },
    "parts without names": { t: "object", v: [[1, 2]] },
    "parts that are objects": { t: "object", v: [{ 0: "a", 1: 1 }] },
    "ten lists in each other": [[[[[[[[[[1]]]]]]]]]],
    "a text without end": "x".repeat(200_000),
    "a name without end": record(["x".repeat(300), 1]),
    "a thousand parts": record(...Array.from({ length: 1001 }, (_, i): [string, number] => [`${i}`, i])),
  };
  for (const [what, sent] of Object.entries(wrong)) {
    it(`is refused in words: ${what}`, () =>
      expect(() => decodeAnswer(sent)).to.throw(/^Your function's result cannot be read: [^\n]{5,100}\.$/));
  }
});

describe("grading: a line from the sandbox", () => {
  const line = (reply: object): string => JSON.stringify({ id: 1, nonce: "n", ...reply });

  it("is a reply, or nothing", () => {
    expect(readReply('{"ready":true}')).to.deep.equal({ ready: true });
    expect(readReply(line({ ok: true, value: [1] }))).to.deep.equal({
      id: 1,
      nonce: "n",
      ok: true,
      value: [1],
      left: [],
    });
    expect(readReply(line({ ok: false, name: "TypeError", message: "a\nb" }))).to.deep.equal({
      id: 1,
      nonce: "n",
      ok: false,
      name: "TypeError",
      message: "a\nb",
    });
    for (const text of [
      "",
      "null",
      "[]",
      "1",
      "{}",
      "{",
      '{"ready":1}',
      line({ ok: 1 }),
      line({ id: "1", ok: true }),
      line({ nonce: {}, ok: true }),
    ])
      expect(readReply(text), text).to.equal(undefined);
  });

  it("an error whose words are no words has none", () => {
    const words = { name: 1, value: 1 };
    for (const forged of [words, [words], 1, null, undefined]) {
      expect(readReply(line({ ok: false, name: forged, message: forged }))).to.deep.equal({
        id: 1,
        nonce: "n",
        ok: false,
        name: "Error",
        message: "",
      });
    }
    expect(readReply(line({ ok: true, left: [words, "a", [words]] }))).to.deep.include({ left: ["", "a", ""] });
    expect(readReply(line({ ok: true, left: { v: 2e9 } }))).to.deep.include({ left: [] });
    expect(readReply(line({ ok: true, left: { length: 2e9 } }))).to.equal(undefined);
  });

  it("with names that nobody writes is not read: a million of them take seconds and most of a GiB", () => {
    const many = Array.from({ length: 50_000 }, (_, i) =>
      Object.fromEntries(Array.from({ length: 20 }, (_, k) => [`k${20 * i + k}`, 1])),
    );
    const lines = [many, { "t:": 1 }, { toString: 1 }].map((value) => line({ ok: true, value })),
      started = performance.now();
    for (const each of lines) expect(readReply(each)).to.equal(undefined);
    expect(
      readReply(
        line({
          ok: true,
          value: {
            t: "object",
            v: [
              ["a:b", 'c":d'],
              ["{", 1],
            ],
          },
        }),
      ),
    ).to.have.property("ok", true);
    expect(performance.now() - started).to.be.below(1000);
  });

  it("that would take far more memory than its length is not read", () => {
    const before = process.memoryUsage().heapUsed;
    expect(readReply(line({ ok: true, value: "" }).replace('""', `[${"[],".repeat(5e6)}[]]`))).to.equal(undefined);
    expect(readReply(`${"[".repeat(1e6)}${"]".repeat(1e6)}`)).to.equal(undefined);
    expect(process.memoryUsage().heapUsed - before).to.be.below(100 * 2 ** 20);
    // What only looks so is read: in a text, brackets are text.
    expect(readReply(line({ ok: true, value: '[["\\"'.repeat(3e5) }))).to.deep.include({ ok: true });
    expect(readReply(line({ ok: true, value: Array(2e6).fill(1) }))).to.deep.include({ ok: true });
  });
});

describe("grading: expectClose", () => {
  const wordsOf = (got: Answer, wanted: Expected, tolerance?: number): string => {
    try {
      expectClose(got, wanted, { tolerance, says: "the map differs" });
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  const of = (shape: number[], ...values: number[]): StudentTensor =>
    new StudentTensor(shape, "float32", Float32Array.from(values));

  it("takes a tensor or lists of numbers for what has their shape", () => {
    const right: [Answer, Expected][] = [
      [
        [1, 2.001],
        [1, 2],
      ],
      [of([2], 1, 2), Float32Array.of(1, 2)],
      [
        [of([2], 1, 2), of([2], 3, 4)],
        [
          [1, 2],
          [3, 4],
        ],
      ],
      [[[1, 2]], { shape: [1, 2], data: [1, 2] }],
      [1, 1],
      [of([], 1), 1],
    ];
    for (const [got, wanted] of right) expect(wordsOf(got, wanted)).to.equal("");
  });

  it("says what differs", () => {
    expect(wordsOf([1, 2], [[1, 2]])).to.match(/shape is \[2\], but \[1, 2\]/);
    expect(wordsOf([-1, -2], [1, 2])).to.match(/opposite sign/);
    expect(wordsOf([3, 6], [1, 2])).to.match(/3 times what it should be/);
    // No factor that reads as if nothing were wrong.
    expect(wordsOf([1.004, 2.008], [1, 2])).to.match(/by up to 0\.4 % of the largest value\.$/);
    expect(wordsOf([1, NaN], [1, 2])).to.match(/not numbers/);
    expect(wordsOf(undefined, [1])).to.match(/returned nothing/);
    expect(wordsOf("1", 1)).to.match(/a string, but a number/);
  });

  // Each was taken for right once, or could be: there is nothing in it that could be wrong.
  const empty = decodeAnswer(record(["shape", []], ["data", []]));
  const nothings: [string, Answer][] = [
    ["no values with the shape of a number", empty],
    ["no values with the right shape", decodeAnswer(record(["shape", [2]], ["data", []]))],
    ["a length and no values", decodeAnswer(record(["shape", []], ["data", record(["length", 2e8])]))],
    ["an empty list", []],
    ["empty lists", [[], []]],
    ["a tensor of no values", of([0])],
    ["a list with a hole", [1, undefined]],
    ["a list of different kinds", [1, "2"]],
    ["true", true],
    ["the text of the number", "1"],
  ];
  for (const [what, got] of nothings) {
    it(`gives no points for ${what}`, () => {
      for (const wanted of [1, 0, [1, 2], [0, 0], { shape: [2, 2], data: [0, 0, 0, 0] }])
        expect(wordsOf(got, wanted), JSON.stringify(wanted)).to.match(/^The map differs: /);
    });
  }

  it("blames the hidden test where nothing could be compared with what it expects", () => {
    const impossible: [Expected, RegExp][] = [
      [[], /no expected values/],
      [{ shape: [0], data: [] }, /no expected values/],
      [{ shape: [2], data: [1] }, /1 expected values do not fit the shape \[2\]/],
      [NaN, /NaN or infinite/],
      [[1, Infinity], /NaN or infinite/],
      [[[1], [1, 2]] as Expected, /neither a number/],
      ["1" as never, /neither a number/],
    ];
    for (const [wanted, words] of impossible) expect(wordsOf([1], wanted)).to.match(words);
  });

  it("says both of a single number, and nothing of every value", () => {
    expect(wordsOf(0.653, 1)).to.equal("The map differs: your function gives 0.653, but 1 is right.");
    expect(wordsOf([2], [0.5])).to.equal("The map differs: your function gives 2, but 0.5 is right.");
    expect(wordsOf(-0.25, 0.25)).to.equal(
      "The map differs: your function gives -0.25, but 0.25 is right. Only the sign is wrong.",
    );
    expect(wordsOf(1e-3, 0, 1e-6)).to.equal("The map differs: your function gives 0.001, but 0 is right.");
    expect(wordsOf(0.33333, 1 / 3, 1e-6)).to.equal(
      "The map differs: your function gives 0.33333, but 0.3333333 is right.",
    );
    expect([wordsOf(1.0005, 1), wordsOf(-1e-7, 0, 1e-6)]).to.deep.equal(["", ""]);
  });
});
