import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { tooMuchToRead } from "./bounds";
import { notebookText, otherKind } from "./notebook-text";

/** MiB of a notebook's file that are read. Plots of a whole sheet take about ten. */
export const mostNotebookMiB = 100;

export interface NotebookCell {
  readonly id?: string;
  readonly type: "code" | "markdown" | "raw";
  readonly source: string;
  /** nbgrader's name for it. */
  readonly gradeId?: string;
  readonly grade: boolean;
  readonly solution: boolean;
  readonly points?: number;
}

export interface NotebookFile {
  readonly cells: readonly NotebookCell[];
  readonly sha256: string;
  /** The kernel it names. */
  readonly kernel?: string;
}

/** A file that is no notebook; its message says why. */
export class NotANotebook extends Error {
  override name = "NotANotebook";
  constructor(
    words: string,
    readonly sha256 = "",
  ) {
    super(words);
  }
}

/**
 * Reads what matters of a notebook; its outputs are not looked at. Links and what is not a file are refused. @throws
 * NotANotebook
 */
export function readNotebook(path: string): NotebookFile {
  const bytes = readBytes(path),
    sha256 = createHash("sha256").update(bytes).digest("hex");
  const text = notebookText(bytes),
    tooMuch = tooMuchToRead(text);
  if (tooMuch) throw new NotANotebook(tooMuch, sha256);
  let notebook: { cells?: unknown; metadata?: { kernelspec?: { name?: unknown } } };
  try {
    notebook = JSON.parse(text) as typeof notebook;
  } catch {
    throw new NotANotebook(`the file is not a notebook: it is ${otherKind(bytes) ?? "not JSON"}`, sha256);
  }
  if (!Array.isArray(notebook?.cells))
    throw new NotANotebook("the file is not a notebook: it has no list of cells", sha256);
  const kernel = notebook.metadata?.kernelspec?.name;
  return {
    cells: notebook.cells.flatMap(cellOf),
    sha256,
    ...(typeof kernel === "string" && { kernel: kernel.slice(0, 60) }),
  };
}

function readBytes(path: string): Buffer {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw new NotANotebook(
      (error as NodeJS.ErrnoException).code === "ELOOP"
        ? "the file is a link to another one"
        : `the file cannot be read: ${(error as Error).message}`,
    );
  }
  try {
    const state = fstatSync(file);
    if (!state.isFile()) throw new NotANotebook("there is no file of that name, but something else");
    if (state.size > mostNotebookMiB * 2 ** 20)
      throw new NotANotebook(
        `the file has ${Math.round(state.size / 2 ** 20)} MiB; more than ${mostNotebookMiB} are not read: clear its outputs and hand it in again`,
      );
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** Nothing of it is taken on trust; what is no cell is left out. */
function cellOf(cell: unknown): NotebookCell[] {
  if (typeof cell !== "object" || cell === null) return [];
  const { cell_type: type, source, id, metadata } = cell as Record<string, unknown>;
  if (type !== "code" && type !== "markdown" && type !== "raw") return [];
  const text =
    typeof source === "string"
      ? source
      : Array.isArray(source)
        ? source.filter((line) => typeof line === "string").join("")
        : undefined;
  if (text === undefined) return [];
  const {
    grade_id: gradeId,
    grade,
    solution,
    points,
  } = ((metadata as Record<string, unknown> | undefined)?.nbgrader ?? {}) as Record<string, unknown>;
  return [
    {
      type,
      source: text,
      grade: grade === true,
      solution: solution === true,
      ...(typeof id === "string" && { id }),
      ...(typeof gradeId === "string" && { gradeId }),
      ...(typeof points === "number" && { points }),
    },
  ];
}
