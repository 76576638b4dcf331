import { expect } from "chai";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { missing, output } from "../../notebooks/course";
import { chromiumPath, openNotebook, picture, startBrowser, startLab, type Lab } from "../../notebooks/lab";

const sources = [
  `import * as tf from "@tensorflow/tfjs";
const images: tf.Tensor4D = tf.ones([8, 28, 28, 1]);
const labels = ["Trouser", "Pullover"];`,
  `function normalized(pixels: tf.Tensor, scale: number): tf.Tensor {
  const lowest = pixels.min();
  const shifted = pixels.sub(lowest);
  return shifted.add(scale);
}
interface Seen { label: string; mean: number }
const seen: Seen[] = [];
for (const [index, label] of labels.entries()) {
  const result = normalized(images, index + 1);
  const [mean] = await result.mean().data();
  seen.push({ label, mean });
}
seen`,
];

/** The debugger as a student has it: the bug in the toolbar, a click beside a line, the panel on the right. */
describe(`kernel: JupyterLab's debugger${chromiumPath ? "" : " [needs service Chromium]"}`, function () {
  this.timeout(180_000);
  let lab: Lab, page: Page, folder: string;
  before(async function () {
    if (!chromiumPath || missing()) this.skip();
    mkdirSync(output, { recursive: true });
    folder = mkdtempSync(join(output, "kernel-"));
    const notebook = join(folder, "debugged.ipynb");
    const cells = sources.map((source, i) => {
      return { cell_type: "code", id: `cell-${i}`, execution_count: null, metadata: {}, outputs: [], source };
    });
    const kernelspec = { name: "vitrine", display_name: "TypeScript (Vitrine)", language: "typescript" };
    writeFileSync(notebook, JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }));
    const [started, browser] = await Promise.all([startLab(notebook), startBrowser()]);
    lab = started;
    page = await openNotebook(browser, lab);
    await page.setViewportSize({ width: 1440, height: 900 });
  });
  after(async () => {
    await page?.close();
    await lab?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const cell = (index: number): Locator => page.locator(`.jp-Cell[data-windowed-list-index="${index}"]`);
  async function run(index: number): Promise<void> {
    await cell(index).locator(".cm-content").click();
    await page.keyboard.press("Control+Enter");
  }
  const variable = (name: string): Locator =>
    page.locator(".jp-DebuggerVariables .jp-TreeItem", { has: page.getByText(name, { exact: true }) }).first();
  const frames = (): Locator => page.locator(".jp-DebuggerCallstackFrame");
  const marked = (): Locator => page.locator(".jp-DebuggerEditor-highlight");

  it("stops where a breakpoint was set in the gutter, shows frames and tensors, steps over an await", async () => {
    await run(0);
    await cell(0).locator('.jp-InputArea-prompt:has-text("[1]")').waitFor();
    await page.locator(".jp-DebuggerBugButton").first().click();
    // Without a stop the panel has what the cells declared.
    await variable("images").getByText("Tensor float32 [8, 28, 28, 1]").waitFor();
    await variable("labels").getByText("[ 'Trouser', 'Pullover' ]").waitFor();
    await cell(1).locator('.cm-lineNumbers .cm-gutterElement:text-is("4")').waitFor();
    const line = await cell(1).locator('.cm-lineNumbers .cm-gutterElement:text-is("4")').boundingBox();
    const gutter = await cell(1).locator(".cm-breakpoint-gutter").first().boundingBox();
    await page.mouse.click(gutter!.x + gutter!.width / 2, line!.y + line!.height / 2);
    await page.locator('.jp-DebuggerBreakpoint:has-text("4")').waitFor();

    await run(1);
    await page.locator(".jp-DebuggerPausedOverlay").waitFor();
    await variable("shifted").getByText("Tensor float32 [8, 28, 28, 1]").waitFor();
    await variable("scale").getByText("1", { exact: true }).waitFor();
    expect(await marked().innerText()).to.equal("  return shifted.add(scale);");
    expect(await frames().allInnerTexts()).to.have.length(2);
    expect(await frames().nth(0).innerText()).to.match(/^normalized\s+Cell \[\*\]:4$/);
    expect(await frames().nth(1).innerText()).to.match(/^In \[2\]\s+Cell \[\*\]:9$/);
    await picture(page, "debugger-stopped");

    await frames().nth(1).click();
    await variable("label").getByText("'Trouser'").waitFor();
    expect(await marked().innerText()).to.equal("  const result = normalized(images, index + 1);");

    await page.keyboard.press("F10");
    await page.locator(".jp-DebuggerEditor-highlight:has-text('await result')").waitFor();
    await variable("result").hover();
    await variable("result").locator(".jp-DebuggerVariables-renderVariable").click();
    const rendered = page.locator(".jp-VariableRendererPanel-renderer");
    await rendered.getByText(/^Tensor float32 \[8, 28, 28, 1\]\n\[\[\[\[1\],\n/).waitFor();
    await picture(page, "debugger-rendered");

    await page.keyboard.press("F10");
    await page.locator(".jp-DebuggerEditor-highlight:has-text('seen.push')").waitFor();
    await variable("mean").getByText("1", { exact: true }).waitFor();
  });

  it("goes on to the next call and to the end, and lets the cell be interrupted where it stands", async () => {
    await page.keyboard.press("F9");
    await variable("scale").getByText("2", { exact: true }).waitFor();
    await page.keyboard.press("F9");
    await cell(1).locator('.jp-InputArea-prompt:has-text("[2]")').waitFor();
    const shown = cell(1).locator(".jp-OutputArea-output").last();
    expect(await shown.innerText()).to.match(/label: 'Trouser', mean: 1 .*label: 'Pullover', mean: 2/s);
    await page.locator(".jp-DebuggerPausedOverlay").waitFor({ state: "detached" });

    await run(1);
    await page.locator(".jp-DebuggerPausedOverlay").waitFor();
    await page.locator('.jp-Toolbar [data-command="notebook:interrupt-kernel"], [title^="Interrupt"]').first().click();
    await cell(1).locator(".jp-OutputArea-output").getByText("KeyboardInterrupt").first().waitFor();
    await page.locator(".jp-DebuggerPausedOverlay").waitFor({ state: "detached" });
    await variable("images").waitFor();
    await picture(page, "debugger-interrupted");
  });
});
