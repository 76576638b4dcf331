import { helpText, parseCommand, UsageError, wantsHelp, type Command } from "vitrine/dist/kit";
import { timeOf } from "../class/times";
import { courseFlag, sheetWords, studentsFlag, studentsIn } from "./course-flags";

export const summary = "grade a class's submissions of a sheet against the hidden tests";

const command = {
  name: "grade",
  summary,
  positionals: ["SHEET"],
  flags: {
    from: {
      type: "text",
      value: "DIR|ZIP",
      help: "take in a Moodle or Canvas download, or folders STUDENT/SHEET/, first (default: what is in submitted/)",
    },
    ...studentsFlag,
    jobs: { type: "integer", least: 1, help: "how many at once (an integer ≥ 1; default: by processors and memory)" },
    slurm: { type: "switch", help: "as an array of Slurm jobs instead of on this machine" },
    partition: { type: "text", value: "NAME", help: "Slurm's partition (default: Slurm's own)" },
    force: { type: "switch", help: "also what has not changed since it was graded" },
    due: {
      type: "text",
      value: "TIME",
      help: "when it was due: 2026-11-30T23:59 is local time; kept for the next time (default: what was kept)",
    },
    "late-penalty": {
      type: "number",
      least: 0,
      most: 100,
      value: "PERCENT",
      help: "of the sheet's points, for every day begun after that (a number from 0 to 100; default: 0); kept",
    },
    grace: {
      type: "number",
      least: 0,
      value: "MINUTES",
      help: "after the due time that cost nothing (a number ≥ 0; default: 0); kept",
    },
    seed: {
      type: "integer",
      help: "of the hidden tests' random inputs (an integer; default: by the sheet's name); kept",
    },
    ...courseFlag,
    "no-gradebook": { type: "switch", help: "leave nbgrader's gradebook alone" },
    unsafe: { type: "switch", help: "without a sandbox: students' code gets your rights" },
  },
  examples: [
    "grade 4 --from download.zip --due 2026-11-30T23:59 --late-penalty 10",
    "grade occlusion --students ann,bob --force",
  ],
  notes: [
    sheetWords,
    "Results: COURSE/results/STUDENT/SHEET/results.json, COURSE/reports/SHEET/, and nbgrader's gradebook. " +
      "docs/grading.md says more.",
  ],
} satisfies Command;

export async function run(args: string[]): Promise<number> {
  if (wantsHelp(args)) {
    process.stdout.write(`${helpText(command)}\n`);
    return 0;
  }
  const {
    flags,
    positionals: [sheet],
  } = parseCommand(command, args);
  if (flags.partition !== undefined && !flags.slurm) throw new UsageError("--partition goes with --slurm.");
  const due = flags.due === undefined ? undefined : timeOf(flags.due);
  if (flags.due !== undefined && !due)
    throw new UsageError(
      `--due is "${flags.due}"; allowed: a day and a time like 2026-11-30T23:59 (local) or 2026-11-30T23:59Z.`,
    );
  const { runGrade } = await import("../class/run-grade");
  return runGrade({
    sheet,
    course: flags.course,
    from: flags.from,
    students: studentsIn(flags.students),
    jobs: flags.jobs,
    slurm: flags.slurm ? { partition: flags.partition } : undefined,
    force: flags.force,
    unsafe: flags.unsafe,
    gradebook: !flags["no-gradebook"],
    settings: { due: due?.toISOString(), penalty: flags["late-penalty"], grace: flags.grace, seed: flags.seed },
  });
}
