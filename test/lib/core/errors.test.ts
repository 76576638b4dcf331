import { expect } from "chai";
import { BadInputError, badInput } from "../../../lib/core/errors";

describe("errors", () => {
  it("says what was wrong, the value seen, what is allowed and the remedy, in one line", () => {
    expect(() =>
      badInput({ what: "stride", got: 0, allowed: "an integer ≥ 1", remedy: "Use the window's size\nfor no overlap." }),
    ).to.throw(BadInputError, /^stride is 0; allowed: an integer ≥ 1\. Use the window's size for no overlap\.$/);
  });
  it("clips long values", () => {
    expect(() => badInput({ what: "target", got: "x".repeat(5000), allowed: "a class name" }))
      .to.throw(BadInputError)
      .with.property("message")
      .with.length.below(200);
  });
});
