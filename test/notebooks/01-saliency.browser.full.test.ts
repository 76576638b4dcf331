import { expect } from "chai";
import { describeInLab, inBrowser, pointAt } from "./browser-harness";
import { facts } from "./saliency-on-imagenet";

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
