// Which cell a name is from, and whether that cell says something else by now.
import type * as tsTypes from "typescript";
import type { ExecuteCall } from "../shared/protocol";
import { declaredNames } from "./cell-variables";
import { freeNames, isImported } from "./free-names";
import { NotebookFile, type SavedCell } from "./notebook-file";

type TypeScript = typeof tsTypes;

/** How a run of a cell ended: `refused` by the compiler, `failed` with an error. */
type End = "running" | "ok" | "refused" | "failed" | "interrupted";

/** One run of a cell. */
export interface CellRun {
  /** As in `In [3]`. */
  readonly count: number;
  /** The front end's name for the cell, if it has one. */
  readonly id?: string;
  readonly source: string;
  /** The state of the notebook's file when it began, if there was one. */
  readonly saved?: string;
  /** Place in the order of all runs. */
  readonly turn: number;
  end: End;
}

/** A cell, for people. */
export interface CellPlace {
  /** `In [3]`; none if it has not been run. */
  readonly count?: number;
  readonly id?: string;
  readonly source: string;
  /** Its metadata in the notebook's file, where that is known. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A name that is not what its cell says now. */
export interface OutdatedName {
  readonly name: string;
  /**
   * - `refused`, `failed`, `interrupted`: the cell was changed, and its last run ended so.
   * - `gone`: the cell was changed, and declares the name no more.
   * - `edited`: the cell was changed and saved, and not run since.
   * - `deleted`: the cell is not in the notebook any more.
   * - `twice`: another cell declares the name, too (`other`).
   */
  readonly reason: "refused" | "failed" | "interrupted" | "gone" | "edited" | "deleted" | "twice";
  /** The cell and its run that the name is from. */
  readonly cell: CellPlace;
  /** The later run, or the other cell. */
  readonly other?: CellPlace;
  /** The running cell names it itself, not only something that it names. */
  readonly direct: boolean;
}

const same = (a: string, b: string): boolean => plain(a) === plain(b);
const plain = (source: string): string => source.replace(/\r\n?/g, "\n").trimEnd();

/** Keeps the last run of each cell, and from which run each name is. */
export class CellLog {
  private turn = 0;
  private readonly lastOf = new Map<string, CellRun>();
  /** The last runs that declare the name and did not come so far, of cells without a name of their own. */
  private readonly failures = new Map<string, CellRun>();
  private readonly makers = new Map<string, CellRun>();
  /** Cells that were deleted, and the state of the notebook's file when we heard of it. */
  private readonly deleted = new Map<string, string | undefined>();

  constructor(
    private readonly ts: TypeScript,
    private readonly kind: () => tsTypes.ScriptKind,
    private readonly file = new NotebookFile(),
  ) {}

  begin({ count, code, cellId: id, deletedCells = [] }: ExecuteCall): CellRun {
    const saved = this.file.stamp();
    for (const each of deletedCells) this.deleted.set(each, saved);
    const run: CellRun = { count, id, source: code, saved, turn: ++this.turn, end: "running" };
    if (id !== undefined) {
      this.deleted.delete(id);
      this.lastOf.set(id, run);
    }
    return run;
  }

  /** The run has given these names their values. */
  declared(run: CellRun, names: Iterable<string>): void {
    for (const name of names) {
      this.makers.set(name, run);
      this.failures.delete(name);
    }
  }

  ended(run: CellRun, end: End): void {
    run.end = end;
    if (end === "ok") return;
    for (const name of this.namesIn(run.source)) if (this.makers.get(name) !== run) this.failures.set(name, run);
  }

  /** What the run uses, itself or through what it uses, that is not what the cells say now. */
  outdated(run: CellRun): OutdatedName[] {
    const found: OutdatedName[] = [],
      seen = new Set<string>();
    const visit = (source: string, direct: boolean, self?: CellRun): void => {
      const next: CellRun[] = [];
      for (const name of freeNames(this.ts, source, this.kind())) {
        const maker = this.makers.get(name);
        if (!maker || maker === self || maker === run || seen.has(name)) continue;
        seen.add(name);
        const fault = isImported(this.ts, maker.source, name, this.kind()) ? undefined : this.faultOf(name, maker);
        if (fault && (direct || fault.reason !== "twice")) found.push({ name, direct, ...fault });
        if (!next.includes(maker)) next.push(maker);
      }
      for (const maker of next) visit(maker.source, false, maker);
    };
    visit(run.source, true);
    return found;
  }

