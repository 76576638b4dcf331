import { expect } from "chai";
import {
  allowedWords,
  boolean,
  callback,
  checkOptions,
  defaultWords,
  integer,
  number,
  oneOf,
  orElse,
  other,
  pickOptions,
  stepKey,
  text,
  texts,
  without,
  type Schema,
} from "../../../lib/core/options";

interface Given {
  steps?: number;
  rate: number;
  kind?: "plain" | "fancy";
  quiet?: boolean;
  start?: number | Date;
  layer?: string;
  watch?: () => void;
}
const schema = {
  steps: integer({ least: 1, most: 9, default: 5, help: "how many", traced: "input" }),
  rate: number({ above: 0, required: true, help: "how fast" }),
  kind: oneOf<"plain" | "fancy", { default: "plain"; help: string }>(["plain", "fancy"], {
    default: "plain",
    help: "",
  }),
  quiet: boolean({ default: false, help: "without a word" }),
  start: number({ or: orElse<Date>("a date"), rule: "now", help: "from when on" }),
  layer: text({ help: "which one" }),
  watch: other<() => void>("a function", { help: "called now and then", traced: "never" }),
} satisfies Schema<Given>;

describe("checkOptions", () => {
  it("fills defaults in, keeps what is given and leaves out what is not", () => {
    const watch = (): void => undefined,
      start = new Date();
    expect(checkOptions(schema, { rate: 2 })).to.deep.equal({ steps: 5, rate: 2, kind: "plain", quiet: false });
    expect(checkOptions(schema, { rate: 2, steps: undefined, kind: "fancy", start, watch })).to.deep.equal({
      steps: 5,
      rate: 2,
      kind: "fancy",
      quiet: false,
      start,
      watch,
    });
    // What has a default or is required is there for the compiler, too.
    const { steps, rate }: { steps: number; rate: number } = checkOptions(schema, { rate: 1 });
    expect(steps + rate).to.equal(6);
  });

  const wrong: [unknown, RegExp][] = [
    [null, /^options is null; allowed: an object with steps, rate, /],
    [[3], /^options is \[3\]/],
    [{}, /^rate is undefined; allowed: a number above 0\.$/],
    [{ rate: 0 }, /^rate is 0; allowed: a number above 0/],
    [{ rate: Infinity }, /^rate is Infinity/],
    [{ rate: 1, steps: 10 }, /^steps is 10; allowed: an integer from 1 to 9/],
    [{ rate: 1, steps: null }, /^steps is null/],
    [{ rate: 1, steps: "3" }, /^steps is "3"/],
    [{ rate: 1, kind: "fanzy" }, /^kind is "fanzy"; allowed: plain, fancy\. Did you mean fancy\?$/],
    [{ rate: 1, quiet: 1 }, /^quiet is 1; allowed: true or false/],
    [{ rate: 1, stepz: 3 }, /^the name of an option is "stepz"; allowed: steps, .*\. Did you mean steps\?$/],
  ];
  for (const [given, message] of wrong)
    it(`refuses ${JSON.stringify(given)}`, () => {
      expect(() => checkOptions(schema, given)).to.throw(message);
    });

  it("names options of an option by where they are, and says the unit of a number", () => {
    const inner = { width: number({ least: 10, unit: "pixels", default: 20, help: "how wide" }) };
    expect(checkOptions(inner, undefined, "frame")).to.deep.equal({ width: 20 });
    expect(() => checkOptions(inner, { width: 2 }, "frame")).to.throw(
      /^frame\.width is 2; allowed: a number of pixels ≥ 10\.$/,
    );
    expect(() => checkOptions(inner, 5, "frame")).to.throw(/^frame is 5; allowed: an object with width\.$/);
    expect(() => checkOptions(inner, { widt: 5 }, "frame")).to.throw(/^the name of an option of frame is "widt"/);
  });

  it("says both kinds of a value that may be of either, where the declaration knows them", () => {
    const either = {
      times: number({
        above: 0,
        below: 9,
        or: orElse<"auto">('"auto"', (value) => value === "auto"),
        default: "auto",
        help: "",
      }),
      list: texts({ help: "" }),
      called: callback<() => void>({ help: "" }),
      path: text({ words: "a path", help: "" }),
    };
    expect(checkOptions(either, { times: 3, list: ["a"], path: "b" })).to.deep.equal({
      times: 3,
      list: ["a"],
      path: "b",
    });
    expect(checkOptions(either)).to.deep.equal({ times: "auto" });
    for (const [given, message] of [
      [{ times: 9 }, /^times is 9; allowed: a number above 0 and below 9, or "auto"\.$/],
      [{ list: "a" }, /^list is "a"; allowed: a list of texts\.$/],
      [{ list: [1] }, /^list is \[1\]/],
      [{ called: 3 }, /^called is 3; allowed: a function\.$/],
      [{ path: 3 }, /^path is 3; allowed: a path\.$/],
    ] as const)
      expect(() => checkOptions(either, given)).to.throw(message);
  });

  it("takes a declaration less some of its options, and of what is given those that it has", () => {
    expect(Object.keys(without(schema, "rate", "quiet"))).to.deep.equal(["steps", "kind", "start", "layer", "watch"]);
    expect(pickOptions(without(schema, "rate"), { rate: 1, steps: 2, other: 3 })).to.deep.equal({ steps: 2 });
  });

  it("passes over what is no slip: an option of another method", () => {
    expect(checkOptions(schema, { rate: 1, window: 8 })).to.not.have.property("window");
  });

  it("takes an unknown name for which nothing is given", () => {
    expect(checkOptions(schema, { rate: 1, stepz: undefined })).to.include({ steps: 5 });
  });

  it("a declaration that lacks an option, has one too many or of another type does not compile", () => {
    interface Two {
      a?: number;
      b?: "x" | "y";
    }
    const a = number({ help: "" }),
      b = oneOf<"x" | "y", { help: string }>(["x", "y"], { help: "" }),
      half = oneOf<"x", { help: string }>(["x"], { help: "" });
    const right = { a, b } satisfies Schema<Two>;
    const all = [
      right,
      // @ts-expect-error b is missing
      { a } satisfies Schema<Two>,
      // @ts-expect-error c is none of them
      { a, b, c: a } satisfies Schema<Two>,
      // @ts-expect-error a is no boolean
      { a: boolean({ help: "" }), b } satisfies Schema<Two>,
      // @ts-expect-error y is missing
      { a, b: half } satisfies Schema<Two>,
      // @ts-expect-error its default is no number
      number({ help: "", default: "3" }),
    ];
    expect(all).to.have.length(6);
  });
});

