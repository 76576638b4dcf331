import { expect } from "chai";
import { describeAsStudent, describeInLab, inBrowser, pointAt } from "./browser-harness";
import { facts } from "./garments-occluded";
import { enliven, picture } from "./lab";

inBrowser("notebooks: sheet 4 in JupyterLab", (browser) => {
  describeInLab(browser, facts, "open", (opened) => {
    it("typesets the formulas and shows what was found", () => {
      const { seen, cell } = opened();
      expect([...seen.values()].reduce((sum, { formulas }) => sum + formulas, 0)).to.be.above(20);
      expect(cell("check-2").text).to.match(/✓ Completeness: /);
      expect(cell("attack").text).to.match(/now predicted: \S+ 0\.\d+/);
    });

    it("pointing at a pixel shows where it is and its value", async () => {
      const { page, placeOf } = opened();
      expect(await pointAt(page, placeOf("garments-show"))).to.match(/\b0\.\d+|\b[01]\b/);
      await picture(page, "hover-pixel");
      expect(await pointAt(page, placeOf("gradient-show"))).to.match(/-?\d/);
    });

    it("pointing at a bar shows its class and probability", async () => {
      const { page, placeOf } = opened();
      const live = await enliven(page, placeOf("probabilities"));
      const bar = await live.locator(".barlayer .point path").nth(1).boundingBox();
      if (!bar) throw new Error("There is no second bar.");
      await page.mouse.move(bar.x + bar.width / 2, bar.y + bar.height / 2, { steps: 4 });
      const label = live.locator(".hoverlayer .hovertext").first();
      await label.waitFor({ timeout: 10_000 });
      expect(await label.textContent()).to.match(/Trouser.*probability/);
    });
  });

  // What is common to all sheets as handed out shows in one.
  describeAsStudent(browser, facts, /tf\.oneHot\(tf\.tensor1d/);
});
