import { spawn, type ChildProcess } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type Locator, type Page } from "playwright-core";
import { output, root } from "./course";

/** The system's Chromium, if there is one. */
export const chromiumPath = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path && existsSync(path));

export const screenshots = join(root, "test", "output", "screenshots");

/** A copy of one notebook in JupyterLab, in a folder of its own: what is run there is saved there. */
export interface Lab {
  /** Address of the notebook, with the token. */
  readonly url: string;
  /** Where it is saved. */
  readonly file: string;
  /** Ends its kernel and removes the folder. */
  stop(): Promise<void>;
}

export interface Server {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly address: URL;
}

/** One for all tests of a process: each start takes seconds. */
let server: Promise<Server> | undefined, browsing: Promise<Browser> | undefined;

/** Ends what the tests shared. A root hook of whichever mocha loads this file. */
after("JupyterLab and the browser end", async function () {
  this.timeout(60_000);
  await (await browsing?.catch(() => undefined))?.close();
  const running = await server?.catch(() => undefined);
  if (!running) return;
  await ended(running.child);
  rmSync(running.folder, { recursive: true, force: true });
});

/** Opens a copy of a notebook in a JupyterLab that is started as `npm start` does, only on another folder. */
export async function startLab(notebook: string): Promise<Lab> {
  const { address, folder } = await (server ??= startServer());
  const own = mkdtempSync(join(folder, "sheet-")),
    name = basename(own);
  const file = join(own, basename(notebook));
  copyFileSync(notebook, file);
  const url = new URL(address);
  // A workspace of its own: JupyterLab would open again what another test had open.
  url.pathname = url.pathname.replace(/lab$/, `lab/workspaces/${name}/tree/${name}/${basename(notebook)}`);
  const api = (path: string, method: string): Promise<Response> =>
    fetch(new URL(path, address), { method, headers: { Authorization: `token ${address.searchParams.get("token")}` } });
  return {
    url: url.href,
    file,
    async stop() {
      const sessions = (await (await api("/api/sessions", "GET")).json()) as { id: string; path: string }[];
      await Promise.all(
        sessions.filter(({ path }) => path.startsWith(name)).map(({ id }) => api(`/api/sessions/${id}`, "DELETE")),
      );
      rmSync(own, { recursive: true, force: true });
    },
  };
}

