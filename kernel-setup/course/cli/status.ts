import { dirname, relative, resolve } from "node:path";
import { helpText, parseCommand, projectRoot, wantsHelp, VitrineError, type Command } from "vitrine/dist/kit";
import { stateOfSheet, type SheetState } from "../sheet/sheet-state";
import { everySheet } from "../sheet/student-sheet";

export const summary = "how far your sheets are: tasks written, checks passed, answers missing";

const command = {
  name: "status",
  summary,
  flags: {
    work: { type: "text", value: "DIR", help: "the folder with your copies (default: notebooks/work)" },
    json: { type: "switch", help: "for programs: everything that is known of each sheet" },
  },
  examples: ["status", "status --json"],
  notes: [
    "Runs nothing: it reads your notebooks as they were last saved. A check counts as passed where it passed after " +
      "its task was last run or changed, in the notebook or by npx vitrine check.",
  ],
} satisfies Command;

export async function run(args: string[]): Promise<number> {
  if (wantsHelp(args)) {
    process.stdout.write(`${helpText(command)}\n`);
    return 0;
  }
  const { flags } = parseCommand(command, args);
  const copies = everySheet(flags.work === undefined ? undefined : resolve(flags.work));
  if (copies.length === 0) throw new VitrineError("No sheets are released here.");
  // Where `submit` puts an archive: the current folder, which is one of these for most.
  const folders = [
    process.cwd(),
    projectRoot(),
    ...copies.flatMap(({ file }) => (file ? [dirname(dirname(file))] : [])),
  ];
  const states = copies.map((copy) => stateOfSheet(copy, folders));
  process.stdout.write(flags.json ? `${JSON.stringify(states)}\n` : `${states.map(words).join("\n\n")}\n`);
  return 0;
}

const count = (all: readonly unknown[], some: readonly unknown[], what: string): string =>
  `${some.length} of ${all.length} ${what}${all.length === 1 ? "" : "s"}`;

/** A sheet in two or three lines. */
function words({ name, title, points, time, tasks, checks, answers, stage, packed, problem }: SheetState): string {
  const asked = answers.filter(({ bonus }) => !bonus);
  const done = [
    `${count(tasks, tasks.filter(isWritten), "task")} written`,
    `${count(
      checks,
      checks.filter(({ state }) => state === "passed"),
      "check",
    )} passed`,
    `${count(asked, asked.filter(isWritten), "answer")} written`,
  ];
  const state = problem ?? (stage === "not begun" ? "not begun" : done.join(", "));
  return [
    `${name}  ${title.replace(/^\d+ · /, "")} (${points} points${time ? `, ${time}` : ""})`,
    `  ${state}`,
    ...(packed ? [`  packed in ${relative("", packed.file)}${packed.current ? "" : "; changed since then"}`] : []),
  ].join("\n");
}

const isWritten = ({ written }: { written: string }): boolean => written === "written";
