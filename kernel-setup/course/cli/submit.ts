import { join, resolve } from "node:path";
import { helpText, parseCommand, wantsHelp, writeAtomically, type Command } from "vitrine/dist/kit";
import { notebookWords, openStudentSheet, sheetList } from "../sheet/student-sheet";
import { archiveName, packSubmission, remindersOf } from "../sheet/submission";

export const summary = "pack a sheet to hand in: one archive";

const command = {
  name: "submit",
  summary,
  positionals: ["NOTEBOOK?"],
  flags: {
    out: { type: "text", value: "FILE", help: "the archive (default: SHEET-submission.zip in the current folder)" },
  },
  examples: ["submit 4", "submit warm-up --out ann-warm-up.zip"],
  notes: [
    notebookWords,
    "The archive has the notebook as it was last saved, and a manifest: its SHA-256 and the versions that it was " +
      "made with. Hand in that one file.",
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
  const list = given === undefined ? sheetList("submit") : undefined;
  if (list !== undefined) {
    process.stdout.write(`${list}\n`);
    return 2;
  }
  const sheet = openStudentSheet(given);
  const { archive, manifest } = packSubmission(sheet);
  const file = resolve(flags.out ?? join(process.cwd(), archiveName(sheet.name)));
  await writeAtomically(file, archive);
  for (const words of remindersOf(sheet)) process.stdout.write(`· ${words}\n`);
  process.stdout.write(
    `${file}: ${sheet.name}, ${(archive.length / 1024).toFixed(0)} kB, SHA-256 of the notebook ` +
      `${manifest.notebook.sha256.slice(0, 12)}…\nHand in this file.\n`,
  );
  return 0;
}
