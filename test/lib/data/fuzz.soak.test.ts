import { expect } from "chai";
import { fuzz } from "./helpers";
import { fuzzTargets } from "./fuzz-targets";

describe("20,000 damaged files of each format are read or refused, never worse", function () {
  this.timeout(600_000);

  for (const [format, { good, read }] of Object.entries(fuzzTargets)) {
    it(format, async () => {
      const before = process.memoryUsage().rss;
      for (let seed = 1; seed <= 10; seed++) await fuzz(good, 2000, read, seed);
      expect(process.memoryUsage().rss - before, "bytes of memory gained").to.be.below(1e9);
    });
  }
});
