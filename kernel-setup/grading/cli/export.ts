import { helpText, parseCommand, UsageError, wantsHelp, type Command } from "vitrine/dist/kit";
import { courseFlag, sheetWords } from "./course-flags";

export const summary = "write a sheet's grades as CSV for Moodle, Canvas or a spreadsheet";

const formats = ["moodle", "canvas", "plain"] as const;

const command = {
  name: "export",
  summary,
  positionals: ["SHEET"],
  flags: {
    format: { type: "text", value: "moodle|canvas|plain", required: true, help: "for whom" },
    out: { type: "text", value: "FILE.csv", help: "where to (default: COURSE/reports/SHEET/grades-FORMAT.csv)" },
    assignment: { type: "text", value: "NAME", help: "the assignment's name in Canvas (default: the sheet's)" },
    partial: {
      type: "switch",
      help: "also submissions that a person has not graded to the end, with the points so far",
    },
    ...courseFlag,
  },
  examples: ["export 4 --format moodle", 'export occlusion --format canvas --assignment "Sheet 4" --out grades.csv'],
  notes: [sheetWords, "A submission with an error, or not graded to the end, has an empty grade, which is not 0."],
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
  const format = formats.find((each) => each === flags.format);
  if (!format) throw new UsageError(`--format is "${flags.format}"; allowed: ${formats.join(", ")}.`);
  // What has another name is no table of grades, and would be lost.
  if (flags.out !== undefined && !/\.csv$/i.test(flags.out))
    throw new UsageError(`--out is "${flags.out}"; allowed: a file whose name ends with .csv.`);
  const { runExport } = await import("../class/export/run-export");
  return runExport({
    sheet,
    format,
    out: flags.out,
    course: flags.course,
    partial: flags.partial,
    assignment: flags.assignment,
  });
}
