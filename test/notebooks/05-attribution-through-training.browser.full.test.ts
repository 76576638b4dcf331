import { expect } from "chai";
import { becomes, changed, describeInLab, inBrowser, picturesIn } from "./browser-harness";
import { enliven, picture } from "./lab";
import { facts } from "./through-training";

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
      const last = await picturesIn(live);
      await live.locator(".updatemenu-button").first().click();
      expect(await changed(live, last), "another moment").to.not.deep.equal(last);
      await picture(live, "training-film-playing");
      await becomes(live, last);
    });
  });
});
