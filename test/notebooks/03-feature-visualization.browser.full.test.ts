import { expect } from "chai";
import { becomes, changed, describeInLab, inBrowser, picturesIn } from "./browser-harness";
import { enliven, picture } from "./lab";
import { facts } from "./visualized-features";

inBrowser("notebooks: sheet 3 in JupyterLab", (browser) => {
  describeInLab(browser, facts, "open", (opened) => {
    it("typesets the formulas and shows what was found", () => {
      const { seen, cell } = opened();
      expect([...seen.values()].reduce((sum, { formulas }) => sum + formulas, 0)).to.be.above(15);
      expect(cell("check-3").text).to.match(/✓ Five iterations: /);
      expect(cell("dreams").text).to.match(/after 100 iterations: gorilla/);
    });

    it("the film plays, and its slider shows another moment", async () => {
      const { page, placeOf } = opened();
      const live = await enliven(page, placeOf("dreams-film"));
      const last = await picturesIn(live);
      await live.locator(".updatemenu-button").first().click();
      // It begins with its first moment, and ends on the last.
      expect(await changed(live, last), "another moment").to.not.deep.equal(last);
      await picture(live, "film-playing");
      await becomes(live, last);
      const rail = await live.locator(".slider-rail-touch-rect").first().boundingBox();
      if (!rail) throw new Error("The film has no slider.");
      await page.mouse.click(rail.x + 4, rail.y + rail.height / 2);
      expect(await changed(live, last), "the first").to.not.deep.equal(last);
      await picture(live, "film-start");
    });
  });
});
