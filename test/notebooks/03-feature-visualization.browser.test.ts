import { expect } from "chai";
import { join } from "node:path";
import { describeInLab, inBrowser } from "./browser-harness";
import { enliven, screenshots } from "./lab";
import type { SheetFacts } from "./sheet-harness";

const facts: SheetFacts = { sheet: "03-feature-visualization", plots: 12, checks: {} };

inBrowser("notebooks: sheet 3 in JupyterLab", (browser) => {
  describeInLab(browser, facts, "open", (opened) => {
    it("typesets the formulas and shows what was found", () => {
      const { seen, cell } = opened();
      expect([...seen.values()].reduce((sum, { formulas }) => sum + formulas, 0)).to.be.above(15);
      expect(cell("check-3").text).to.match(/✓ Five iterations: /);
      expect(cell("dreams").text).to.match(/after 80 iterations: gorilla/);
    });

    it("the film plays, and its slider shows another moment", async () => {
      const { page, placeOf } = opened();
      const live = await enliven(page, placeOf("dreams-film"));
      const shown = (): Promise<string[]> => live.locator("svg.main-svg image").evaluateAll((images) => images.map((image) => image.getAttribute("href") ?? image.getAttribute("xlink:href") ?? ""));
      const last = await shown();
      await live.locator(".updatemenu-button").first().click();
      await page.waitForTimeout(800);
      const playing = await shown();
      await live.screenshot({ path: join(screenshots, "film-playing.png") });
      await page.waitForTimeout(5000);
      const ended = await shown();
      expect(playing, "another moment").to.not.deep.equal(last);
      expect(ended, "ends on the last").to.deep.equal(last);
      const rail = await live.locator(".slider-rail-touch-rect").first().boundingBox();
      if (!rail) throw new Error("The film has no slider.");
      await page.mouse.click(rail.x + 4, rail.y + rail.height / 2);
      await page.waitForTimeout(1500);
      expect(await shown(), "the first").to.not.deep.equal(last);
      await live.screenshot({ path: join(screenshots, "film-start.png") });
    });
  });
});
