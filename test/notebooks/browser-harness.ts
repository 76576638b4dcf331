import { expect } from "chai";
import type { Browser, Locator, Page } from "playwright-core";
import { missing, notebookPath, readNotebook, type Notebook } from "./course";
import {
  chromiumPath,
  enliven,
  frame,
  openNotebook,
  picture,
  runAll,
  startBrowser,
  startLab,
  tour,
  type Lab,
  type SeenCell,
} from "./lab";
import { executedOnce, numberOf, type SheetFacts } from "./sheet-harness";

/** A sheet in JupyterLab, with what was seen of its cells. */
export interface Opened {
  readonly page: Page;
  /** A cell by its id. */
  cell(id: string): SeenCell;
  /** Its place in the notebook, as `enliven` takes it. */
  placeOf(id: string): number;
  readonly seen: ReadonlyMap<number, SeenCell>;
}

/** Tests that need Chromium; skipped by name where there is none. */
export function inBrowser(title: string, suite: (browser: () => Browser) => void): void {
  describe(`${title}${chromiumPath ? "" : " [needs service Chromium]"}`, function () {
    this.timeout(900_000);
    let browser: Browser;
    before(async function () {
      if (!chromiumPath || missing()) this.skip();
      browser = await startBrowser();
    });
    suite(() => browser);
  });
}

/**
 * The solved sheet as JupyterLab shows it: every plot drawn, nothing amiss.
 * @param how `run`: all its cells are run through the menu; `open`: it is executed headless and opened as it was saved,
 *   which takes less time and shows what a reader of a finished notebook sees
 * @param options `pictures`: saves pictures of all of it, for people to look at, and points at each plot and not only
 * at one of
 *   each kind: all of them are drawn live in a browser in the second clone's pages, too
 */
export function describeInLab(
  browser: () => Browser,
  facts: SheetFacts,
  how: "run" | "open",
  own: (opened: () => Opened) => void,
  { pictures = false } = {},
): void {
  describe(`the solved sheet, ${how === "run" ? "run there" : "opened as it was executed"}`, () => {
    const order = readNotebook(notebookPath("source", facts.sheet)).cells.map(({ id }) => id);
    let lab: Lab, page: Page, seen: Map<number, SeenCell>;
    const complaints: string[] = [];
    const placeOf = (id: string): number => order.indexOf(id);
    const opened = (): Opened => ({ page, seen, placeOf, cell: (id) => seen.get(placeOf(id)) as SeenCell });
    before(async () => {
      lab = await startLab(how === "run" ? notebookPath("source", facts.sheet) : executedOnce(facts).path);
      page = await openNotebook(browser(), lab, { toRun: how === "run" });
      page.on("pageerror", (error) => complaints.push(error.message));
      if (how === "run") await runAll(page);
      seen = await tour(page, order.length, pictures ? `sheet-${numberOf(facts)}` : undefined);
    });
    afterEach(async function () {
      if (this.currentTest?.state === "failed") await picture(page, `sheet-${numberOf(facts)}-failed`);
    });
    after(async () => {
      await page?.close();
      await lab?.stop();
    });

    it("shows all cells, none with an error output", () => {
      expect(seen.size).to.equal(order.length);
      const unwanted = [...seen.values()]
        .flatMap(({ errors, stderr }) => [...errors, ...stderr])
        .filter((text) => !/take their place|Fetching/.test(text));
      expect(unwanted).to.deep.equal([]);
      for (const { text } of seen.values()) expect(text).to.not.match(/JavaScript error/i);
    });

    it("draws plots live when they are pointed at", async () => {
      const plots = [...seen].flatMap(([index, { plots }]) =>
        Array.from({ length: plots }, (_, plot) => ({ index, plot })),
      );
      expect(plots).to.have.length(facts.plots);
      expect([...seen.values()].reduce((sum, { pictures }) => sum + pictures, 0)).to.equal(0);
      const kinds = how === "open" && !pictures ? kindsOfPlots(executedOnce(facts).run) : undefined,
        done = new Set<string>();
      for (const { index, plot } of plots) {
        const kind = kinds?.get(order[index])?.[plot] ?? `${index} ${plot}`;
        if (done.has(kind)) continue;
        done.add(kind);
        const live = await enliven(page, index, plot);
        const drawn = "svg.main-svg image, svg.main-svg .barlayer path, svg.main-svg .scatterlayer path";
        expect(await live.locator(drawn).count(), `${order[index]}, plot ${plot + 1}`).to.be.above(0);
        expect(await live.locator("svg.main-svg").first().isVisible(), order[index]).to.equal(true);
      }
      expect(complaints).to.deep.equal([]);
    });

    own(opened);
  });
}

