import { leavesHardlyAnything, leavesNothing } from "./cut-off";

describe("backend: TensorFlow.js cut off at random moments, often", function () {
  this.timeout(600_000);

  for (const seed of [1, 2, 3, 4]) {
    it(`leaves no tensor, no data, nothing in the native library; the counts are right (seed ${seed})`, () =>
      leavesNothing(300, seed));
    it(`leaves no tensor behind on wasm either (seed ${seed})`, () => leavesHardlyAnything(100, seed));
  }
});
