// How far a student's copy of a sheet is: what `npx vitrine status` and JupyterLab's start page show, and what `submit`
// reminds of.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { passedBefore } from "./check-record";
import { isAnswer, isCheck, isTask, sourceOf, type Cell, type Notebook } from "./notebook";
import type { SheetCopy, StudentSheet } from "./student-sheet";
import { archiveName, type SubmissionManifest } from "./submission";
import { writtenIn, type Written } from "./written";

/**
 * What is known of a check: `outdated` where its task was changed, or run, after it; `not run` where nothing is known.
 */
export type Checked = "passed" | "failed" | "outdated" | "not run";

export interface TaskState {
  readonly id: string;
  readonly written: Written;
}
export interface CheckState {
  readonly id: string;
  readonly points: number;
  readonly state: Checked;
}
export interface AnswerState extends TaskState {
  readonly points: number;
  /** Not asked for: extra credit. */
  readonly bonus: boolean;
}

/** An archive that `submit` wrote. */
export interface Packed {
  readonly file: string;
  /** ISO time. */
  readonly at: string;
  /** The notebook is still the one in it. */
  readonly current: boolean;
}

export interface SheetState {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  /** As the sheet says it; undefined where it does not. */
  readonly time: string | undefined;
  readonly points: number;
  /** The student's copy, once there is one. */
  readonly file: string | undefined;
  /** Why the copy cannot be read. */
  readonly problem: string | undefined;
  readonly tasks: readonly TaskState[];
  readonly checks: readonly CheckState[];
  readonly answers: readonly AnswerState[];
  /** `done`: every task is written, every check passes, every question has an answer. */
  readonly stage: "not begun" | "begun" | "done";
  readonly packed: Packed | undefined;
}

const idOf = (cell: Cell): string => cell.metadata.nbgrader!.grade_id;
const pointsOf = (cell: Cell): number => cell.metadata.nbgrader?.points ?? 0;
const byId = ({ cells }: Notebook): Map<string, Cell> => new Map(cells.map((cell) => [cell.id, cell]));

/** What a notebook tells about its checks; `record`: what the last `check` found, if that was of this very code. */
function checksIn(sheet: Pick<StudentSheet, "notebook" | "released">, record?: Record<string, boolean>): CheckState[] {
  const own = byId(sheet.notebook);
  let tasks: Cell[] = [];
  const states: CheckState[] = [];
  for (const cell of sheet.released.notebook.cells) {
    if (isTask(cell)) tasks.push(cell);
    if (!isCheck(cell)) continue;
    const before = tasks;
    tasks = [];
    const known = record?.[idOf(cell)];
    const state =
      known !== undefined
        ? known
          ? "passed"
          : "failed"
        : stateOf(
            cell,
            own.get(cell.id),
            before.map((task) => own.get(task.id)),
          );
    states.push({ id: idOf(cell), points: pointsOf(cell), state });
  }
  return states;
}

/** Of a check as it was saved, with the tasks above it. */
function stateOf(released: Cell, check: Cell | undefined, tasks: readonly (Cell | undefined)[]): Checked {
  const outputs = check?.outputs ?? [];
  // Of another check, an earlier sheet's or one's own, it is not known what it asked.
  if (!check || outputs.length === 0 || sourceOf(check) !== sourceOf(released)) return "not run";
  if (tasks.some((task) => !task || changedSince(task) || ranAfter(task, check))) return "outdated";
  return outputs.some(({ output_type }) => output_type === "error") ? "failed" : "passed";
}

/** What JupyterLab noted when a cell was run last (kernel-setup/lab): of which code, and when. */
export interface LastRun {
  readonly code: string;
  readonly at: string;
}

function lastRun({ metadata }: Cell): LastRun | undefined {
  const noted = metadata.vitrine as Partial<LastRun> | undefined;
  return typeof noted?.code === "string" && typeof noted.at === "string" ? (noted as LastRun) : undefined;
}

/** What JupyterLab notes of a cell's code. */
export const codeMark = (source: string): string => createHash("sha256").update(source).digest("hex").slice(0, 16);

const changedSince = (task: Cell): boolean => {
  const run = lastRun(task);
  return run !== undefined && run.code !== codeMark(sourceOf(task));
};