/** Each cell's figures by what they are made of: types of traces, frames, shapes. */
function kindsOfPlots({ cells }: Notebook): Map<string, string[]> {
  const kinds = new Map<string, string[]>();
  for (const { id, outputs = [] } of cells) {
    const figures = outputs.flatMap(
      ({ data }) => (data?.["application/vnd.plotly.v1+json"] as PlotlyFigure | undefined) ?? [],
    );
    kinds.set(
      id,
      figures.map(({ data, frames = [], layout }) => {
        const types = [...new Set(data.map(({ type = "scatter" }) => type))].sort();
        return [...types, ...(frames.length ? ["frames"] : []), ...(layout.shapes?.length ? ["shapes"] : [])].join();
      }),
    );
  }
  return kinds;
}

interface PlotlyFigure {
  data: { type?: string }[];
  frames?: unknown[];
  layout: { shapes?: unknown[] };
}

/**
 * The released sheet as a student opens and runs it: it stops at the first open task, and says so in words.
 * @param secret of a solution, in case the release has one
 */
export function describeAsStudent(
  browser: () => Browser,
  facts: SheetFacts,
  secret: RegExp,
  { pictures = false } = {},
): void {
  describe("as a student opens it", () => {
    let lab: Lab, page: Page, seen: Map<number, SeenCell>;
    before(async () => {
      lab = await startLab(notebookPath("release", facts.sheet));
      page = await openNotebook(browser(), lab);
      await runAll(page);
      const { length } = readNotebook(notebookPath("release", facts.sheet)).cells;
      seen = await tour(page, length, pictures ? `sheet-${numberOf(facts)}-student` : undefined);
    });
    after(async () => {
      await page?.close();
      await lab?.stop();
    });

    it("stops at the first open task and says so in words, with no trace of our files", () => {
      const errors = [...seen.values()]
        .flatMap((cell) => [...cell.errors, ...cell.stderr])
        .filter((text) => !/take their place|Fetching/.test(text));
      expect(errors).to.have.length(1);
      expect(errors[0])
        .to.match(/✗ Task 1 is not implemented yet/)
        .and.not.match(/node_modules|dist\//);
    });

    it("has no solution in it", () => {
      for (const { text } of seen.values())
        expect(text)
          .to.not.match(/Model answer|Rubric/)
          .and.not.match(secret);
    });
  });
}

/** Points at the middle of a plot's first panel. @returns what the hover label says */
export async function pointAt(page: Page, cell: number): Promise<string> {
  const live = await enliven(page, cell);
  const box = await live.locator(".draglayer .xy .nsewdrag").first().boundingBox();
  if (!box) throw new Error(`The plot of cell ${cell} has no panel to point at.`);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 4 });
  await page.mouse.move(box.x + box.width / 2 + 2, box.y + box.height / 2 + 2, { steps: 3 });
  const label = live.locator(".hoverlayer .hovertext").first();
  await label.waitFor({ timeout: 10_000 });
  return (await label.textContent()) ?? "";
}

/** The pictures that a live plot shows now. */
export const picturesIn = (live: Locator): Promise<string[]> =>
  live
    .locator("svg.main-svg image")
    .evaluateAll((images) =>
      images.map((image) => image.getAttribute("href") ?? image.getAttribute("xlink:href") ?? ""),
    );

/** Waits until a live plot shows other pictures. @returns them */
export async function changed(live: Locator, before: string[]): Promise<string[]> {
  return until(live, (now) => JSON.stringify(now) !== JSON.stringify(before), "other pictures");
}

/** Waits until a live plot shows these pictures. */
export async function becomes(live: Locator, wanted: string[]): Promise<void> {
  await until(live, (now) => JSON.stringify(now) === JSON.stringify(wanted), "the pictures that it is to end on");
}

/** Looks with each picture that the browser draws; a film lasts seconds. */
async function until(live: Locator, right: (now: string[]) => boolean, what: string): Promise<string[]> {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    const now = await picturesIn(live);
    if (right(now)) return now;
    await frame(live.page());
  }
  throw new Error(`The plot does not show ${what} within 30 s.`);
}
