import { expect } from "chai";
import { fuzz } from "./helpers";
import { fuzzTargets } from "./fuzz-targets";

describe("damaged files are read or refused, never worse", () => {
  for (const [format, { good, read }] of Object.entries(fuzzTargets)) {
    it(format, async function () {
      this.timeout(60000);
      await read(good);
      const { refused } = await fuzz(good, 300, read);
      expect(refused).to.be.greaterThan(50);
    });
  }
});
