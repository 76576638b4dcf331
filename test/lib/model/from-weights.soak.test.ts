import { ready } from "../../../lib/backend";
import { smallNetworks } from "../../oracles/pretrained";
import { checkLayers } from "./small-networks";

describe("the layers of networks from weights files", function () {
  this.timeout(120_000);
  before(() => ready());
  for (const { network } of smallNetworks) {
    it(`${network}: every one can be read, replaced and differentiated`, () => checkLayers(network, () => true));
  }
});
