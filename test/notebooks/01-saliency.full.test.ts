import { expect } from "chai";
import { cellOf, printed } from "./course";
import { facts, promises } from "./saliency-on-imagenet";
import { describeElsewhere } from "./sheet-harness";
import { substitutesOnly } from "./substitutes";

describeElsewhere("without ImageNet: on substitutes, which it says by itself", facts, substitutesOnly, (run) => {
  promises(run);

  it("says so, and leaves out the networks that are not here", () => {
    expect(printed(run(), "setup")).to.match(/^NOTE: .*SUBSTITUTES/m);
    expect(JSON.stringify(cellOf(run(), "photos-show").outputs)).to.match(/SUBSTITUTES, not ImageNet/).and.match(/Egyptian cat/);
    expect(printed(run(), "predictions")).to.not.match(/Of all/);
    expect(printed(run(), "models")).to.match(/VGG-16 is left out: [^]*GoogLeNet is left out: [^]*DeiT-tiny is left out: /);
  });
});