/** JupyterLab as students have it, on a folder of its own that it removes, or on the one given. */
export async function startServer(given?: string): Promise<Server> {
  mkdirSync(output, { recursive: true });
  const folder = given ?? mkdtempSync(join(output, "lab-"));
  const setup = (name: string): string => JSON.stringify(pathToFileURL(join(root, "kernel-setup", "setup", name)).href);
  const code = `import { openLab } from ${setup("jupyter.mjs")}; import { project } from ${setup("project.mjs")};
    process.exit(await openLab(project, ${JSON.stringify(folder)}, { browser: false }));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  try {
    return { child, folder, address: new URL(await addressIn(child)) };
  } catch (error) {
    await ended(child);
    if (given === undefined) rmSync(folder, { recursive: true, force: true });
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

/** Stops it, and waits until it has ended. */
export function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("close", () => resolve());
    child.kill("SIGTERM");
  });
}

/** One for all tests of a process; who opens a page closes it. */
export function startBrowser(): Promise<Browser> {
  return (browsing ??= chromium.launch({
    executablePath: chromiumPath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  }));
}

/** Opens the notebook and waits until its cells are there and, unless nothing is to be run, its kernel. */
export async function openNotebook(browser: Browser, lab: Lab, { toRun = true } = {}): Promise<Page> {
  // What JupyterLab is made of is fetched and compiled once for all pages of a context.
  const context = browser.contexts()[0] ?? (await browser.newContext({ viewport: { width: 1280, height: 960 } }));
  const page = await context.newPage();
  await page.goto(lab.url);
  await page.waitForSelector(".jp-NotebookPanel .jp-Cell", { timeout: 60_000 });
  // The status bar, because the notebook's own indicator says idle before there is a kernel.
  if (toRun) await page.waitForSelector(".jp-StatusBar-TextItem:text-matches('Vitrine.*Idle')", { timeout: 120_000 });
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
  // Between two cells the kernel is idle for a moment too.
  if (!(await changesEnd(page, { quiet: 800, atMost: 300_000, running: true })))
    throw new Error("The notebook still runs after 300 s.");
}

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
 * Scrolls through the notebook as a reader with a tall screen does, since JupyterLab keeps only the cells near the
 * screen.
 * @param count of its cells: JupyterLab shows a large notebook's first ones a while before the others are there
 * @param pictures how to name pictures of each window full, for people to look at; they cost more than all the rest
 * @returns what was seen of each cell, by its number
 */
export async function tour(page: Page, count: number, pictures?: string): Promise<Map<number, SeenCell>> {
  const cells = new Map<number, SeenCell>(),
    end = Date.now() + 120_000;
  await page.setViewportSize({ width: 1280, height: 2400 });
  await scroll(page, 0);
  for (let part = 1; Date.now() < end; part++) {
    await settled(page);
    if (pictures) await picture(page, `${pictures}-${String(part).padStart(2, "0")}`);
    // What is off the screen has no text.
    for (const [index, seen] of await look(page)) if (seen.text.trim() || !cells.has(index)) cells.set(index, seen);
    const [from, to] = await page
      .locator(panel)
      .evaluate((element) => [element.scrollTop, element.scrollTop + element.clientHeight - 60]);
    if ((await scroll(page, to)) > from + 1) continue;
    if (Math.max(...cells.keys()) >= count - 1) break;
    await frame(page);
  }
  return cells;
}

/** Saves what is seen now, for people to look at. */
export async function picture(seen: Page | Locator, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true });
  await seen.screenshot({ path: join(screenshots, `${name}.png`) });
}

/** Scrolls until a cell is on the screen. @returns it */
export async function bring(page: Page, index: number): Promise<Locator> {
  const cell = page.locator(`.jp-Cell[data-windowed-list-index="${index}"]`);
  for (let steps = 0; (await cell.count()) === 0; steps++) {
    if (steps > 100) throw new Error(`There is no cell ${index}.`);
    // Of the cells that are there, the first says which way to go.
    const [top, first] = await page
      .locator(panel)
      .evaluate((element) => [
        element.scrollTop,
        Math.min(
          ...[...element.querySelectorAll(".jp-Cell[data-windowed-list-index]")].map((each) =>
            Number(each.getAttribute("data-windowed-list-index")),
          ),
        ),
      ]);
    await scroll(page, top + (index < first ? -600 : 600));
    await settled(page);
  }
  await cell.scrollIntoViewIfNeeded();
  await settled(page);
  return cell;
}

/** Waits until nothing in the notebook moves: cells are drawn, typeset and moved as they come into sight. */
const settled = (page: Page): Promise<unknown> => changesEnd(page, { quiet: 120, atMost: 3000 });

/** Waits until the browser draws its next picture. */
export const frame = (page: Page): Promise<unknown> =>
  page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));

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
const scroll = (page: Page, top: number): Promise<number> =>
  page.locator(panel).evaluate((element, to) => (element.scrollTo(0, to), element.scrollTop), top);

const waitInPage = readFileSync(join(__dirname, "wait-in-page.js"), "utf8");
const changesEnd = (page: Page, how: { quiet: number; atMost: number; running?: boolean }): Promise<boolean> =>
  page.evaluate<boolean>(`(${waitInPage.replace(/^\/\/.*$/gm, "").replace(/;\s*$/, "")})(${JSON.stringify(how)})`);

const lookInPage = readFileSync(join(__dirname, "look-in-page.js"), "utf8");
const look = (page: Page): Promise<[number, SeenCell][]> => page.evaluate<[number, SeenCell][]>(lookInPage);
