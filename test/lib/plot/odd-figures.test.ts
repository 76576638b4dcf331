import { expect } from "chai";
import { drawOdd } from "./support/odd-figures";

describe("figures with extreme, missing and senseless values", function () {
  this.timeout(60_000);

  it("become a picture or one line, a dozen of them", async () => {
    expect(await drawOdd(1, 12)).to.be.above(3);
  });
});
