import { methodsCompiled, oftenTested } from "./methods";

describe("compile: the library's methods on the networks and backends that CI leaves out", function () {
  this.timeout(120_000);
  methodsCompiled((...which) => !oftenTested(...which));
});
