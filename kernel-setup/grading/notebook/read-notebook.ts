// A submitted notebook as text and as cells, within bounds.
import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { tooMuchIn } from "../json-bounds";

/** Cells of a notebook; the sheets have about forty. The same in nbgrader/stage.py. */
const mostCells = 2000;
/** A sheet with all its plots has 15,000 lists and objects, and 25,000 named parts in them. */
const bounds = { lists: 1_000_000, depth: 200, items: 20_000_000, parts: 500_000, cells: mostCells };

const words = {
  lists: `has more than ${bounds.lists.toLocaleString("en")} lists and objects`,
  depth: `has lists and objects in each other, more than ${bounds.depth} deep`,
  items: `has more than ${bounds.items.toLocaleString("en")} values`,
  parts: `has more than ${bounds.parts.toLocaleString("en")} named parts in objects`,
  cells: `has more than ${mostCells} cells`,
};

/**
 * Why a notebook's text is not read: what no notebook needs would take memory without end, and not every reader gets
 * to the bottom of lists in lists. The judge, the pages and the people's copy ask the same, so that nobody grades what
 * others do not see.
 */
export function tooMuchToRead(text: string): string | undefined {
  const what = tooMuchIn(text, bounds);
  return what && what !== "names" ? `the file ${words[what]}, and is not read` : undefined;
}

// The bytes of a file that should be a notebook, as text.

/** UTF-8, or UTF-16 as some editors on Windows save it: with a mark at the beginning, or a zero in every other byte. */
export function notebookText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const little = (first === 0xff && second === 0xfe) || (first !== 0 && second === 0);
  const big = (first === 0xfe && second === 0xff) || (first === 0 && second !== 0);
  // The decoder takes the mark away.
  return new TextDecoder(little ? "utf-16le" : big ? "utf-16be" : "utf-8").decode(bytes);
}

const kinds: readonly (readonly [RegExp, string])[] = [
  [/^PK\u0003\u0004/, "a zip archive"],
  [/^%PDF/, "a PDF"],
  [/^\s*(<!doctype|<html|<\?xml|<p>)/i, "a page of HTML"],
  [/^\u0089PNG|^\u00ff\u00d8\u00ff/, "a picture"],
  [/^\{\\rtf/, "a text of a word processor"],
  [/^\u00d0\u00cf\u0011\u00e0/, "a document of a word processor"],
];

/** What a file is that is no notebook, where its beginning tells; nothing of the file itself. */
function otherKind(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return "empty";
  const start = Buffer.from(bytes.subarray(0, 64)).toString("latin1");
  return kinds.find(([begins]) => begins.test(start))?.[1];
}

/** MiB of a notebook's file that are read. Plots of a whole sheet take about ten. */
const mostNotebookMiB = 100;

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
        `the file has ${Math.round(state.size / 2 ** 20)} MiB; more than ${mostNotebookMiB} are not read: clear ` +
          `its outputs and hand it in again`,
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
