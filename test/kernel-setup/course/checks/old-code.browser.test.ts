import { expect } from "chai";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { missing, output, root } from "../../../notebooks/course";
import { chromiumPath, openNotebook, picture, startBrowser, startLab, type Lab } from "../../../notebooks/lab";

const right = "function myMeanImage(images: tf.Tensor4D) {\n  return tf.mean(images, 0, true);\n}";

/** The warm-up's first task and its check, as they are released, and what is needed for them. */
describe(`checks in JupyterLab: old code${chromiumPath ? "" : " [needs service Chromium]"}`, function () {
  this.timeout(180_000);
  let browser: Browser, lab: Lab, page: Page, folder: string;
  before(async function () {
    if (!chromiumPath || missing()) this.skip();
    mkdirSync(output, { recursive: true });
    folder = mkdtempSync(join(output, "old-code-"));
    const sheet = JSON.parse(readFileSync(join(root, "notebooks/release/00-warm-up/00-warm-up.ipynb"), "utf8")) as {
      cells: { id: string; source: unknown }[];
    };
    const named = (id: string): object => sheet.cells.find((cell) => cell.id === id)!;
    const own = { ...named("task-1"), metadata: {} };
    sheet.cells = [
      {
        ...own,
        id: "set",
        source: 'import { tf } from "vitrine";\nimport { callStudent, CheckFailed } from "vitrine-course";',
      },
      // A sheet's own cells cannot be deleted; this one is to be.
      { ...own, id: "task-1", source: right },
      named("check-1") as { id: string; source: unknown },
    ];
    const notebook = join(folder, "sheet.ipynb");
    writeFileSync(notebook, JSON.stringify(sheet));
    [lab, browser] = await Promise.all([startLab(notebook), startBrowser()]);
    page = await openNotebook(browser, lab);
  });
  after(async () => {
    await page?.close();
    await lab?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const cell = (index: number): Locator => page.locator(`.jp-Cell[data-windowed-list-index="${index}"]`);
  /** Runs a cell; its output, as soon as it is another than before. */
  async function run(index: number): Promise<string> {
    const prompt = cell(index).locator(".jp-InputArea-prompt"),
      before = await prompt.innerText();
    await cell(index).locator(".cm-content").click();
    await page.keyboard.press("Control+Enter");
    for (let now = before; now === before || !/\d/.test(now); now = await prompt.innerText())
      await page.waitForTimeout(50);
    return (await cell(index).locator(".jp-OutputArea-output").allInnerTexts()).join("\n").trim();
  }
  async function write(index: number, text: string): Promise<void> {
    await cell(index).locator(".cm-content").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText(text);
  }
  const passes = /✓ Number: of 201 images all of them count/;

  it("right code passes; then changed, it does not compile: the check says so instead of ✓", async () => {
    await run(0);
    await run(1);
    expect(await run(2)).to.match(passes);
    await write(1, right.replace("tf.mean", "tf.maen"));
    expect(await run(1)).to.match(/maen/);
    const said = await run(2);
    await picture(page, "old-code-refused");
    expect(said).to.match(/✗ Not checked: the cell of `myMeanImage` was changed and does not compile \(In \[4\]\)/);
    expect(said).to.not.match(/✓/);
  });

  it("edited, saved by JupyterLab itself and not run: the check says so; run, it passes", async () => {
    await write(1, right);
    await run(1);
    await write(1, `// again\n${right}`);
    for (let saved = ""; !saved.includes("// again"); saved = readFileSync(lab.file, "utf8"))
      await page.waitForTimeout(200);
    const said = await run(2);
    await picture(page, "old-code-edited");
    expect(said).to.match(/was edited after it had run/);
    await run(1);
    expect(await run(2)).to.match(passes);
  });

  it("a deleted cell, before anything is saved", async () => {
    await cell(1).locator(".jp-InputArea-prompt").click();
    await page.keyboard.press("d");
    await page.keyboard.press("d");
    const said = await run(1);
    await picture(page, "old-code-deleted");
    expect(said).to.match(/the cell of `myMeanImage` is not in the notebook any more/);
    await page.keyboard.press("Escape");
    await page.keyboard.press("z");
    await cell(2).waitFor();
    await run(1);
    expect(await run(2)).to.match(passes);
  });

  it("after a restart of the kernel, the check alone: which cell has to run", async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("0");
    await page.keyboard.press("0");
    await page.locator('.jp-Dialog button:has-text("Restart")').click();
    await page.waitForSelector(".jp-StatusBar-TextItem:text-matches('Vitrine.*Idle')", { timeout: 60_000 });
    // The cell's number must change, or nobody could tell that it ran.
    expect(await run(2)).to.match(/`\w+` is declared in a cell that has not run since the kernel started/);
    await run(0);
    const said = await run(2);
    await picture(page, "old-code-restarted");
    expect(said).to.match(/`myMeanImage` is declared in a cell that has not run since the kernel started/);
  });
});
