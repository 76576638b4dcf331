import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Locator, Page } from "playwright-core";
import { inBrowser } from "../../notebooks/browser-harness";
import { output } from "../../notebooks/course";
import { openNotebook, picture, runAll, startLab, type Lab } from "../../notebooks/lab";

const sources = [
  'import { explore, figure } from "vitrine";',
  `await explore({ label: "height", min: 0, max: 10, step: 1, value: 2, unit: "cm" }, (value) => {
  if (value === 7) throw new Error("no 7, please");
  return figure({
    data: [{ type: "bar", x: ["bar"], y: [value] }],
    layout: { yaxis: { range: [0, 10] } },
    caption: "A bar of " + value + " cm.",
  });
});`,
];

inBrowser("a slider above a figure in JupyterLab", (browser) => {
  let lab: Lab, page: Page, folder: string;
  before(async () => {
    mkdirSync(output, { recursive: true });
    folder = mkdtempSync(join(output, "explore-"));
    const cells = sources.map((source, i) => ({
      cell_type: "code",
      id: `c${i}`,
      execution_count: null,
      metadata: {},
      outputs: [],
      source,
    }));
    const notebook = join(folder, "explore.ipynb");
    const kernelspec = { name: "vitrine", display_name: "TypeScript (Vitrine)", language: "typescript" };
    writeFileSync(notebook, JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }));
    lab = await startLab(notebook);
    page = await openNotebook(browser(), lab);
    page.setDefaultTimeout(30_000);
    await page.setViewportSize({ width: 1250, height: 1100 });
    await runAll(page);
  });
  after(async () => {
    await page?.close();
    await lab?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const slider = (): Locator => page.getByRole("slider", { name: /^height/ });
  const plot = (caption: string): Locator => page.locator(`.jp-RenderedPlotly[aria-label="${caption}"] svg.main-svg`);
  const shows = (height: number): Promise<void> => plot(`A bar of ${height} cm.`).first().waitFor();

  it("has its name, its value with the unit, and the first figure", async () => {
    await slider().waitFor();
    expect(await slider().getAttribute("aria-valuetext")).to.equal("2 cm");
    await shows(2);
    await picture(page, "explore-first");
  });

  it("draws in place what it is moved to, with the keyboard too", async () => {
    await slider().fill("6");
    await shows(6);
    await slider().press("ArrowLeft");
    await shows(5);
    expect(await slider().getAttribute("aria-valuetext")).to.equal("5 cm");
    expect(await page.locator(".jp-RenderedPlotly").count()).to.equal(1);
    // The bar itself, not only what is said of it: half of the axis.
    const [bar, panel] = await Promise.all(
      [".barlayer path", ".nsewdrag"].map((each) => page.locator(`.jp-RenderedPlotly ${each}`).first().boundingBox()),
    );
    expect(bar!.height / panel!.height).to.be.closeTo(0.5, 0.03);
    await picture(page, "explore-moved");
  });

  it("says in words why there is no figure, and draws the next", async () => {
    await slider().fill("7");
    await page.getByRole("alert").getByText("No figure for height = 7 cm: no 7, please").waitFor();
    await slider().fill("8");
    await shows(8);
    expect(await page.getByRole("alert").count()).to.equal(0);
  });

  it("is saved as the figure drawn last; without its kernel it says what it was", async () => {
    await page.keyboard.press("Control+S");
    const saved = (): string => readFileSync(lab.file, "utf8");
    for (let waited = 0; waited < 20_000 && !saved().includes("A bar of 8 cm."); waited += 200)
      await page.waitForTimeout(200);
    expect(saved()).to.include("A bar of 8 cm.").and.not.include("A bar of 2 cm.");
    await page.locator(".lm-MenuBar-itemLabel", { hasText: /^Kernel$/ }).click();
    await page.locator(".lm-Menu-itemLabel", { hasText: /^Restart Kernel…$/ }).click();
    await page.locator(".jp-Dialog button", { hasText: "Restart" }).click();
    await page.waitForSelector(".jp-StatusBar-TextItem:text-matches('Vitrine.*Idle')", { timeout: 60_000 });
    await page.reload();
    await page.getByText("height: a slider from 0 to 10 cm. It moves while the kernel runs").waitFor();
    expect(await slider().count()).to.equal(0);
    await shows(8);
    await picture(page, "explore-saved");
  });
});
