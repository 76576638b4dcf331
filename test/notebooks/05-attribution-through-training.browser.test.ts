import { expect } from "chai";
import { join } from "node:path";
import { describeInLab, inBrowser } from "./browser-harness";
import { enliven, screenshots } from "./lab";
import type { SheetFacts } from "./sheet-harness";

const facts: SheetFacts = { sheet: "05-attribution-through-training", plots: 13, checks: {} };

inBrowser("notebooks: sheet 5 in JupyterLab", (browser) => {
  describeInLab(browser, facts, "open", (opened) => {
    it("typesets the formulas and shows what was found", () => {
      const { seen, cell } = opened();
      expect([...seen.values()].reduce((sum, { formulas }) => sum + formulas, 0)).to.be.above(12);
      expect(cell("check-2").text).to.match(/✓ Sum: /);
      expect(cell("film-record").text).to.match(/moments of 300 minibatches/);
    });

    it("the film plays: other maps are seen, and it ends on the last", async () => {
      const { page, placeOf } = opened();
      const live = await enliven(page, placeOf("film-show"));
      const shown = (): Promise<string> => live.locator("svg.main-svg").first().evaluate((svg) => svg.outerHTML);
      const last = await shown();
      await live.locator(".updatemenu-button").first().click();
      await page.waitForTimeout(1500);
      const playing = await shown();
      await live.screenshot({ path: join(screenshots, "training-film-playing.png") });
      expect(playing === last, "another moment").to.equal(false);
    });
  });
});
