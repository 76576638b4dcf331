import { expect } from "chai";
import { printed } from "./course";
import { facts, promises } from "./visualized-features";
import { describeElsewhere } from "./sheet-harness";

describeElsewhere("without ImageNet: photographs from PyPI and SqueezeNet alone, which it says by itself", facts, (folder) => ({ VITRINE_MIRROR: "", XDG_CACHE_HOME: folder() }), (run) => {
  promises(run);

  it("says so in a line each", () => {
    expect(printed(run(), "setup")).to.match(/Photographs: Egyptian cat, espresso \(SUBSTITUTES: .*\nNetworks: SqueezeNet \(the weights of others are not to be had on this machine/);
  });
});
