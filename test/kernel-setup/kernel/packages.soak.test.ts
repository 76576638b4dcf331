import { editPackages } from "./packages";

describe("kernel: packages that change under it", function () {
  this.timeout(1_800_000);

  for (const seed of [1, 2])
    it(`500 edits at random leave every later cell right (seed ${seed})`, () => editPackages(500, seed));
});
