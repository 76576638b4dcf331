import { expect } from "chai";
import { distribution, mapErrors } from "../../bench/exactness/errors";

describe("the measure of exactness", () => {
  it("is, of each map, the farthest value and the 99th percentile, as shares of the exact map's largest value", () => {
    const exact = new Float64Array(400),
      actual = new Float64Array(400);
    exact.fill(1, 0, 200);
    exact[7] = -4;
    exact.fill(100, 200);
    actual.set(exact);
    // Of the first map's 200 values three are off, by 2, 0.5 and 0.1: the 99th percentile leaves two above it.
    actual[3] += 2;
    actual[4] -= 0.5;
    actual[5] += 0.1;
    actual[399] -= 1;
    const [first, second] = mapErrors(actual, exact, 2);
    expect(first.most).to.be.closeTo(0.5, 1e-12);
    expect(first.high).to.be.closeTo(0.025, 1e-12);
    expect([second.most, second.high]).to.deep.equal([0.01, 0]);
    expect(() => mapErrors(actual.subarray(1), exact, 2)).to.throw("399 and 400 values");
  });

  it("says of many photographs what half, 90 % and 99 % do not exceed, and how many exceed a thousandth", () => {
    const values = Array.from({ length: 200 }, (_, i) => (200 - i) / 1e5);
    expect(distribution(values)).to.deep.equal({
      median: 1e-3,
      ninety: 1.8e-3,
      ninetyNine: 1.98e-3,
      most: 2e-3,
      aboveThousandth: 0.5,
    });
    const one = { median: 0.25, ninety: 0.25, ninetyNine: 0.25, most: 0.25, aboveThousandth: 1 };
    expect(distribution([0.25])).to.deep.equal(one);
  });
});
