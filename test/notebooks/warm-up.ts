import { expect } from "chai";
import { printed, type Notebook } from "./course";
import type { SheetFacts } from "./sheet-harness";

export const facts: SheetFacts = {
  sheet: "00-warm-up",
  plots: 4,
  checks: { "check-1": 3, "check-2": 2, "check-3": 2 },
};

/** What holds whatever the garments are. */
export function promises(run: () => Notebook): void {
  it("the central difference is best in the middle, and as good as tf.grad where the garment is", () => {
    const errors = [...printed(run(), "derivative").matchAll(/^h = (\S+) +error (\S+)$/gm)].map(([, , error]) =>
      Number(error),
    );
    expect(errors).to.have.length(13);
    const best = Math.min(...errors);
    expect(best).to.be.below(1e-4);
    expect([errors[0], errors[12]].every((error) => error > 100 * best)).to.equal(true);
    const pixels = [
      ...printed(run(), "compare").matchAll(/pixel (\S+) +tf\.grad +(\S+) +central difference +(\S+)/g),
    ].map((found) => found.slice(1).map(Number));
    expect(pixels).to.have.length(5);
    for (const [value, exact, approximate] of pixels) if (value > 0) expect(approximate).to.be.closeTo(exact, 0.05);
  });

  it("contributions add up for the linear network, and not for the deep one", () => {
    const [linear, deep] = printed(run(), "sums")
      .split("the deep network")
      .map((part) =>
        [...part.matchAll(/add up to +(\S+) +logit − logit of black +(\S+)/g)].map(([, sum, logit]) => [
          Number(sum),
          Number(logit),
        ]),
      );
    expect([linear.length, deep.length]).to.deep.equal([4, 4]);
    for (const [sum, logit] of linear) expect(sum).to.be.closeTo(logit, 0.002);
    expect(deep.filter(([sum, logit]) => Math.abs(sum - logit) > 1).length).to.be.at.least(3);
  });
}
