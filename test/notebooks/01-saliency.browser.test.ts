import { expect } from "chai";
import { describeInLab, inBrowser, pointAt } from "./browser-harness";
import type { SheetFacts } from "./sheet-harness";

const facts: SheetFacts = { sheet: "01-saliency", plots: 15, checks: {} };

inBrowser("notebooks: sheet 1 in JupyterLab", (browser) => {
  describeInLab(browser, facts, "open", (opened) => {
    it("typesets the formulas and shows what was found", () => {
      const { seen, cell } = opened();
      expect([...seen.values()].reduce((sum, { formulas }) => sum + formulas, 0)).to.be.above(20);
      expect(cell("check-2").text).to.match(/✓ Mean: /);
      expect(cell("boxes-show").text).to.match(/SmoothGrad, fraction 0\.\d +0\.\d/);
    });

    it("pointing at a photograph shows its colours, at a map its value", async () => {
      const { page, placeOf } = opened();
      expect(await pointAt(page, placeOf("photos-show"))).to.match(/RGB \d+, \d+, \d+ of 255/);
      expect(await pointAt(page, placeOf("pairs-show"))).to.match(/said|added up/);
    });
  });
});
