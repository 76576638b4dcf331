import { backAsChosen, onWebgpu } from "../../helpers/webgpu";
import { cases } from "./gradient-cases";
import { comparesOnWebgpu } from "./webgpu-gradient";

describe("gradients on webgpu against central differences of the chosen backend", function () {
  this.timeout(60_000);
  before("backend webgpu", async function () {
    await onWebgpu(this);
  });
  after("backend as chosen", backAsChosen);
  for (const each of cases) it(each[0], () => comparesOnWebgpu(each));
});
