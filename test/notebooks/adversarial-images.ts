import { expect } from "chai";
import { printed, type Notebook } from "./course";
import type { SheetFacts } from "./sheet-harness";

export const facts: SheetFacts = {
  sheet: "02-adversarial",
  plots: 20,
  checks: { "check-1": 4, "check-2": 4, "check-3": 4 },
};

const number = (text: string): number => Number(text);
const rowsOf = (text: string, name: RegExp): number[] => {
  const line = text.split("\n").find((each) => name.test(each)) ?? "";
  return [...line.replace(name, "").matchAll(/(?<![\w.])\d+(?![\w.])/g)].map(([value]) => number(value));
};

/** What holds whatever the photographs are. */
export function promises(run: () => Notebook): void {
  it("every photograph becomes a stingray in some steps, of another class before", () => {
    const found = [
      ...printed(run(), "stingray").matchAll(
        /^(.+): predicted (.+) ([\d.]+) before, (.+) ([\d.]+) after (\d+) steps \(published/gm,
      ),
    ];
    expect(found.length).to.be.above(0);
    for (const [line, , was, , now, , steps] of found) {
      expect(was, line).to.not.equal("stingray");
      expect(now, line).to.equal("stingray");
      expect(number(steps), line).to.be.within(2, 40);
    }
    expect(printed(run(), "any-class")).to.match(/→ tarantula +\d+ steps, L2 distance \d/);
    expect(printed(run(), "any-class")).to.not.include("NOT REACHED");
  });

  it("the sign image is something else to the network, and 0.01 of it changes what the photograph is", () => {
    const rows = [
      ...printed(run(), "panda").matchAll(
        /^(.+?): (.+) ([\d.]+); the sign alone: (.+) ([\d.]+); with 0\.01 of it: (.+) ([\d.]+)$/gm,
      ),
    ];
    expect(rows.length).to.be.within(1, 3);
    for (const [line, , was, , , , sum] of rows) expect(sum, line).to.not.equal(was);
    expect(printed(run(), "panda")).to.match(/The sign images of all \d+ inputs are taken for: \w+/);
  });

  it("gradients fool where noise of the same size does not", () => {
    const table = printed(run(), "curve");
    const [sign, normed, noise] = [/^sign of the gradient/, /^normed gradient, same length/, /^random noise/].map(
      (name) => rowsOf(table, name),
    );
    for (const row of [sign, normed, noise]) expect(row).to.have.length(8);
    const inputs = sign[0];
    expect([normed[0], noise[0]]).to.deep.equal([inputs, inputs]);
    expect(sign[5], "at 0.01").to.be.at.most(inputs / 3);
    expect(normed[5]).to.be.at.most(inputs / 3);
    expect(noise[5]).to.be.above(inputs / 2);
    expect(table).to.match(/published: about a third/);
  });

  it("the untrained network tells the photographs hardly apart", () => {
    expect(printed(run(), "untrained")).to.match(
      /^Untrained, the network predicts (one class|[2-4] classes) for all \d+ inputs/,
    );
  });

  it("DeepFool takes every garment across a boundary", () => {
    const found = [
      ...printed(run(), "fashion-show").matchAll(/([\w/ -]+) → ([\w/ -]+) at an L2 distance of ([\d.]+)/g),
    ];
    expect(found).to.have.length(3);
    for (const [line, before, after, distance] of found) {
      expect(after.trim(), line).to.not.equal(before.trim());
      expect(number(distance), line).to.be.within(0.01, 3);
    }
  });

  it(
    "the trained flower network is fooled by the sign step and not by noise, and the untrained one tells no " +
      "flowers apart",
    () => {
      const table = printed(run(), "flowers-share");
      const [sign, noise] = [/^after 40 epochs, sign step/, /^after 40 epochs, noise/].map((name) =>
        rowsOf(table, name),
      );
      expect([sign.length, noise.length]).to.deep.equal([7, 7]);
      expect(noise[0]).to.equal(sign[0]);
      for (const row of [sign, noise]) for (const count of row) expect(count).to.be.within(0, row[0]);
      const known = number(/gets (\d+) of \d+ right/.exec(table)?.[1] ?? "");
      expect(sign[0], "without an attack").to.equal(known);
      // One photograph stands in for them all where there are no flowers.
      if (known > 20) {
        expect(sign[3], "at 0.01").to.be.below(0.8 * known);
        expect(noise[3]).to.be.above(0.9 * known);
      }
      expect(printed(run(), "growing").match(/^after \d+ epochs/gm)).to.have.length(8);
    },
  );

  it("opposite points of a circle around a garment share a score, and are apart", () => {
    const [, here, there] =
      /the margin is (-?[\d.]+), at the opposite point (-?[\d.]+)\./.exec(printed(run(), "circle")) ?? [];
    expect(number(here)).to.be.closeTo(number(there), 2e-3);
  });

  it("compares five networks by the same columns, and a larger white square covers more", () => {
    const rows = [
      ...printed(run(), "activations").matchAll(/^(ReLU|tanh|sigmoid|ReLU, boundary|ReLU, noise) +(\d.*)$/gm),
    ];
    expect(rows.map(([, name]) => name)).to.deep.equal(["ReLU", "tanh", "sigmoid", "ReLU, boundary", "ReLU, noise"]);
    for (const [line, , values] of rows) {
      const [clean, , , , strongest] = [...values.matchAll(/[\d.]+/g)].map(([value]) => number(value));
      expect(strongest, line).to.be.below(clean);
    }
    const changed = [...printed(run(), "rectangle").matchAll(/photograph: (\d+) of (\d+) photographs/g)].map(
      ([, count, all]) => number(count) / number(all),
    );
    expect(changed).to.have.length(4);
    expect(changed[3]).to.be.at.least(changed[0]);
  });
}
