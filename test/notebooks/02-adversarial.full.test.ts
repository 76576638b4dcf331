import { expect } from "chai";
import { printed } from "./course";
import { facts, promises } from "./adversarial-images";
import { describeElsewhere } from "./sheet-harness";
import { substitutesOnly } from "./substitutes";

describeElsewhere("without ImageNet's photographs: on others, and on stand-in garments", facts, substitutesOnly, (run) => {
  promises(run);

  it("says in one line each what is missing", () => {
    expect(printed(run(), "setup").match(/NOTE: ImageNet's photographs are not to be had[^\n]*/g) ?? []).to.have.length(1);
    expect(printed(run(), "transfer").match(/NOTE: the weights of \w+ are not to be had/g) ?? []).to.have.length(2);
  });
});
