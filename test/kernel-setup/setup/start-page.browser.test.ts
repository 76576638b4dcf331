import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect } from "chai";
import { unzipSync } from "fflate";
import type { BrowserContext, Locator, Page } from "playwright-core";
import { inBrowser } from "../../notebooks/browser-harness";
import { cellOf, notebookPath, notebooks, output, readNotebook } from "../../notebooks/course";
import { bring, ended, picture, startServer, type Server } from "../../notebooks/lab";

const name = "00-warm-up";
const solved = readNotebook(notebookPath("source", name));

inBrowser("the start page in JupyterLab", (browser) => {
  let folder: string, server: Server, context: BrowserContext, page: Page;
  const errors: string[] = [];

  before(async () => {
    mkdirSync(output, { recursive: true });
    folder = mkdtempSync(join(output, "start-page-"));
    cpSync(join(notebooks, "release"), folder, { recursive: true });
    const notebook = readNotebook(file());
    cellOf(notebook, "task-1").source = cellOf(solved, "task-1").source;
    cellOf(notebook, "task-2").source = "function myDerivative(): undefined {}";
    writeFileSync(file(), JSON.stringify(notebook));
    server = await startServer(folder);
    context = await browser().newContext({ viewport: { width: 1250, height: 1000 } });
    page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on("pageerror", ({ message }) => errors.push(message));
    const address = new URL(server.address);
    address.pathname = address.pathname.replace(/lab$/, `lab/workspaces/${basename(folder)}`);
    await page.goto(address.href);
    await sheet().waitFor({ timeout: 60_000 });
  });
  after(async () => {
    await context?.close();
    if (server) await ended(server.child);
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const index = (id: string): number => solved.cells.findIndex((cell) => cell.id === id);
  const file = (): string => join(folder, name, `${name}.ipynb`);
  const sheet = (each = name): Locator => page.locator(`.vitrine-sheet[data-sheet="${each}"]`);
  const press = (words: string): Promise<void> => sheet().getByRole("button", { name: words, exact: true }).click();
  const said = (words: string | RegExp): Promise<void> => sheet().getByText(words).first().waitFor({ timeout: 60_000 });
  const tab = (words: string): Promise<void> => page.locator(".lm-TabBar-tab", { hasText: words }).click();
  const menu = (words: string): Locator => page.locator(".lm-MenuBar-itemLabel", { hasText: new RegExp(`^${words}$`) });

  it("is the first that is seen: every sheet in order, and how far each is; nothing of nbgrader's", async () => {
    const titles = await page.locator(".vitrine-sheet h2").allInnerTexts();
    expect(titles.map((title) => title[0])).to.deep.equal(["0", "1", "2", "3", "4", "5"]);
    expect(await sheet().innerText())
      .to.include("10 points")
      .and.include("2 of 3 tasks written · 0 of 3 checks passed · 1 answer missing")
      .and.include("Task 1: written, not checked")
      .and.include("Task 3: not written yet");
    expect(await sheet("01-saliency").innerText()).to.include("not begun");
    expect(await menu("Nbgrader").count()).to.equal(0);
    expect(await menu("Vitrine").count()).to.equal(1);
    await picture(page, "start-page");
    for (const width of [1250, 700]) {
      await page.setViewportSize({ width, height: 1000 });
      const over = await page.locator(".vitrine-start").evaluate((el) => el.scrollWidth - el.clientWidth);
      expect(over, `wider than a window of ${width} pixels`).to.equal(0);
    }
    await page.setViewportSize({ width: 1250, height: 1000 });
  });

  it("Check says below the sheet what the checks say, and what is known is up to date", async () => {
    await press("Check");
    await said("1 of 3 checks pass.");
    await said("Task 1: check passes");
    expect(await sheet().innerText())
      .to.include("Task 2: check fails")
      .and.match(/✗ Task 3 is not implemented yet/)
      .and.include("1 of 3 checks passed")
      .and.match(/\d:\d\d.*: Not every check passes yet:/)
      .and.not.include("has changed since then");
    await picture(page, "start-page-checked");
  });

  it("a sheet opens by a click; what is run and changed there counts once it is saved", async () => {
    await sheet().locator("h2 a").click();
    await page.waitForSelector(".jp-NotebookPanel .jp-Cell");
    await page.waitForSelector(".jp-StatusBar-TextItem:text-matches('Vitrine.*Idle')", { timeout: 60_000 });
    const cell = (id: string): Locator => page.locator(`.jp-Cell[data-windowed-list-index="${index(id)}"]`);
    // It is collapsed.
    await cell("uses").locator(".jp-Placeholder-contentContainer, .jp-Placeholder-content").first().click();
    for (const id of ["uses", "task-1", "check-1"]) {
      const here = await bring(page, index(id));
      await here.locator(".cm-content").click();
      await page.keyboard.press("Control+Enter");
      await here.locator(".jp-InputPrompt", { hasText: /\[\d+\]/ }).waitFor({ timeout: 60_000 });
    }
    await page.keyboard.press("Control+S");
    await tab("Start");
    await said("Task 1: check passes");
    await tab(`${name}.ipynb`);
    await (await bring(page, index("task-1"))).locator(".cm-content").click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("\n// maen");
    await page.keyboard.press("Control+S");
    await page.locator(".lm-TabBar-tab:not(.jp-mod-dirty)", { hasText: `${name}.ipynb` }).waitFor();
    await tab("Start");
    await said("Task 1: changed since its check");
    expect(await sheet().innerText())
      .to.include("0 of 3 checks passed")
      .and.include("Your notebook has changed since then.");
  });

  it("Pack to hand in saves what is open, reminds of what is missing, and makes the archive", async () => {
    await tab(`${name}.ipynb`);
    await (await bring(page, index("task-1"))).locator(".cm-content").click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("\n// not saved by hand");
    await tab("Start");
    await press("Pack to hand in");
    await said("packed, not all done");
    await said(/The cell task-3 is as it was handed out/);
    const entries = unzipSync(readFileSync(join(folder, `${name}-submission.zip`)));
    expect(Buffer.from(entries[`${name}.ipynb`]).toString()).to.include("not saved by hand");
    await picture(page, "start-page-packed");
  });

  it("File → Save and Export offers HTML and PDF, and gives a file", async () => {
    await tab(`${name}.ipynb`);
    await menu("File").click();
    await page.locator(".lm-Menu-itemLabel", { hasText: "Save and Export Notebook As" }).hover();
    const formats = page.locator("#jp-mainmenu-file-notebookexport .lm-Menu-itemLabel");
    await formats.first().waitFor();
    expect(await formats.allInnerTexts()).to.deep.equal(["HTML", "Markdown", "PDF", "Executable Script"]);
    const downloaded = new Promise<string>((resolve, reject) => {
      const listen = (each: Page): unknown => each.on("download", (download) => resolve(download.suggestedFilename()));
      listen(page);
      context.on("page", listen);
      setTimeout(() => reject(new Error("Nothing was downloaded within 60 s.")), 60_000).unref();
    });
    await formats.filter({ hasText: "PDF" }).click();
    expect(await downloaded).to.equal(`${name}.pdf`);
  });

  it("follows the dark theme", async () => {
    const theme = async (name: "Light" | "Dark"): Promise<void> => {
      await menu("Settings").click();
      await page.locator('.lm-Menu-item:has-text("Theme")').first().hover();
      await page.locator(`.lm-Menu-item:has-text("JupyterLab ${name}")`).first().click();
      await page.locator(`body[data-jp-theme-light=${String(name === "Light")}]`).waitFor({ state: "attached" });
    };
    const brightest = async (): Promise<number> => {
      const colour = await page.locator(".vitrine-start").evaluate((el) => getComputedStyle(el).backgroundColor);
      return Math.max(...colour.match(/\d+/g)!.map(Number));
    };
    await tab("Start");
    // It is kept among this checkout's settings: whoever works here finds it as it was.
    const before = (await page.locator("body").getAttribute("data-jp-theme-light")) === "false" ? "Dark" : "Light";
    try {
      await theme("Dark");
      // The theme's own colours come a moment later.
      for (let tries = 0; tries < 100 && (await brightest()) >= 80; tries++) await page.waitForTimeout(50);
      expect(await brightest()).to.be.below(80);
      await picture(page, "start-page-dark");
    } finally {
      await theme(before);
    }
    expect(errors).to.deep.equal([]);
  });
});
