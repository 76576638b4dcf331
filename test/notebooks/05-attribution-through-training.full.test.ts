import { expect } from "chai";
import { cellOf, printed } from "./course";
import { describeElsewhere } from "./sheet-harness";
import { substitutesOnly } from "./substitutes";
import { facts, promises } from "./through-training";

describeElsewhere("without the data sets: on stand-in garments and a dahlia", { ...facts, plots: 12 }, substitutesOnly, (run) => {
  promises(run);

  it("says so in one line each, and labels what it shows", () => {
    expect(printed(run(), "setup").match(/^NOTE: Fashion-MNIST is not to be had.*STAND-INS/gm) ?? []).to.have.length(1);
    expect(printed(run(), "flowers-setup").match(/^NOTE: the flower photographs are not to be had.*substitute/gm) ?? []).to.have.length(1);
    expect(JSON.stringify(cellOf(run(), "before-after").outputs)).to.match(/STAND-IN GARMENTS drawn by a generator, not Fashion-MNIST/);
    expect(JSON.stringify(cellOf(run(), "flowers-show").outputs)).to.match(/A SUBSTITUTE, not one of the(<br>| )flower photographs/);
    expect(printed(run(), "colour-training")).to.match(/^Left out here: .*CARD\.md/);
  });
});
