import { spawn, type ChildProcess } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type Locator, type Page } from "playwright-core";
import { output, root } from "./course";

/** The system's Chromium, if there is one. */
export const chromiumPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));

export const screenshots = join(root, "test", "output", "screenshots");

/** A JupyterLab on a folder of its own, with a copy of one notebook: what is run there is saved there. */
export interface Lab {
  /** Address of the notebook, with the token. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts JupyterLab as `npm start` does, only on another folder. */
export async function startLab(notebook: string): Promise<Lab> {
  mkdirSync(output, { recursive: true });
  const folder = mkdtempSync(join(output, "lab-"));
  copyFileSync(notebook, join(folder, basename(notebook)));
  const setup = (name: string): string => JSON.stringify(pathToFileURL(join(root, "kernel-setup", "setup", name)).href);
  const code = `import { openLab } from ${setup("jupyter.mjs")}; import { project } from ${setup("project.mjs")};
    process.exit(await openLab(project, ${JSON.stringify(folder)}, { browser: false }));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  const stop = async (): Promise<void> => {
    await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const address = new URL(await addressIn(child));
    address.pathname = address.pathname.replace(/lab$/, `lab/tree/${basename(notebook)}`);
    return { url: address.href, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The address that JupyterLab's start prints. */
export function addressIn(child: ChildProcess): Promise<string> {
  let said = "";
  return new Promise((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      const found = /JupyterLab: (\S+)/.exec(said);
      if (found) resolve(found[1]);
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
    child.once("close", () => reject(new Error(`JupyterLab did not start:\n${said}`)));
    setTimeout(() => reject(new Error(`JupyterLab gave no address within 90 s:\n${said}`)), 90_000).unref();
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("close", () => resolve());
    child.kill("SIGTERM");
  });
}

export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
}

/** Opens the notebook and waits for its kernel. */
export async function openNotebook(browser: Browser, lab: Lab): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 960 } });
  await page.goto(lab.url);
  await page.waitForSelector(".jp-NotebookPanel .jp-Cell", { timeout: 60_000 });
  // The status bar, because the notebook's own indicator says idle before there is a kernel.
  await page.waitForSelector(".jp-StatusBar-TextItem:text-matches('Vitrine.*Idle')", { timeout: 120_000 });
  // The file browser takes a quarter of the window, and Jupyter's question about its news hides what is below.
  const files = page.locator("#filebrowser");
  if (await files.isVisible()) await page.locator('.jp-SideBar.jp-mod-left [data-id="filebrowser"]').click();
  const question = page.locator('.Toastify button:has-text("No")').first();
  if (await question.isVisible()) await question.click();
  return page;
}

/** Runs all cells through the menu; returns when the kernel is idle and no cell is waiting. */
export async function runAll(page: Page): Promise<void> {
  await page.click(".jp-NotebookPanel .jp-Cell >> nth=0");
  await page.click('.lm-MenuBar-item:has-text("Run")');
  await page.click('.lm-Menu-item[data-command="runmenu:run-all"]');
  await page.waitForSelector('.jp-CodeCell .jp-InputArea-prompt:text-matches("[0-9*]") >> nth=0', { timeout: 60_000 });
  const waiting = page.locator('.jp-CodeCell .jp-InputArea-prompt:has-text("*")');
  for (let quiet = 0; quiet < 3; quiet = (await waiting.count()) === 0 ? quiet + 1 : 0) await page.waitForTimeout(500);
  await idle(page);
}

const idle = (page: Page): Promise<unknown> =>
  page.waitForSelector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', { state: "attached", timeout: 120_000 });

/** What was seen of one cell while its part of the notebook was on the screen. */
export interface SeenCell {
  text: string;
  /** Plots that Plotly's renderer shows. */
  plots: number;
  errors: string[];
  stderr: string[];
  /** Plain pictures: what would be there without that renderer. */
  pictures: number;
  formulas: number;
}

/**
 * Scrolls through the notebook as a reader does, since JupyterLab keeps only the cells near the screen, and saves a
 * picture of each window full.
 * @returns what was seen of each cell, by its number, and the pictures' paths
 */
export async function tour(page: Page, name: string): Promise<{ cells: Map<number, SeenCell>; paths: string[] }> {
  mkdirSync(screenshots, { recursive: true });
  const cells = new Map<number, SeenCell>(), paths: string[] = [];
  await scroll(page, 0);
  for (let part = 1; part <= 40; part++) {
    await page.waitForTimeout(700);
    const path = join(screenshots, `${name}-${String(part).padStart(2, "0")}.png`);
    await page.screenshot({ path });
    paths.push(path);
    // What is off the screen has no text.
    for (const [index, seen] of await look(page)) if (seen.text.trim() || !cells.has(index)) cells.set(index, seen);
    const [from, to] = await page.locator(panel).evaluate((element) => [element.scrollTop, element.scrollTop + element.clientHeight - 60]);
    if ((await scroll(page, to)) <= from + 1) break;
  }
  return { cells, paths };
}

/** Scrolls until a cell is on the screen. @returns it */
export async function bring(page: Page, index: number): Promise<Locator> {
  const cell = page.locator(`.jp-Cell[data-windowed-list-index="${index}"]`);
  for (let top = 0; (await cell.count()) === 0; top += 600) {
    if (top > 60_000) throw new Error(`There is no cell ${index}.`);
    await scroll(page, top);
    await page.waitForTimeout(150);
  }
  await cell.scrollIntoViewIfNeeded();
  await page.waitForTimeout(500);
  return cell;
}

/**
 * Points at a plot: Plotly's renderer shows the picture beside it until then, and the live plot from then on.
 * @returns the live plot
 */
export async function enliven(page: Page, cell: number, plot = 0): Promise<Locator> {
  const output = (await bring(page, cell)).locator(".jp-RenderedPlotly").nth(plot);
  await output.scrollIntoViewIfNeeded();
  // Not hover(): the picture is gone as soon as it is pointed at.
  const box = await output.boundingBox();
  if (!box) throw new Error(`Plot ${plot + 1} of cell ${cell} takes no room.`);
  await page.mouse.move(box.x + 3, box.y + 3);
  await page.mouse.move(box.x + 20, box.y + 12, { steps: 3 });
  await output.locator("svg.main-svg").first().waitFor({ timeout: 30_000 });
  return output;
}

const panel = ".jp-NotebookPanel .jp-WindowedPanel-outer";

/** @returns where the notebook is scrolled to now */
const scroll = (page: Page, top: number): Promise<number> => page.locator(panel).evaluate((element, to) => (element.scrollTo(0, to), element.scrollTop), top);

const lookInPage = readFileSync(join(__dirname, "look-in-page.js"), "utf8");
const look = (page: Page): Promise<[number, SeenCell][]> => page.evaluate<[number, SeenCell][]>(lookInPage);