/** By the clock where both were noted; else by Jupyter's numbers, which begin at 1 again with each kernel. */
function ranAfter(task: Cell, check: Cell): boolean {
  const [a, b] = [lastRun(task), lastRun(check)];
  if (a && b) return a.at > b.at;
  return (task.execution_count ?? Infinity) > (check.execution_count ?? 0);
}

/** The newest archive with a sheet in it, in the folders where `submit` puts one. */
function packedIn(folders: readonly string[], name: string, file: string): Packed | undefined {
  const found = [...new Set(folders.map((folder) => join(folder, archiveName(name))))].flatMap((archive) => {
    const manifest = existsSync(archive) ? manifestOf(archive) : undefined;
    return manifest?.sheet === name ? [{ archive, manifest }] : [];
  });
  if (found.length === 0) return undefined;
  const { archive, manifest } = found.reduce((a, b) => (a.manifest.created >= b.manifest.created ? a : b));
  const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
  return { file: archive, at: manifest.created, current: manifest.notebook.sha256 === sha256 };
}

const megabyte = 2 ** 20;

/** undefined for what is no archive of ours. */
function manifestOf(archive: string): SubmissionManifest | undefined {
  try {
    if (statSync(archive).size > 100 * megabyte) return undefined;
    const entries = unzipSync(readFileSync(archive), {
      filter: ({ name, originalSize }) => name === "manifest.json" && originalSize < megabyte,
    });
    const manifest = JSON.parse(strFromU8(entries["manifest.json"])) as SubmissionManifest;
    return manifest.format === "vitrine-submission" ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param copy a sheet, and the student's copy of it
 * @param folders where archives may lie beside the copy's own folder
 */
export function stateOfSheet(copy: SheetCopy, folders: readonly string[] = []): SheetState {
  const { name, file, problem, notebook, released } = copy;
  const cells = writtenIn(released.notebook, notebook);
  const tasks = cells
    .filter(({ cell }) => isTask(cell))
    .map(({ cell, written }): TaskState => ({ id: idOf(cell), written }));
  const answers = cells
    .filter(({ cell }) => isAnswer(cell))
    .map(({ cell, written }): AnswerState => {
      const points = pointsOf(cell);
      return { id: idOf(cell), written, points, bonus: points === 0 };
    });
  const none = { cells: [] as Cell[] } as Notebook;
  const mine = { file: file ?? "", name, released, notebook: notebook ?? none };
  const checks = checksIn(mine, notebook && passedBefore(mine));
  const begun = [...tasks, ...answers].some(({ written }) => written !== "untouched");
  const done =
    tasks.every(({ written }) => written === "written") &&
    checks.every(({ state }) => state === "passed") &&
    answers.every(({ written, bonus }) => bonus || written === "written");
  return {
    name,
    ...wordsOf(released.notebook),
    points: released.notebook.cells.reduce((sum, cell) => sum + pointsOf(cell), 0),
    file,
    problem,
    tasks,
    checks,
    answers,
    stage: notebook === undefined || !begun ? "not begun" : done ? "done" : "begun",
    packed: file !== undefined && notebook ? packedIn([...folders, dirname(file)], name, file) : undefined,
  };
}

/** The sheet's first words: its title, what it is about, and how long it takes where it says so. */
export function wordsOf({ cells }: Notebook): Pick<SheetState, "title" | "about" | "time"> {
  const text = cells.filter(({ cell_type }) => cell_type === "markdown").map(sourceOf)[0] ?? "";
  const paragraphs = text.split(/\n\s*\n/).map((each) => each.replace(/\s+/g, " ").trim());
  // A title in another language stands in italics; what follows in bold is a list's heading.
  const about = paragraphs.find((each) => each !== "" && !/^(#|\*|\||-|>|<|Time( needed)? ?[:·])/.test(each)) ?? "";
  return {
    title: /^# +(.*)/m.exec(text)?.[1].trim() ?? "",
    about: plain(about),
    time: /^[ *_]*Time(?: needed)?[ *_:]*(?::|·)[ *_:]*(.+?)[ .*_]*$/im.exec(text)?.[1],
  };
}

/** Markdown's marks in a sentence: emphasis, code, links. */
const plain = (markdown: string): string =>
  markdown.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/(\*\*|__|\*|`)(\S.*?)\1/g, "$2");
