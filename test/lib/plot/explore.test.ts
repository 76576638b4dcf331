import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { explore, figure, type ExploreOptions, type Figure } from "../../../lib";

const bar = (value: number): Figure =>
  figure({ data: [{ type: "bar", x: ["n"], y: [value] }], caption: `A bar of ${value}.` });

describe("explore outside of notebooks", () => {
  const said: string[] = [],
    { log } = console;
  beforeEach(() => {
    said.length = 0;
    console.log = (...words: unknown[]) => said.push(words.join(" "));
  });
  afterEach(() => {
    console.log = log;
  });

  it("shows the first figure, once, and leaves no tensor but those that are kept", async () => {
    const before = tf.memory().numTensors,
      drawn: number[] = [];
    let kept: tf.Tensor | undefined;
    await explore({ label: "n", min: 0, max: 10, value: 3 }, async (value) => {
      drawn.push(value);
      tf.ones([2]);
      kept = tf.keep(tf.ones([3]));
      await tf.zeros([1]).data();
      return bar(value);
    });
    expect(drawn).to.deep.equal([3]);
    expect(said).to.deep.equal(["A bar of 3."]);
    expect(tf.memory().numTensors - before).to.equal(1);
    expect(kept!.isDisposed).to.equal(false);
    kept!.dispose();
  });

  it("begins at min where no value is given", async () => {
    await explore({ label: "n", min: 2, max: 10 }, bar);
    expect(said).to.deep.equal(["A bar of 2."]);
  });

  it("passes on what the first draw throws, with no tensor left", async () => {
    const before = tf.memory().numTensors;
    const failing = explore({ label: "n", min: 0, max: 1 }, () => {
      tf.ones([2]);
      throw new Error("not today");
    });
    expect(await refusal(failing)).to.equal("not today");
    expect(tf.memory().numTensors).to.equal(before);
  });

  const wrong: [string, ExploreOptions, unknown, RegExp][] = [
    ["a range that ends before it begins", { label: "n", min: 2, max: 1 }, bar, /max.*1.*above min, which is 2/],
    ["a value outside", { label: "n", min: 0, max: 1, value: 2 }, bar, /value.*2.*from 0 to 1/],
    ["a step of 0", { label: "n", min: 0, max: 1, step: 0 }, bar, /step.*0.*above 0/],
    ["no label", { min: 0, max: 1 } as never, bar, /label/],
    ["no function", { label: "n", min: 0, max: 1 }, bar(1), /draw.*a function from a number to a figure/],
    ["a function that makes no figure", { label: "n", min: 0, max: 1 }, () => 3, /figure.*3/],
  ];
  for (const [what, options, draw, words] of wrong)
    it(`refuses ${what} in one line`, async () => {
      const said = await refusal(explore(options, draw as never));
      expect(said).to.match(words).and.not.include("\n");
    });

  const refusal = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => "nothing was refused",
      (error: Error) => error.message,
    );
});