describe("options for people", () => {
  it("says what is allowed, and what is taken where nothing is given", () => {
    expect(Object.values(schema).map((option) => [allowedWords(option), defaultWords(option)])).to.deep.equal([
      ["an integer from 1 to 9", "5"],
      ["a number above 0", undefined],
      ["plain, fancy", "plain"],
      ["true or false", "false"],
      ["a number, or a date", "now"],
      ["a name", "none"],
      ["a function", "none"],
    ]);
  });
});

describe("stepKey", () => {
  const key = (given: object, name = "m", closesOver = {}): string | undefined =>
    stepKey(name, schema, checkOptions(schema, { rate: 1, ...given }), closesOver);

  it("differs with each option that is no input, with the name and with what is closed over", () => {
    const keys = [key({}), key({ rate: 2 }), key({ kind: "fancy" }), key({ quiet: true }), key({ layer: "a" })];
    keys.push(key({ start: 3 }), key({}, "n"), key({}, "m", { crops: true }), key({}, "m", { crops: "true" }));
    expect(new Set(keys)).to.have.property("size", keys.length);
  });

  it("is the same for options that are handed in, or do not touch the step", () => {
    expect(key({ steps: 7 })).to.equal(key({}));
    expect(key({ watch: () => undefined })).to.equal(key({}));
  });

  it("is none where the step depends on what no text tells", () => {
    expect(key({ start: new Date() })).to.equal(undefined);
  });
});
