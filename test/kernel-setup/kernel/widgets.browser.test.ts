import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Locator, Page } from "playwright-core";
import { projectRoot, type Content } from "../../helpers/jupyter-client";
import { missing, output } from "../../notebooks/course";
import { chromiumPath, openNotebook, picture, runAll, startBrowser, startLab, type Lab } from "../../notebooks/lab";

const sources = [
  'const steps = widget.slider({ label: "steps", min: 1, max: 9, step: 1, value: 3 });\nsteps',
  "await steps.redraw((n) => ({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': `<b " +
    "class=\"drawn\">${'█'.repeat(n)} ${n}</b>` }) }));",
  'const kind = widget.dropdown({ label: "kind", options: ["saliency", "occlusion"] });\nkind',
  "await kind.redraw((each) => `the map of ${each}`);",
  'const again = widget.button({ label: "Draw again" });\nagain',
  "await again.redraw((times) => `drawn ${times} times`);",
  `const own = widget({
  state: { count: 1 },
  render({ model, el }) {
    const button = el.ownerDocument.createElement("button");
    const show = () => { button.textContent = "count " + model.get("count"); };
    button.className = "own-widget";
    button.onclick = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
    model.on("change:count", show);
    show();
    el.append(button);
  },
});
own`,
];

describe(`kernel: widgets in JupyterLab${chromiumPath ? "" : " [needs service Chromium]"}`, function () {
  this.timeout(240_000);
  let browser: Browser, lab: Lab, page: Page, folder: string;
  before(async function () {
    if (!chromiumPath || missing()) this.skip();
    mkdirSync(output, { recursive: true });
    folder = mkdtempSync(join(output, "widgets-"));
    const cells = sources.map((source, i) => ({
      cell_type: "code",
      id: `c${i}`,
      execution_count: null,
      metadata: {},
      outputs: [],
      source,
    }));
    const notebook = join(folder, "widgets.ipynb");
    const kernelspec = { name: "vitrine", display_name: "TypeScript (Vitrine)", language: "typescript" };
    writeFileSync(notebook, JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }));
    [lab, browser] = await Promise.all([startLab(notebook), startBrowser()]);
    page = await openNotebook(browser, lab);
    await page.setViewportSize({ width: 1250, height: 1500 });
    await runAll(page);
  });
  after(async () => {
    await page?.close();
    await lab?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const cell = (i: number): Locator => page.locator(`.jp-Cell[data-windowed-list-index="${i}"] .jp-OutputArea`);

  it("a slider, a dropdown and a button each redraw what is linked to them, in place", async () => {
    const slider = cell(0).locator("input[type=range]");
    await slider.waitFor();
    expect(await cell(1).locator(".drawn").innerText()).to.equal("███ 3");
    await picture(page, "widgets-before");
    await slider.fill("7");
    await cell(1).getByText("███████ 7").waitFor();
    await slider.press("ArrowLeft");
    await cell(1).getByText("██████ 6").waitFor();
    await slider.press("ArrowRight");
    await cell(1).getByText("███████ 7").waitFor();
    await cell(2).locator("select").selectOption("occlusion");
    await cell(3).getByText("the map of occlusion").waitFor();
    const button = cell(4).locator("button", { hasText: "Draw again" });
    await button.click();
    await button.click();
    await cell(5).getByText("drawn 2 times").waitFor();
    expect(await cell(1).locator(".drawn").count()).to.equal(1);
    await picture(page, "widgets-after");
  });

  it("a widget of one's own draws itself and shares its state with the kernel", async () => {
    const button = cell(6).locator(".own-widget");
    await button.click();
    await button.getByText("count 2").waitFor();
    await picture(page, "widgets-own");
  });

  it("JupyterLab's Save keeps their state in the notebook, and a page of it shows what was drawn last", async () => {
    await page.locator(".lm-MenuBar-itemLabel", { hasText: "Settings" }).click();
    await page.locator(".lm-Menu-itemLabel", { hasText: "Save Widget State Automatically" }).click();
    await page.locator(".lm-MenuBar-itemLabel", { hasText: "File" }).click();
    await page.locator(".lm-Menu-itemLabel", { hasText: /^Save Notebook$/ }).click();
    let saved: Content = {};
    for (let waited = 0; waited < 20_000 && !saved.metadata?.widgets; waited += 200) {
      await page.waitForTimeout(200);
      saved = JSON.parse(readFileSync(lab.file, "utf8")) as Content;
    }
    const models = Object.values(saved.metadata.widgets["application/vnd.jupyter.widget-state+json"].state as Content);
    const states = (models as { state: Content }[]).map(({ state }) => state);
    const having = (name: string): unknown[] => states.filter((each) => name in each).map((each) => each[name]);
    expect(having("count")).to.deep.equal([2]);
    expect(having("value")).to.deep.include.members([7, "occlusion"]);
    const python = join(projectRoot, ".venv/bin/python");
    const command = ["-m", "nbconvert", "--to", "html", "--output-dir", folder, lab.file];
    const { status, stderr } = spawnSync(python, command);
    expect(status, String(stderr)).to.equal(0);
    const shown = await browser.newPage({ viewport: { width: 1250, height: 1500 } });
    await shown.goto(pathToFileURL(join(folder, "widgets.html")).href, { waitUntil: "domcontentloaded" });
    const text = await shown.locator("body").innerText();
    for (const last of ["███████ 7", "the map of occlusion", "drawn 2 times"]) expect(text).to.contain(last);
    await picture(shown, "widgets-page");
    await shown.close();
  });
});
