import { ready } from "../../../lib/backend";
import { forEachBackend } from "../../helpers/backends";
import { smallNetworks } from "../../oracles/pretrained";
import { checkLayers, comparedWithPyTorch } from "./small-networks";

describe("networks from weights files, on the other backends", function () {
  this.timeout(60_000);
  forEachBackend(() => comparedWithPyTorch(1), ["wasm", "cpu"]);
});

describe("the layers of networks from weights files", function () {
  this.timeout(60_000);
  before(() => ready());
  for (const { network } of smallNetworks) {
    it(`${network}: the first, the last and each fifth one can be read, replaced and differentiated`, () =>
      checkLayers(network, (index, count) => index % 5 === 0 || index === count - 1));
  }
});
