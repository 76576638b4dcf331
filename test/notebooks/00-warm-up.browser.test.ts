import { expect } from "chai";
import { describeInLab, inBrowser } from "./browser-harness";
import { facts } from "./warm-up";

// The quickest sheet: what running one in JupyterLab does, beyond opening what was run elsewhere, is common to all.
inBrowser("notebooks: sheet 0 in JupyterLab", (browser) => {
  describeInLab(browser, facts, "run", (opened) => {
    it("typesets the formulas and shows what was found", () => {
      const { seen, cell } = opened();
      expect([...seen.values()].reduce((sum, { formulas }) => sum + formulas, 0)).to.be.above(0);
      for (const check of ["check-1", "check-2", "check-3"]) expect(cell(check).text).to.match(/✓ /);
    });
  });
});