  /** Where a name would come from that no cell has declared so far. */
  whereIs(name: string): { failed: CellRun } | { unrun: SavedCell } | undefined {
    const failed = this.failures.get(name);
    if (failed) return { failed };
    for (const cell of this.file.cells()?.values() ?? [])
      if (!this.lastOf.has(cell.id) && this.declares(cell.source, name)) return { unrun: cell };
    return undefined;
  }

  private faultOf(name: string, maker: CellRun): Omit<OutdatedName, "name" | "direct"> | undefined {
    const later = this.laterFault(name, maker);
    if (later) return { reason: later.reason, cell: this.place(maker), other: this.place(later.run) };
    const saved = this.savedSince(maker);
    if (maker.id !== undefined) {
      const now = saved?.get(maker.id);
      if (!now && (saved !== undefined || this.isDeleted(maker.id)))
        return { reason: "deleted", cell: this.place(maker) };
      if (now && !same(now.source, maker.source)) return { reason: "edited", cell: this.place(maker) };
    }
    const other = this.otherCell(name, maker);
    return other && { reason: "twice", cell: this.place(maker), other };
  }

  /** A later run of the cell with other code, from which the name is not. */
  private laterFault(
    name: string,
    maker: CellRun,
  ): { run: CellRun; reason: "refused" | "failed" | "interrupted" | "gone" } | undefined {
    const last = maker.id === undefined ? undefined : this.lastOf.get(maker.id);
    const failure = this.failures.get(name);
    const isOther = failure?.id !== undefined && maker.id !== undefined && failure.id !== maker.id;
    const run = last && last !== maker ? last : failure && !isOther && failure.turn > maker.turn ? failure : undefined;
    // What was run again as it was means the same.
    if (!run || run.end === "running" || same(run.source, maker.source)) return undefined;
    return { run, reason: run.end === "ok" ? "gone" : run.end };
  }

  /** The file's cells, if it was saved since that run began. */
  private savedSince({ saved }: CellRun): ReadonlyMap<string, SavedCell> | undefined {
    const now = this.file.stamp();
    return now === undefined || now === saved ? undefined : this.file.cells();
  }

  /** What was brought back is in the file that is saved afterwards. */
  private isDeleted(id: string): boolean {
    if (!this.deleted.has(id)) return false;
    return this.deleted.get(id) === this.file.stamp() || !this.file.cells()?.has(id);
  }

  /** Another cell that declares the name, as it was run last or as it is in the file. */
  private otherCell(name: string, maker: CellRun): CellPlace | undefined {
    if (maker.id === undefined) return undefined;
    const saved = this.file.cells();
    for (const cell of saved?.values() ?? []) {
      const last = this.lastOf.get(cell.id);
      if (cell.id !== maker.id && this.declares(last?.source ?? cell.source, name))
        return last ? this.place(last) : { id: cell.id, source: cell.source, metadata: cell.metadata };
    }
    for (const [id, run] of this.lastOf)
      if (id !== maker.id && !this.isDeleted(id) && !saved?.has(id) && this.declares(run.source, name))
        return this.place(run);
    return undefined;
  }

  private place({ count, id, source }: CellRun): CellPlace {
    const metadata = id === undefined ? undefined : this.file.cells()?.get(id)?.metadata;
    return { count, id, source, ...(metadata && { metadata }) };
  }

  private declares(source: string, name: string): boolean {
    return source.includes(name) && this.namesIn(source).has(name);
  }

  private namesIn(source: string): ReadonlySet<string> {
    try {
      return declaredNames(this.ts, source, this.kind());
    } catch {
      return new Set();
    }
  }
}
