import { expect } from "chai";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { missing, output } from "../../notebooks/course";
import { chromiumPath, frame, openNotebook, picture, startBrowser, startLab, type Lab } from "../../notebooks/lab";

const sources = {
  types: "const width: number = 3;\nconst title: string = width * 2;",
  runtime: 'function area(side: any): number {\n  return side.length.value;\n}\narea("square") + area(5);',
  progress:
    'import { progress } from "vitrine";\nfor (const step of progress(Array(24).keys(), { label: "training", ' +
    "total: 24 })) await new Promise((resolve) => setTimeout(resolve, 50));",
  completion: 'const garments = ["Trouser", "Pullover"];\ngarments.toS',
};

/** What a student meets every day, seen as in JupyterLab. */
describe(`kernel: in JupyterLab${chromiumPath ? "" : " [needs service Chromium]"}`, function () {
  this.timeout(180_000);
  let browser: Browser, lab: Lab, page: Page, folder: string;
  before(async function () {
    if (!chromiumPath || missing()) this.skip();
    mkdirSync(output, { recursive: true });
    folder = mkdtempSync(join(output, "kernel-"));
    const cells = Object.entries(sources).map(([id, source]) => ({
      cell_type: "code",
      id,
      execution_count: null,
      metadata: {},
      outputs: [],
      source,
    }));
    const notebook = join(folder, "kernel.ipynb");
    writeFileSync(
      notebook,
      JSON.stringify({
        cells,
        metadata: { kernelspec: { name: "vitrine", display_name: "TypeScript (Vitrine)", language: "typescript" } },
        nbformat: 4,
        nbformat_minor: 5,
      }),
    );
    [lab, browser] = await Promise.all([startLab(notebook), startBrowser()]);
    page = await openNotebook(browser, lab);
  });
  after(async () => {
    await page?.close();
    await lab?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const cell = (id: keyof typeof sources): Locator =>
    page.locator(`.jp-Cell[data-windowed-list-index="${Object.keys(sources).indexOf(id)}"]`);
  const shoot = (name: string): Promise<void> => picture(page, `kernel-${name}`);
  async function run(id: keyof typeof sources): Promise<Locator> {
    await cell(id).locator(".cm-content").click();
    await page.keyboard.press("Control+Enter");
    return cell(id).locator(".jp-OutputArea-output");
  }
  /** Where a text stands in an output: its line, and the column of the first character. */
  function columnIn(text: string, line: RegExp, what: RegExp): number {
    const found = text.split("\n").find((each) => line.test(each));
    if (found === undefined) throw new Error(`no line like ${String(line)} in:\n${text}`);
    return found.search(what);
  }

  it("a type error names the line, shows it and underlines the place", async () => {
    const error = (await run("types")).first();
    await error.waitFor();
    await shoot("type-error");
    const text = await error.innerText();
    expect(text).to.match(/line 2: Type 'number' is not assignable to type 'string'/);
    expect(columnIn(text, /^\s*\^+\s*$|\|\s+\^+/, /\^/)).to.equal(columnIn(text, /> 2 \|/, /title/));
    expect(text).to.not.match(/node_modules|dist\//);
    expect(await error.locator("span[class*='ansi-red']").allInnerTexts()).to.include("^^^^^");
  });

  it("a runtime error shows the student's frames only, in colour", async () => {
    const error = (await run("runtime")).first();
    await error.waitFor();
    await shoot("runtime-error");
    const text = await error.innerText();
    expect(text).to.match(/TypeError: Cannot read properties of undefined \(reading 'value'\)/);
    const frames = text.split("\n").filter((line) => /^\s+at /.test(line));
    expect(frames[0]).to.match(/area .*In \[\d+\]:2:/);
    expect(frames).to.have.length.within(2, 3);
    for (const frame of frames) expect(frame).to.match(/In \[\d+\]:\d+/);
    expect(columnIn(text, /\|\s+\^/, /\^/)).to.be.above(0);
    expect(await error.locator("span[class*='ansi']").count()).to.be.above(0);
  });

  it("a progress bar moves in one place", async () => {
    const outputs = await run("progress");
    const bar = outputs.first();
    await bar
      .getByText(/training/)
      .first()
      .waitFor();
    await shoot("progress");
    const seen = new Set<string>();
    for (let now = ""; !/24 of 24/.test(now);) {
      now = (await bar.innerText()).trim();
      seen.add(now);
      expect(await outputs.count()).to.equal(1);
    }
    expect(seen.size).to.be.above(2);
    await shoot("progress-done");
    expect(await outputs.count()).to.equal(1);
  });

  it("Tab completes what is at the cursor, and only that", async () => {
    const editor = cell("completion").locator(".cm-content");
    await editor.click();
    await page.keyboard.press("Control+End");
    await page.keyboard.press("Tab");
    const list = page.locator(".jp-Completer");
    const entry = list.getByText("toString", { exact: true }).first();
    await entry.waitFor();
    await shoot("completion");
    expect(await list.innerText())
      .to.match(/toSorted|toSpliced|toString/)
      .and.not.match(/forEach|garments/);
    await entry.click();
    await expectText(editor, /garments\.toString\s*$/);
  });

  async function expectText(editor: Locator, wanted: RegExp): Promise<void> {
    for (const end = Date.now() + 5000; Date.now() < end && !wanted.test(await editor.innerText());) await frame(page);
    expect(await editor.innerText()).to.match(wanted);
  }
});
