import { keptAnswers } from "../oracles/oracle";
import { photographs, photographTests } from "../oracles/photographs";

describe("pretrained networks", function () {
  this.timeout(180_000);
  photographTests(() => keptAnswers(photographs));
});
