import { expect } from "chai";
import { printed } from "./course";
import { facts, needsImagenet, number, promises, rows } from "./saliency-on-imagenet";
import { describeExecuted } from "./sheet-harness";

describeExecuted(facts, (run) => {
  promises(run);

  it("prints the published numbers: right about 13 of 25 photographs, 20 in the first five", function () {
    needsImagenet(this, run);
    expect(printed(run(), "predictions")).to.match(
      /Of all 25 photographs it is right about 13; the right class is among its first five for 20\./,
    );
    const wrong = rows(run, "predictions", `^(.+?) +${number}  WRONG, taken for (.+)$`).map(([name, , taken]) => [
      name,
      taken,
    ]);
    expect(wrong).to.deep.equal([
      ["pajama", "fur coat"],
      ["Cardigan", "basenji"],
      ["modem", "vacuum"],
      ["spatula", "frying pan"],
    ]);
  });

  it("shows the transformer's patches, and SqueezeNet's strides, as a lattice in the maps", function () {
    needsImagenet(this, run);
    const lattice = Object.fromEntries(
      rows(run, "lattice", `^(\\S+) +strongest column of sixteen ${number} times the mean, weakest ${number}$`).map(
        ([name, most, least]) => [name, Number(most) - Number(least)],
      ),
    );
    expect(lattice["DeiT-tiny"])
      .to.be.above(2 * lattice.GoogLeNet)
      .and.above(lattice.SqueezeNet);
  });
});
