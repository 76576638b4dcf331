import { expect } from "chai";
import { errorsOf, execute, missing, notebookPath, sheets } from "../course";
import { onOtherData, proseFaults, proseOf } from "./numbers";
import { ways } from "./ways";

for (const sheet of sheets()) {
  const prose = proseOf(sheet);
  if (!prose) continue;
  describe(`notebooks: the numbers in the prose of ${sheet}`, function () {
    this.timeout(900_000);
    for (const [way, env] of Object.entries(ways)) {
      it(`hold as ${way} computes them`, function () {
        if (missing()) this.skip();
        const run = execute(notebookPath("source", sheet), `${sheet}-${way}`, { env });
        if (onOtherData(run)) this.skip();
        expect(errorsOf(run)).to.deep.equal([]);
        expect(proseFaults(run, prose)).to.deep.equal([]);
      });
    }
  });
}
