import { expect } from "chai";
import { printed } from "./course";
import { describeExecuted } from "./sheet-harness";
import { facts, promises, row } from "./through-training";

describeExecuted(facts, (run) => {
  promises(run);
  const withoutFlowers = (): boolean => /NOTE: the flower photographs/.test(printed(run(), "flowers-setup"));

  it("flower heads rather than sky: after training, not before", function () {
    if (withoutFlowers()) {
      if (this.test) this.test.title += " (skipped: the flower photographs are neither cached, mirrored nor downloadable)";
      return this.skip();
    }
    for (const flower of ["sunflower", "dandelion", "daisy"]) {
      const [area, before, after] = row(printed(run(), "heads"), flower);
      expect(after, flower).to.be.above(before + 10).and.above(2 * area);
    }
    const kept = [...printed(run(), "pot").matchAll(/pot covered: +\S+ \d\.\d+ +logit of \S+ [+−](\d\.\d+)/g)];
    expect(kept).to.have.length(3);
  });

  it("colour helps: on photographs of flowers, and in training", function () {
    if (withoutFlowers()) {
      if (this.test) this.test.title += " (skipped: the flower photographs are neither cached, mirrored nor downloadable)";
      return this.skip();
    }
    const [, inColour, inGrey] = /right about (\d+) %, and about (\d+) % of them without/.exec(printed(run(), "grey-photos")) ?? [];
    expect(Number(inColour)).to.be.at.least(70).and.above(Number(inGrey) + 10);
    const [colour, grey] = ["colour", "grey"].map((name) => row(printed(run(), "colour-training"), `right of 250 held out, ${name}`));
    expect(colour[4]).to.be.above(grey[4]).and.above(40);
  });
});
