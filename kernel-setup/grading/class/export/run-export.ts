import { join } from "node:path";
import sumBy from "lodash/sumBy";
import { escapeHtml, writeAtomically } from "vitrine/dist/kit";
import { classResults, type Submission } from "../class-results";
import { courseAt, knownSheet } from "../course";
import type { GradeCell } from "../sheet-cells";
import { short } from "../summary";
import { csv } from "./csv";

export const formats = ["moodle", "canvas", "plain"] as const;
export type Format = (typeof formats)[number];

type Row = (string | number)[];

export interface ExportOptions {
  sheet: string;
  format: Format;
  /** Where to. Default: `reports/SHEET/grades-FORMAT.csv`. */
  out?: string;
  course?: string;
  /** Also what people have not graded to the end, with the points so far. Default: such grades stay empty. */
  partial: boolean;
  /** The assignment's name on the platform. Default: the sheet's. */
  assignment?: string;
}

/** `npx vitrine export`. @returns the exit status */
export async function runExport({
  sheet: word,
  format,
  out,
  course: folder,
  partial,
  assignment: named,
}: ExportOptions): Promise<number> {
  const course = courseAt(folder),
    sheet = knownSheet(course, word),
    assignment = named ?? sheet;
  const { cells, submissions, remarks } = await classResults(course, sheet);
  const table = { moodle: moodleTable, canvas: canvasTable, plain: plainTable }[format](submissions, cells, {
    partial,
    assignment,
  });
  const path = out ?? join(course.reports(sheet), `grades-${format}.csv`);
  await writeAtomically(path, csv(table));
  const count = (status: string): number => submissions.filter(({ grade }) => grade.status === status).length;
  const left = [
    count("error") && `${count("error")} with an error (left empty)`,
    count("open") && `${count("open")} not graded to the end (${partial ? "points so far" : "left empty"})`,
  ]
    .filter(Boolean)
    .join(", ");
  process.stdout.write(`${path}: ${submissions.length} submissions${left ? `; ${left}` : ""}\n`);
  for (const remark of remarks) process.stderr.write(`${remark}\n`);
  const above = format === "moodle" ? aboveMaximum(submissions, { partial, assignment }) : undefined;
  if (above) process.stderr.write(`${above}\n`);
  return 0;
}

interface TableOptions {
  partial: boolean;
  assignment: string;
}

/** A number only where there is a grade: an empty field is no grade, for Moodle and for Canvas. */
const total = ({ grade }: Submission, { partial }: TableOptions): number | "" =>
  grade.status === "graded" || (partial && grade.status === "open") ? grade.total : "";

/**
 * Moodle leaves out, and does not say so, what is more than its assignment's maximum: `update_grade` of mod_assign.
 * @returns a line where extra credit leads there
 */
export function aboveMaximum(submissions: readonly Submission[], options: TableOptions): string | undefined {
  const { max } = submissions[0].grade,
    above = submissions.map((each) => Number(total(each, options))).filter((points) => points > max);
  if (above.length === 0) return undefined;
  return (
    `${above.length} of ${submissions.length} have more than the sheet's ${short(max)} points (extra credit). ` +
    `Moodle takes no grade above its assignment's maximum, and does not say so: set that to ` +
    `${Math.ceil(Math.max(...above))} or more before the upload.`
  );
}

const words = ({ grade, results }: Submission): string =>
  grade.status === "error" ? `error: ${results.vitrine.reason ?? "a task could not be graded"}` : grade.status;

/**
 * Moodle's grading worksheet (Assignment → Upload grading worksheet): students by participant number; comments are HTML
 * there. Moodle takes no file without the time of the last grade; an empty one is older than any grade that is there.
 */
export function moodleTable(
  submissions: readonly Submission[],
  _cells: readonly GradeCell[],
  options: TableOptions,
): Row[] {
  return [
    ["Identifier", "Full name", "Status", "Grade", "Maximum grade", "Last modified (grade)", "Feedback comments"],
    ...submissions.map((each): Row => [
      each.roster.platform === "moodle" ? `Participant ${each.roster.number}` : each.student,
      each.roster.name,
      words(each),
      total(each, options),
      each.grade.max,
      "",
      escapeHtml(feedbackText(each)),
    ]),
  ];
}

/** Canvas's gradebook (Gradebook → Import): students by Canvas's number. */
export function canvasTable(
  submissions: readonly Submission[],
  _cells: readonly GradeCell[],
  options: TableOptions,
): Row[] {
  const points: Row = ["    Points Possible", "", "", "", "", submissions[0].grade.max];
  return [
    ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", options.assignment],
    points,
    ...submissions.map((each): Row => [
      each.roster.name,
      each.roster.platform === "canvas" ? (each.roster.number ?? "") : "",
      each.roster.platform === "canvas" ? "" : each.student,
      "",
      "",
      total(each, options),
    ]),
  ];
}

/** All there is, a column for each cell with points. */
export function plainTable(
  submissions: readonly Submission[],
  cells: readonly GradeCell[],
  options: TableOptions,
): Row[] {
  return [
    [
      "student",
      "name",
      "status",
      ...cells.map(({ cell, points }) => `${cell} /${short(points)}`),
      "extra",
      "late days",
      "penalty",
      "total",
      "maximum",
      "reason",
    ],
    ...submissions.map((each): Row => [
      each.student,
      each.roster.name,
      each.grade.status,
      ...each.grade.cells.map(({ points, status }) => points ?? status),
      sumBy(each.grade.cells, ({ extra }) => extra),
      each.grade.late.days,
      each.grade.late.points,
      total(each, options),
      each.grade.max,
      feedbackText(each),
    ]),
  ];
}

function feedbackText({ grade }: Submission): string {
  const lost = grade.cells.flatMap(({ cell, points, reason, comment }) => [
    ...(points !== undefined && points < cell.points
      ? [`${cell.title} −${short(cell.points - points)}${reason ? `: ${reason.replace(/\s+/g, " ")}` : ""}`]
      : []),
    ...(comment ? [`${cell.title}, comment: ${comment}`] : []),
  ]);
  return [...lost, ...(grade.late.points ? [`late by ${grade.late.days} d: −${short(grade.late.points)}`] : [])].join(
    "; ",
  );
}
