import { helpText, parseCommand, wantsHelp, type Command } from "vitrine/dist/kit";
import { courseFlag, sheetWords, studentsFlag, studentsIn } from "./course-flags";

export const summary = "write one page for each student: points, reasons, comments, plots";

const command = {
  name: "feedback",
  summary,
  positionals: ["SHEET"],
  flags: { ...studentsFlag, ...courseFlag },
  examples: ["feedback 4", "feedback warm-up --students ann,bob"],
  notes: [
    sheetWords,
    "Pages: COURSE/feedback/STUDENT/SHEET/SHEET.html. They have no scripts, nothing of the hidden tests and " +
      "nothing of other students.",
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
  const { runFeedback } = await import("../class/feedback/run-feedback");
  return runFeedback({ sheet, students: studentsIn(flags.students), course: flags.course });
}
