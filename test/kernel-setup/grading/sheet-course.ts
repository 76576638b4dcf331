import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Proof, ValidateOptions } from "../../../kernel-setup/grading/sheet";
import { openCourse, type Sheet } from "../../../kernel-setup/grading/sheet/course";
import { newSheet } from "../../../kernel-setup/grading/sheet/new-sheet";
import { validateSheet } from "../../../kernel-setup/grading/sheet/validate";
import type { Cell, Notebook } from "../../../kernel-setup/course/sheet/notebook";

/** A scaffolded sheet in a course of its own. */
export function scaffolded(): { sheet: Sheet; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-sheet-test-"));
  return {
    sheet: newSheet(openCourse(folder), "06-where-maps-lie"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Changes a sheet's notebook as an author might. */
export function edit({ notebook }: Sheet, change: (cell: (id: string) => Cell, notebook: Notebook) => void): void {
  const parsed = JSON.parse(readFileSync(notebook, "utf8")) as Notebook;
  for (const each of parsed.cells) each.source = typeof each.source === "string" ? each.source : each.source.join("");
  change((id) => parsed.cells.find((each) => each.id === id)!, parsed);
  writeFileSync(notebook, JSON.stringify(parsed));
}

export const replace = (cell: Cell, from: string | RegExp, to: string): void => {
  cell.source = String(cell.source).replace(from, to);
};

export async function proofsOf(
  sheet: Sheet,
  options: ValidateOptions = { run: false, judge: false },
): Promise<Proof[]> {
  const proofs: Proof[] = [];
  for await (const proof of validateSheet(sheet, options)) proofs.push(proof);
  return proofs;
}

export const failures = (proofs: readonly Proof[]): string[] =>
  proofs.filter(({ holds }) => !holds).map(({ what, says }) => `${what}: ${says}`);
