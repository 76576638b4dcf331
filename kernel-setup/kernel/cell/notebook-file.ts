// The notebook that the kernel runs for, as it was last saved.
import { readFileSync, statSync } from "fs";
import * as path from "path";

/** A cell of code of the file. */
export interface SavedCell {
  readonly id: string;
  readonly source: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Bytes beyond which it is not read: a check is not to wait for it. */
const MOST = 64 * 2 ** 20;

/**
 * Reads what Jupyter's server says that the kernel was started for (`JPY_SESSION_NAME`). Nobody promises that there is
 * such a file, or that it has what is on the screen; where it cannot be read nothing is known.
 */
export class NotebookFile {
  private readonly file?: string;
  private read?: { stamp: string; cells: ReadonlyMap<string, SavedCell> | undefined };

  constructor(name = process.env.JPY_SESSION_NAME) {
    if (name?.endsWith(".ipynb")) this.file = path.resolve(name);
  }

  /** Differs after each saving. Dates of a file are compared with each other only: its disk may have another clock. */
  stamp(): string | undefined {
    if (this.file === undefined) return undefined;
    try {
      const { mtimeMs, size, ino } = statSync(this.file);
      return size > MOST ? undefined : `${mtimeMs} ${size} ${ino}`;
    } catch {
      return undefined;
    }
  }

  /** Its cells of code by their ids, in order. */
  cells(): ReadonlyMap<string, SavedCell> | undefined {
    const stamp = this.stamp();
    if (stamp === undefined) return undefined;
    if (this.read?.stamp !== stamp) this.read = { stamp, cells: cellsIn(this.file!) };
    return this.read.cells;
  }
}

function cellsIn(file: string): Map<string, SavedCell> | undefined {
  try {
    const { cells } = JSON.parse(readFileSync(file, "utf8")) as { cells?: unknown };
    if (!Array.isArray(cells)) return undefined;
    const found = new Map<string, SavedCell>();
    for (const { cell_type: type, id, source, metadata } of cells as Record<string, unknown>[]) {
      if (type !== "code" || typeof id !== "string") continue;
      const text = Array.isArray(source) ? source.join("") : source;
      if (typeof text === "string")
        found.set(id, { id, source: text, metadata: (metadata ?? {}) as SavedCell["metadata"] });
    }
    return found;
  } catch {
    // Half written, or no notebook.
    return undefined;
  }
}
