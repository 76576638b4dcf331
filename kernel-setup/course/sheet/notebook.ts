import { readFileSync } from "node:fs";
import { FileError } from "vitrine/dist/kit";

export interface Output {
  output_type: string;
  name?: string;
  text?: string | string[];
  data?: Record<string, unknown>;
  ename?: string;
  evalue?: string;
  traceback?: string[];
}

export interface NbgraderFields {
  grade_id: string;
  grade: boolean;
  solution: boolean;
  locked: boolean;
  /** What a person grades whose answer stands in cells of the student's own. */
  task?: boolean;
  points?: number;
  schema_version?: number;
}

export interface Cell {
  id: string;
  cell_type: string;
  source: string | string[];
  execution_count?: number | null;
  outputs?: Output[];
  metadata: { nbgrader?: NbgraderFields; execution?: Record<string, string>; [key: string]: unknown };
}

export interface Notebook {
  cells: Cell[];
  metadata: { kernelspec?: { name?: string; language?: string; display_name?: string } };
  nbformat: number;
  nbformat_minor: number;
}

export const textOf = (text: string | readonly string[] | undefined): string =>
  typeof text === "string" ? text : (text ?? []).join("");
export const sourceOf = (cell: Cell): string => textOf(cell.source);

/** @throws FileError for what is no notebook */
export function readNotebook(file: string): Notebook {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new FileError(
      file,
      (error as NodeJS.ErrnoException).code === "ENOENT"
        ? "does not exist"
        : `cannot be read as a notebook: ${(error as Error).message}`,
    );
  }
  if (!Array.isArray((parsed as Notebook | null)?.cells)) throw new FileError(file, "is no notebook: it has no cells");
  return parsed as Notebook;
}

export const isTask = ({ cell_type, metadata: { nbgrader } }: Cell): boolean =>
  cell_type === "code" && nbgrader?.solution === true;
export const isCheck = ({ cell_type, metadata: { nbgrader } }: Cell): boolean =>
  cell_type === "code" && nbgrader?.grade === true && !nbgrader.solution;
export const isAnswer = ({ cell_type, metadata: { nbgrader } }: Cell): boolean =>
  cell_type === "markdown" && nbgrader?.grade === true && nbgrader.solution;

const [begin, end] = ["/// BEGIN SOLUTION", "/// END SOLUTION"];

/** What stands between the marks of a task's cell; undefined where there are none. */
export function solutionIn(code: string): string | undefined {
  const from = code.indexOf(begin),
    to = code.indexOf(end);
  return from >= 0 && to > from ? code.slice(from + begin.length, to) : undefined;
}
