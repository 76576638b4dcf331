import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  helpText,
  parseCommand,
  wantsHelp,
  type Command,
  projectRoot,
  runScript,
  VitrineError,
} from "vitrine/dist/kit";
import { codeOf, keepPassed } from "../sheet/check-record";
import { readNotebook } from "../sheet/notebook";
import { notebookWords, openStudentSheet, sheetList, type StudentSheet } from "../sheet/student-sheet";

export const summary = "run a sheet's checks without opening it";

const command = {
  name: "check",
  summary,
  positionals: ["NOTEBOOK?"],
  flags: { all: { type: "switch", help: "run every cell, also those that only show something (slower)" } },
  examples: ["check 0", "check my-copy.ipynb --all"],
  notes: [
    notebookWords,
    "Runs your code and the checks below it in a fresh kernel and prints what they say; read-only cells are taken as " +
      "they were handed out. Exit status 0 if every check passes, else 1.",
  ],
} satisfies Command;

export async function run(args: string[]): Promise<number> {
  if (wantsHelp(args)) {
    process.stdout.write(`${helpText(command)}\n`);
    return 0;
  }
  const {
    flags,
    positionals: [given],
  } = parseCommand(command, args);
  const list = given === undefined ? sheetList("check") : undefined;
  if (list !== undefined) {
    process.stdout.write(`${list}\n`);
    return 2;
  }
  const sheet = openStudentSheet(given);
  const script = join(projectRoot(), "kernel-setup", "setup", "execute", "check.mjs");
  if (!existsSync(script))
    throw new VitrineError(`${script} is missing: sheets can be checked only in a folder of the course.`);
  process.stdout.write(`${sheet.name} (${sheet.file})\n`);
  const folder = mkdtempSync(join(tmpdir(), "vitrine-check-"));
  try {
    const results = join(folder, "results.json");
    const words = [sheet.file, sheet.released.file, "--results", results, ...(flags.all ? ["--all"] : [])];
    const { status } = await runScript(script, words, { shown: true });
    await remember(sheet, results);
    return status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** For `npx vitrine status` and the start page; not where the notebook was changed while the checks ran. */
async function remember(sheet: StudentSheet, results: string): Promise<void> {
  if (!existsSync(results)) return;
  const code = codeOf(sheet);
  if (code !== codeOf({ ...sheet, notebook: readNotebook(sheet.file) })) return;
  await keepPassed(sheet, { code, passed: JSON.parse(readFileSync(results, "utf8")) as Record<string, boolean> });
}
