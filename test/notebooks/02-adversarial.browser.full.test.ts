import { expect } from "chai";
import { describeInLab, inBrowser, pointAt } from "./browser-harness";
import { facts } from "./adversarial-images";

inBrowser("notebooks: sheet 2 in JupyterLab", (browser) => {
  describeInLab(browser, facts, "open", (opened) => {
    it("typesets the formulas and shows what was found", () => {
      const { seen, cell } = opened();
      expect([...seen.values()].reduce((sum, { formulas }) => sum + formulas, 0)).to.be.above(20);
      expect(cell("check-1").text).to.match(/✓ Target: /);
      expect(cell("stingray").text).to.match(/stingray 0\.\d+ after \d+ steps/);
    });

    it("pointing at a photograph shows its colours", async () => {
      const { page, placeOf } = opened();
      expect(await pointAt(page, placeOf("stingray-show"))).to.match(/RGB \d+, \d+, \d+ of 255/);
    });
  });
});
