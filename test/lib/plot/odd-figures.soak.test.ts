import { expect } from "chai";
import { drawOdd } from "./support/odd-figures";

describe("400 figures with extreme, missing and senseless values", function () {
  this.timeout(1_200_000);

  it("become a picture or one line, in little memory", async () => {
    await drawOdd(1000, 50);
    const before = process.memoryUsage().rss;
    expect(await drawOdd(2000, 400)).to.be.above(150);
    expect(process.memoryUsage().rss - before, "bytes of memory gained").to.be.below(1e9);
  });
});
