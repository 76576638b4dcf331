// What `npx vitrine check` found last, kept beside the environment: it holds for exactly the code that it ran.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { projectRoot, writeAtomically } from "vitrine/dist/kit";
import { sourceOf } from "./notebook";
import type { StudentSheet } from "./student-sheet";

interface CheckRecord {
  /** The notebook's path. */
  readonly file: string;
  readonly code: string;
  /** By the check's name. */
  readonly passed: Readonly<Record<string, boolean>>;
}

/** Of what a check depends on: the student's code, and the cells as they were handed out. */
export function codeOf({ notebook, released }: Pick<StudentSheet, "notebook" | "released">): string {
  const locked = new Set(
    released.notebook.cells.filter(({ metadata }) => metadata.nbgrader?.locked).map(({ id }) => id),
  );
  const code = [
    ...notebook.cells.filter(({ cell_type, id }) => cell_type === "code" && !locked.has(id)),
    ...released.notebook.cells.filter(({ cell_type, id }) => cell_type === "code" && locked.has(id)),
  ];
  return hash(JSON.stringify(code.map((cell) => [cell.id, sourceOf(cell)])));
}

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

const recordOf = (file: string): string =>
  join(projectRoot(), ".venv", "vitrine", "checked", `${hash(resolve(file)).slice(0, 24)}.json`);

/** Keeps which checks passed; where it cannot be kept, the next question is answered from the notebook alone. */
export async function keepPassed({ file }: StudentSheet, record: Omit<CheckRecord, "file">): Promise<void> {
  const kept = recordOf(file);
  try {
    mkdirSync(dirname(kept), { recursive: true });
    forgetGone(dirname(kept));
    await writeAtomically(kept, JSON.stringify({ ...record, file: resolve(file) } satisfies CheckRecord));
  } catch {}
}

/** Records of notebooks that are not there any more. */
function forgetGone(folder: string): void {
  for (const name of readdirSync(folder)) {
    const { file } = JSON.parse(readFileSync(join(folder, name), "utf8")) as Partial<CheckRecord>;
    if (file === undefined || !existsSync(file)) rmSync(join(folder, name), { force: true });
  }
}

/** Which checks passed when `check` ran this very code; undefined where it did not. */
export function passedBefore(sheet: StudentSheet): Record<string, boolean> | undefined {
  try {
    const record = JSON.parse(readFileSync(recordOf(sheet.file), "utf8")) as CheckRecord;
    return record.code === codeOf(sheet) ? record.passed : undefined;
  } catch {
    return undefined;
  }
}
