import { expect } from "chai";
import { readTarget } from "../../../lib/cli/files";

describe("--target", () => {
  const names = ["T-shirt/top", "Ankle boot", "tench, Tinca tinca", "7"];
  for (const [text, expected] of [
    ["2", 2],
    ["Ankle boot", "Ankle boot"],
    ["2, 0,1", [2, 0, 1]],
    ["Ankle boot,3", ["Ankle boot", 3]],
    ["tench, Tinca tinca", "tench, Tinca tinca"],
    ["7", "7"],
    ["-1", -1],
    ["1.5", 1.5],
    ["nothing", "nothing"],
    ["1,", [1, ""]],
  ] as const) {
    it(`reads "${text}"`, () => expect(readTarget(text, names)).to.deep.equal(expected));
  }
});
