import { foolbox, foolboxTests } from "../../oracles/foolbox";
import { keptAnswers } from "../../oracles/oracle";

describe("Foolbox's answers on the same weights", function () {
  this.timeout(60_000);
  foolboxTests(() => keptAnswers(foolbox));
});
