import { leavesHardlyAnything, leavesNothing } from "./cut-off";

describe("backend: TensorFlow.js cut off at random moments", function () {
  this.timeout(120_000);

  it("leaves no tensor, no data and nothing in the native library behind, and the counts are right", () =>
    leavesNothing(65, 1));
  it("leaves no tensor behind on wasm either", () => leavesHardlyAnything(26, 2));
});
