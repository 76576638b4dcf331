import { existsSync } from "node:fs";
import { badInput, nearNames } from "vitrine/dist/kit";
import { knownSheet, type Course, readSettings } from "./course";
import { finalGrade, type FinalGrade } from "./final-grade";
import { defaultSeed, judgeFingerprint, sha256 } from "./fingerprint";
import { readGradebook, type GradebookEntry } from "./gradebook";
import { readResults, resultsFile, type Results } from "./results";
import { notebookIn, readRoster, type RosterEntry } from "./roster";
import { gradeCells, type GradeCell } from "./sheet-cells";
import { firstLines } from "./words";

/** All that is known of one graded submission. */
export interface Submission {
  student: string;
  roster: RosterEntry;
  results: Results;
  entry?: GradebookEntry;
  grade: FinalGrade;
}

/**
 * The submissions of a sheet that were graded, with what people said in the gradebook; and in words, who is not among
 * them, whose notebook is another one now, and who was graded by another sheet or grader.
 * @throws BadInputError if there are none, or one asked for is not among them
 */
export async function classResults(
  course: Course,
  word: string,
  students?: readonly string[],
): Promise<{ cells: GradeCell[]; submissions: Submission[]; remarks: string[] }> {
  const sheet = knownSheet(course, word);
  const { roster } = readRoster(course, sheet),
    cells = gradeCells(course, sheet),
    settings = readSettings(course, sheet);
  const there = Object.keys(roster).filter((student) => existsSync(resultsFile(course, student, sheet)));
  if (there.length === 0)
    badInput({
      what: "graded submissions",
      got: 0,
      allowed: "at least one",
      remedy: `npx vitrine grade ${sheet} comes first.`,
    });
  for (const student of students ?? [])
    if (!there.includes(student))
      badInput({
        what: "--students",
        got: student,
        allowed: "students whose submissions were graded",
        remedy: `Did you mean ${nearNames(student, there).join(", ")}?`,
      });
  const book = await readGradebook(course, sheet);
  const submissions = there
    .filter((student) => !students || students.includes(student))
    .map((student) => {
      const results = readResults(resultsFile(course, student, sheet)),
        entry = Object.hasOwn(book, student) ? book[student] : undefined;
      return {
        student,
        roster: roster[student],
        results,
        entry,
        grade: finalGrade(cells, results, entry, roster[student], settings),
      };
    });
  const asked = (student: string): boolean => !students || students.includes(student);
  const missing = Object.keys(roster).filter((student) => asked(student) && !there.includes(student)),
    changed = submissions.filter((each) => isOld(course, sheet, each)).map(({ student }) => student);
  const judge = judgeFingerprint(course, sheet, settings.seed ?? defaultSeed(sheet));
  const others = submissions
    .filter((each) => !changed.includes(each.student) && isOfAnother(judge, course, sheet, each))
    .map(({ student }) => student);
  const remarks = [
    ...(missing.length > 0 ? [`not graded yet, and left out: ${some(missing)}`] : []),
    ...(others.length > 0 ? [`graded before the sheet, its hidden tests or the grader changed: ${some(others)}`] : []),
    ...(changed.length > 0 ? [`graded before the notebook that is there now: ${some(changed)}`] : []),
  ];
  return { cells, submissions, remarks: remarks.map((each) => `${each}. npx vitrine grade ${sheet} grades them.`) };
}

/** Was another notebook graded than the one that lies in `submitted/`? */
function isOld(course: Course, sheet: string, { student, roster, results: { vitrine } }: Submission): boolean {
  if (roster.problem !== undefined) return false;
  const now = notebookIn(course.submitted(student, sheet), sheet);
  return now !== null && (vitrine.notebookSha256 ? now !== vitrine.notebookSha256 : roster.overcome !== undefined);
}

/** Was it graded by another sheet or grader than those that there are now? What `grade` would grade again. */
function isOfAnother(
  judge: string,
  course: Course,
  sheet: string,
  { student, roster, results: { vitrine } }: Submission,
): boolean {
  const what = roster.problem ?? notebookIn(course.submitted(student, sheet), sheet);
  return vitrine.print !== undefined && what !== null && vitrine.print !== sha256(judge, what);
}

const some = (names: readonly string[]): string => firstLines(names, 20).join(", ");
