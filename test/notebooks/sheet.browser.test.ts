import { expect } from "chai";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { missing, notebookPath, readNotebook } from "./course";
import { chromiumPath, enliven, openNotebook, runAll, screenshots, startBrowser, startLab, tour, type Lab, type SeenCell } from "./lab";

const sheet = "04-fashion-mnist-occlusion";
const title = `notebooks: sheet 4 in JupyterLab${chromiumPath ? "" : " [needs service Chromium]"}`;

describe(title, function () {
  this.timeout(600_000);
  let browser: Browser;
  before(async function () {
    if (!chromiumPath || missing()) this.skip();
    browser = await startBrowser();
  });
  after(async () => browser?.close());

  describe("the solved sheet", () => {
    const order = readNotebook(notebookPath("source", sheet)).cells.map(({ id }) => id);
    let lab: Lab, page: Page, seen: Map<number, SeenCell>;
    const complaints: string[] = [];
    const cell = (id: string): SeenCell => seen.get(order.indexOf(id)) as SeenCell;
    before(async () => {
      lab = await startLab(notebookPath("source", sheet));
      page = await openNotebook(browser, lab);
      page.on("pageerror", (error) => complaints.push(error.message));
      await runAll(page);
      ({ cells: seen } = await tour(page, "sheet-4"));
    });
    after(async () => {
      await page?.close();
      await lab?.stop();
    });

    it("runs all cells without an error output", () => {
      expect(seen.size).to.equal(order.length);
      expect([...seen.values()].flatMap(({ errors, stderr }) => [...errors, ...stderr])).to.deep.equal([]);
      for (const { text } of seen.values()) expect(text).to.not.match(/JavaScript error/i);
    });

    it("typesets the formulas and shows what was found", () => {
      expect([...seen.values()].reduce((sum, { formulas }) => sum + formulas, 0)).to.be.above(20);
      expect(cell("check-2").text).to.match(/✓ Completeness: /);
      expect(cell("attack").text).to.match(/now predicted: \S+ 0\.\d+/);
    });

    it("draws every plot live when it is pointed at", async () => {
      const plots = [...seen].flatMap(([index, { plots }]) => Array.from({ length: plots }, (_, plot) => ({ index, plot })));
      expect(plots).to.have.length(10);
      expect([...seen.values()].reduce((sum, { pictures }) => sum + pictures, 0)).to.equal(0);
      for (const { index, plot } of plots) {
        const live = await enliven(page, index, plot);
        expect(await live.locator("svg.main-svg image, svg.main-svg .barlayer path").count(), `${order[index]}, plot ${plot + 1}`).to.be.above(0);
        expect(await live.locator("svg.main-svg").first().isVisible(), order[index]).to.equal(true);
        await live.screenshot({ path: join(screenshots, `plot-${order[index]}-${plot + 1}.png`) });
      }
      expect(complaints).to.deep.equal([]);
    });

    it("pointing at a pixel shows where it is and its value", async () => {
      expect(await pointAt(page, order.indexOf("garments-show"))).to.match(/\b0\.\d+|\b[01]\b/);
      await page.screenshot({ path: join(screenshots, "hover-pixel.png") });
      expect(await pointAt(page, order.indexOf("gradient-show"))).to.match(/-?\d/);
    });

    it("pointing at a bar shows its class and probability", async () => {
      const live = await enliven(page, order.indexOf("probabilities"));
      const bar = await live.locator(".barlayer .point path").nth(1).boundingBox();
      if (!bar) throw new Error("There is no second bar.");
      await page.mouse.move(bar.x + bar.width / 2, bar.y + bar.height / 2, { steps: 4 });
      const label = live.locator(".hoverlayer .hovertext").first();
      await label.waitFor({ timeout: 10_000 });
      expect(await label.textContent()).to.match(/Trouser.*probability/);
    });
  });

  describe("as a student opens it", () => {
    let lab: Lab, page: Page, seen: Map<number, SeenCell>, paths: string[];
    before(async () => {
      lab = await startLab(notebookPath("release", sheet));
      page = await openNotebook(browser, lab);
      await runAll(page);
      ({ cells: seen, paths } = await tour(page, "sheet-4-student"));
    });
    after(async () => {
      await page?.close();
      await lab?.stop();
    });

    it("stops at the first open task and says so in words, with no trace of our files", () => {
      const errors = [...seen.values()].flatMap((cell) => [...cell.errors, ...cell.stderr]);
      expect(errors).to.have.length(1);
      expect(errors[0]).to.match(/✗ Task 1 is not implemented yet/).and.not.match(/node_modules|dist\//);
      for (const path of paths) expect(statSync(path).size).to.be.above(10_000);
    });

    it("has no solution in it", () => {
      for (const { text } of seen.values()) expect(text).to.not.match(/Model answer|Rubric|tf\.oneHot\(tf\.tensor1d/);
    });
  });
});

/** Points at the middle of a plot's first panel. @returns what the hover label says */
async function pointAt(page: Page, cell: number): Promise<string> {
  const live = await enliven(page, cell);
  const box = await live.locator(".draglayer .xy .nsewdrag").first().boundingBox();
  if (!box) throw new Error(`The plot of cell ${cell} has no panel to point at.`);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 4 });
  await page.mouse.move(box.x + box.width / 2 + 2, box.y + box.height / 2 + 2, { steps: 3 });
  const label = live.locator(".hoverlayer .hovertext").first();
  await label.waitFor({ timeout: 10_000 });
  return (await label.textContent()) ?? "";
}
