import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { errorsOf, execute, missing, notebookPath, output, printed, readNotebook, type Notebook } from "./course";
import { onOtherData, proseFaults, proseOf } from "./prose/numbers";
import { substitutesOnly } from "./substitutes";

/**
 * What the tests of a sheet must know of it: a small file for each sheet gives it, with tests of what that sheet
 * prints.
 */
export interface SheetFacts {
  /** Folder in notebooks/source. */
  readonly sheet: string;
  /** How many plots the solved sheet shows. */
  readonly plots: number;
  /** Check cells → lines that each prints when the solution passes. */
  readonly checks: Readonly<Record<string, number>>;
}

/** The sheet's number, for titles. */
export const numberOf = ({ sheet }: SheetFacts): number => Number.parseInt(sheet, 10);

export interface Execution {
  readonly run: Notebook;
  readonly path: string;
  readonly seconds: number;
}

/** Set by kernel-setup/test.mjs for one whole run of the tests; a mocha started by hand is a run of its own. */
const testRun = (process.env.VITRINE_TEST_RUN ??= `${process.pid}-${Date.now()}`);

/** The solved sheet, executed headless on the data there is: once in a run of the tests, whichever file asks first. */
export function executedOnce({ sheet }: SheetFacts): Execution {
  const path = join(output, `${sheet}-executed.ipynb`),
    record = join(output, `${sheet}-executed.json`);
  if (existsSync(record)) {
    const { run, seconds } = JSON.parse(readFileSync(record, "utf8")) as { run: string; seconds: number };
    if (run === testRun && existsSync(path)) return { run: readNotebook(path), path, seconds };
    rmSync(record);
  }
  const start = Date.now();
  const run = execute(notebookPath("source", sheet), `${sheet}-executed`);
  const seconds = (Date.now() - start) / 1000;
  writeFileSync(record, JSON.stringify({ run: testRun, seconds }));
  return { run, path, seconds };
}

/** What holds of every solved sheet, whatever it is about and whatever data it found. */
export function everySheet(run: () => Notebook, { plots, checks }: SheetFacts): void {
  it("every cell runs without an error", () => {
    expect(errorsOf(run()).map(({ cell, evalue }) => `${cell}: ${evalue}`)).to.deep.equal([]);
  });

  it("the solutions pass their checks", () => {
    for (const [id, lines] of Object.entries(checks)) {
      const all = printed(run(), id).trim().split("\n"),
        said = all.filter((line) => !line.startsWith("· Tried on "));
      expect(said, id).to.have.length(lines);
      for (const line of said) expect(line).to.match(/^✓ /);
    }
  });

  it("every plot has Plotly's JSON, a PNG and a text beside, and no HTML", () => {
    const displays = run().cells.flatMap((cell) =>
      (cell.outputs ?? [])
        .filter(({ output_type }) => output_type === "display_data")
        .map(({ data }) => ({ id: cell.id, data: data ?? {} })),
    );
    const drawn = displays.filter(({ data }) => "application/vnd.plotly.v1+json" in data);
    expect(drawn).to.have.length(plots);
    for (const { id, data } of drawn) {
      expect(Object.keys(data).sort(), id).to.deep.equal(["application/vnd.plotly.v1+json", "image/png", "text/plain"]);
      const figure = data["application/vnd.plotly.v1+json"] as { data: unknown[]; layout: object };
      expect(figure.data.length, id).to.be.above(0);
      expect(Buffer.from(String(data["image/png"]), "base64").subarray(1, 4).toString(), id).to.equal("PNG");
      expect(String(data["text/plain"]).length, id).to.be.above(20);
    }
  });
}

/**
 * Describes a solved sheet on the data there is: what holds of every sheet, its time, and what `own` says of this one.
 */
export function describeExecuted(facts: SheetFacts, own: (run: () => Notebook) => void): void {
  describe(`notebooks: sheet ${numberOf(facts)}, executed in the real kernel on the data there is`, function () {
    this.timeout(900_000);
    let execution: Execution;
    before(function () {
      if (missing()) this.skip();
      execution = executedOnce(facts);
    });
    const run = (): Notebook => execution.run;
    everySheet(run, facts);
    own(run);

    const prose = proseOf(facts.sheet);
    if (prose)
      it("every number in the prose and the model answers has a source: this run, the code, or a setting", function () {
        if (onOtherData(run())) {
          if (this.test)
            this.test.title +=
              " (skipped: what is written is said of the real data, which are neither cached, mirrored nor " +
              "downloadable)";
          this.skip();
        }
        expect(proseFaults(run(), prose)).to.deep.equal([]);
      });

    it("shows nothing on stderr but where data come from", () => {
      const noise = run().cells.flatMap((cell) =>
        (cell.outputs ?? []).filter(
          ({ output_type, name, text }) =>
            output_type === "stream" &&
            name === "stderr" &&
            !/stand in for it|take their place|Fetching|Downloading|downloaded/.test(String(text)),
        ),
      );
      expect(noise).to.deep.equal([]);
    });

    it("takes minutes at most, and says how long", function () {
      if (this.test) this.test.title += ` (${execution.seconds.toFixed(0)} s)`;
      expect(execution.seconds).to.be.below(600);
    });
  });
}

/**
 * The sheets as a machine without the data sets executed them, for instance CI's second clone: a folder of notebooks.
 */
const executedWithoutData = process.env.VITRINE_EXECUTED;

/**
 * Describes a solved sheet on a machine that has no data sets, only what the package registries carry: read from the
 * folder that VITRINE_EXECUTED names, or executed for these tests.
 */
export function describeWithoutData(title: string, facts: SheetFacts, own: (run: () => Notebook) => void): void {
  describe(`notebooks: sheet ${numberOf(facts)} without the data sets, ${title}`, function () {
    this.timeout(900_000);
    let notebook: Notebook;
    before(function () {
      if (executedWithoutData) {
        notebook = readNotebook(join(executedWithoutData, `${facts.sheet}.ipynb`));
        return;
      }
      if (missing()) this.skip();
      notebook = execute(notebookPath("source", facts.sheet), `${facts.sheet}-without-data`, {
        env: substitutesOnly(),
      });
    });
    everySheet(() => notebook, facts);
    own(() => notebook);
  });
}
