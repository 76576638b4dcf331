import { expect } from "chai";
import { describeInLab, inBrowser } from "./browser-harness";
import { enliven, frame, picture } from "./lab";
import { facts } from "./through-training";

inBrowser("notebooks: sheet 5 in JupyterLab", (browser) => {
  describeInLab(browser, facts, "open", (opened) => {
    it("typesets the formulas and shows what was found", () => {
      const { seen, cell } = opened();
      expect([...seen.values()].reduce((sum, { formulas }) => sum + formulas, 0)).to.be.above(12);
      expect(cell("check-2").text).to.match(/✓ Sum: /);
      expect(cell("film-record").text).to.match(/moments of 300 minibatches/);
    });

    it("the film plays: another moment is seen", async () => {
      const { page, placeOf } = opened();
      const live = await enliven(page, placeOf("film-show"));
      // Its pictures lie in one reel; what moves is the part of it that is seen.
      const shown = (): Promise<string> =>
        live
          .locator("svg.main-svg")
          .first()
          .evaluate((svg) => svg.outerHTML);
      const last = await shown();
      await live.locator(".updatemenu-button").first().click();
      let playing = await shown();
      for (const end = Date.now() + 30_000; playing === last && Date.now() < end; playing = await shown())
        await frame(page);
      expect(playing === last, "another moment").to.equal(false);
      await picture(live, "training-film-playing");
    });
  });
});
