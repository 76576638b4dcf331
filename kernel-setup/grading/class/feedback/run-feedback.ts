import { join } from "node:path";
import { startProgress, writeAtomically } from "vitrine/dist/kit";
import { classResults } from "../class-results";
import { courseAt, knownSheet } from "../course";
import { notebookParts } from "./notebook-parts";
import { oneLine } from "../words";
import { feedbackPage } from "./page";

export interface FeedbackOptions {
  sheet: string;
  students?: string[];
  course?: string;
}

/** `npx vitrine feedback`: one page for each student, where nbgrader has its own. @returns the exit status */
export async function runFeedback({ sheet: word, students, course: folder }: FeedbackOptions): Promise<number> {
  const course = courseAt(folder),
    sheet = knownSheet(course, word);
  const { submissions, remarks } = await classResults(course, sheet, students);
  const failed: string[] = [];
  const progress = startProgress({ label: `feedback on ${sheet}`, total: submissions.length });
  try {
    for (const submission of submissions) {
      try {
        const parts = await notebookParts(course, submission.student, sheet);
        await writeAtomically(
          join(course.feedback(submission.student, sheet), `${sheet}.html`),
          feedbackPage(sheet, submission, parts),
        );
      } catch (error) {
        // One page that cannot be made is no reason for the others to have none.
        failed.push(`${submission.student}: ${oneLine((error as Error).message)}`);
      }
      progress.advance();
    }
  } finally {
    progress.end();
  }
  const open = submissions.filter(({ grade }) => grade.status === "open").length;
  for (const each of failed) process.stderr.write(`no page: ${each}\n`);
  for (const remark of remarks) process.stderr.write(`${remark}\n`);
  const pages = join(course.root, "feedback", "STUDENT", sheet, `${sheet}.html`),
    unfinished = open ? `; ${open} of submissions that a person has not graded to the end` : "";
  process.stdout.write(`${submissions.length - failed.length} pages: ${pages}${unfinished}\n`);
  return failed.length > 0 ? 1 : 0;
}
