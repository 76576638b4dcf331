import { forEachBackend } from "../../../helpers/backends";
import { realModel } from "../../../helpers/real-data";
import { comparesCompiled } from "./networks";

describe("compile: the large networks by every rule, several images at once", function () {
  this.timeout(300_000);

  forEachBackend(() => {
    for (const [name, batch] of [
      ["deit_tiny", 2],
      ["googlenet", 3],
    ] as const) {
      it(`${name}'s logit, gradients by each rule and inner gradient, batch ${batch}`, async function () {
        comparesCompiled(await realModel(this, name), batch);
      });
    }
  }, ["tensorflow"]);
});
