import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchResults } from "./table";

/** What of a run is done, so that one that was stopped goes on from there. */
interface Kept {
  /** Of what was measured: with another one it begins again. */
  readonly print: string;
  readonly results: BenchResults;
  /** Of the row that is at work: what earlier runs had taken for it. */
  spent?: { title: string; seconds: number; memory: number };
}

/** A run's folder and its journal, written after every row and some times in between. */
export class Journal {
  private readonly file: string;
  private readonly kept: Kept;

  /** @param wanted the print of a run to go on with, if it is there */
  constructor(
    readonly folder: string,
    wanted: string | undefined,
    print: string,
    begin: () => BenchResults,
  ) {
    this.file = join(folder, "journal.json");
    const found = existsSync(this.file) ? (JSON.parse(readFileSync(this.file, "utf8")) as Kept) : undefined,
      before = found?.print === wanted ? found : undefined;
    if (before) console.log(`going on with the run in ${folder}: ${before.results.rows.length} rows are done`);
    else rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    this.kept = before ?? { print, results: begin() };
    this.save();
  }

  get results(): BenchResults {
    return this.kept.results;
  }

  has(title: string): boolean {
    return this.kept.results.rows.some((row) => row.title === title);
  }

  /** What a row that was stopped had taken. */
  before(title: string): { seconds: number; memory: number } {
    return this.kept.spent?.title === title ? { ...this.kept.spent } : { seconds: 0, memory: 0 };
  }

  spent(title: string, seconds: number, memory: number): void {
    this.kept.spent = { title, seconds, memory };
    this.save();
  }

  save(): void {
    writeFileSync(`${this.file}.new`, JSON.stringify(this.kept));
    renameSync(`${this.file}.new`, this.file);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
