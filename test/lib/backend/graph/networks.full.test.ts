import { loadModel } from "../../../../lib/model/load-model";
import { forEachBackend } from "../../../helpers/backends";
import { realModel } from "../../../helpers/real-data";
import { comparesCompiled } from "./networks";

describe("compile: the networks", function () {
  this.timeout(120_000);

  forEachBackend(() => {
    for (const batch of [1, 3]) {
      it(`fashion-deep's logit, gradients by each rule and inner gradient, batch ${batch}`, async () =>
        comparesCompiled(await loadModel("models/fashion-deep"), batch));
    }
    it("squeezenet1_1's logit, gradients by each rule and inner gradient, batch 2", async function () {
      comparesCompiled(await realModel(this, "squeezenet1_1"), 2);
    });
    for (const [name, batch] of [
      ["deit_tiny", 1],
      ["googlenet", 2],
    ] as const) {
      it(`${name}'s logit, gradient and inner gradient`, async function () {
        comparesCompiled(await realModel(this, name), batch, ["standard"]);
      });
    }
  }, ["tensorflow"]);
});
