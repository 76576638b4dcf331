import { expect } from "chai";
import { maxAbs } from "../../../lib/core/tensors";
import { bySign, reduceMaps, scaleLimit, signOf } from "../../../lib/plot/map-values";
import type { Picture } from "../../../lib/plot/pictures";

const map = (...values: number[]): Picture => ({ height: 1, width: values.length, channels: 1, values });

describe("how the values of maps become colours", () => {
  it("a scale ends at the largest size of all maps, at 1 if all are 0", () => {
    expect(scaleLimit([map(1, -4), map(3, 2)], {})).to.equal(4);
    expect(scaleLimit([map(0, 0), map(0)], {})).to.equal(1);
    expect(scaleLimit([map(0, 0)], { percentile: 50 })).to.equal(1);
  });

  it("or at the nearest rank of a percentile; where that is 0 at the largest", () => {
    // Sizes 1, 2, 3, 4: the 50th percentile is the second, the 51st the third.
    const maps = [map(-1, 4), map(3, -2)];
    expect([25, 26, 50, 51, 75, 99, 100].map((percentile) => scaleLimit(maps, { percentile }))).to.deep.equal([
      1, 2, 2, 3, 3, 4, 4,
    ]);
    expect(scaleLimit([map(0, 0, 0, 0, 0, 0, 0, 0, 0, -7)], { percentile: 90 })).to.equal(7);
    expect(scaleLimit([map(0, 0, 0, 0, 0, 0, 0, 0, 5, -7)], { percentile: 90 })).to.equal(5);
  });

  it("are signed where one is negative after the channels, or as asked", async () => {
    expect(signOf([[map(0, 1)], [map(2, -1)]], {})).to.equal("signed");
    expect(signOf([[map(0, 1)], [map(2, -0)]], {})).to.equal("magnitude");
    expect(signOf([[map(0, 1)]], { sign: "signed" })).to.equal("signed");
    const colours: Picture = { height: 1, width: 2, channels: 3, values: [1, -3, 1, 2, 2, -1] };
    const [sum, strongest, largest] = await Promise.all(
      ([{}, { channels: "strongest" }, { channels: maxAbs }] as const).map(
        async (how) => (await reduceMaps([colours], how))[0],
      ),
    );
    expect([sum, strongest, largest].map(({ values }) => Array.from(values))).to.deep.equal([
      [-1, 3],
      [-3, 2],
      [3, 2],
    ]);
    expect([sum, strongest, largest].map((each) => signOf([[each]], {}))).to.deep.equal([
      "signed",
      "signed",
      "magnitude",
    ]);
    expect(bySign([sum], "magnitude").map(({ values }) => Array.from(values))).to.deep.equal([[1, 3]]);
  });

  it("of one channel are that channel by a reduction with signs, and its size by another", async () => {
    const one = map(-2, 1);
    expect(Array.from((await reduceMaps([one], {}))[0].values)).to.deep.equal([-2, 1]);
    expect(Array.from((await reduceMaps([one], { channels: maxAbs }))[0].values)).to.deep.equal([2, 1]);
  });
});
