import { captum, captumTests } from "../../oracles/captum";
import { keptAnswers } from "../../oracles/oracle";

describe("Captum's answers on the same weights", function () {
  this.timeout(60_000);
  captumTests(() => keptAnswers(captum));
});
