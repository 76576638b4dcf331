import meanBy from "lodash/meanBy";
import { csv } from "./export/csv";
import type { Graded } from "./grade-class";
import { lateness, type Lateness } from "./course";
import { maximum } from "./sheet-cells";
import { clip, oneLine } from "./words";

/** One submission, as a person reads of it. */
export interface SummaryRow {
  student: string;
  name: string;
  status: "graded" | "error" | "waiting";
  /** By cell with points that the judge gives; undefined where there is no result. */
  points: Map<string, number | undefined>;
  score: number;
  late: Lateness;
  seconds: number;
  /** MiB that grading took at the most, where it came so far. */
  memoryMiB?: number;
  /** Why points were lost: `Task 1 −1.5: the map differs`. */
  reasons: string[];
}

export function summaryRows({ cells, roster, settings, results, remarks }: Graded): SummaryRow[] {
  const judged = cells.filter(({ by }) => by === "judge");
  return [...results].map(([student, { score, execution_time: seconds, vitrine }]) => {
    const tasks = new Map(vitrine.tasks.map((task) => [task.cell, task]));
    const reasons = judged.flatMap(({ cell, title, points }) => {
      const task = tasks.get(cell);
      if (!task || task.status === "error")
        return vitrine.status === "error" && vitrine.tasks.every(({ status }) => status === "error")
          ? []
          : [`${title}: error: ${oneLine(task?.reason || "there is no result")}`];
      return task.points < points ? [`${title} −${short(points - task.points)}: ${oneLine(task.reason)}`] : [];
    });
    if (vitrine.status === "error" && reasons.length === 0)
      reasons.push(`${vitrine.waiting ? "" : "error: "}${oneLine(vitrine.reason ?? "")}`);
    const remark = remarks?.get(student);
    for (const note of [...(remark ? [remark] : []), ...(roster[student].notes ?? [])])
      reasons.push(`note: ${oneLine(note)}`);
    return {
      student,
      name: roster[student].name,
      status: vitrine.waiting ? "waiting" : vitrine.status,
      score,
      late: lateness(settings, roster[student], maximum(cells)),
      seconds,
      memoryMiB: vitrine.memoryMiB,
      reasons,
      points: new Map(
        judged.map(({ cell }) => [cell, tasks.get(cell)?.status === "error" ? undefined : tasks.get(cell)?.points]),
      ),
    };
  });
}

/** The table for a terminal: who of those asked for got what, and below it why points were lost. */
export function summaryText(graded: Graded): string {
  const { asked = [...graded.results.keys()] } = graded,
    all = summaryRows(graded);
  const rows = all.filter(({ student }) => asked.includes(student)),
    judged = graded.cells.filter(({ by }) => by === "judge"),
    most = maximum(judged);
  const head = [
    "student",
    ...judged.map(({ title, points }) => `${title} /${short(points)}`),
    `judge /${short(most)}`,
    "late",
    "s",
    "status",
  ];
  const body = rows.map(({ student, points, score, late, seconds, status }) => [
    clip(student, 32),
    ...judged.map(({ cell }) => (points.get(cell) === undefined ? missing(status) : short(points.get(cell)!))),
    status !== "graded" && score === 0 ? status : short(score),
    late.days ? `${late.days} d${late.points ? ` −${short(late.points)}` : ""}` : "",
    seconds ? seconds.toFixed(1) : "",
    status,
  ]);
  const widths = head.map((title, i) =>
    Math.max(...[title, ...body.map((row) => row[i])].map((text) => [...text].length)),
  );
  const line = (row: string[]): string =>
    row
      .map((text, i) =>
        i === 0 || i === row.length - 1
          ? text.padEnd(widths[i] + text.length - [...text].length)
          : text.padStart(widths[i]),
      )
      .join("  ")
      .trimEnd();
  const reasons = rows.flatMap(({ student, reasons }) => reasons.map((reason) => `  ${clip(student, 32)}: ${reason}`));
  return [
    line(head),
    ...body.map(line),
    ...(reasons.length > 0 ? ["", "Why points were lost:", ...reasons] : []),
    "",
    totals(graded, all, most),
  ].join("\n");
}

function totals({ results, fresh, cells, asked }: Graded, rows: readonly SummaryRow[], judge: number): string {
  const count = (wanted: string): number => rows.filter(({ status }) => status === wanted).length;
  const graded = rows.filter(({ status }) => status === "graded"),
    errors = count("error"),
    waiting = count("waiting");
  const others = [...results.values()].filter(({ vitrine }) => vitrine.otherSheet).length,
    wrong = others ? ` (${others} of another sheet)` : "";
  const mean =
    graded.length > 0 ? `; mean ${short(meanBy(graded, ({ score }) => score))} of ${short(judge)} from the judge` : "";
  const most = Math.max(0, ...rows.map(({ memoryMiB = 0 }) => memoryMiB)),
    memory = most > 0 ? ` Memory of one job: ${most} MiB at the most.` : "";
  const byPeople = cells.filter(({ by, points }) => by === "person" && points > 0).length;
  const apart = results.size - (asked?.length ?? results.size),
    notAsked = apart > 0 ? `, ${apart} not asked for` : "";
  const notYet = waiting ? `, ${waiting} not graded yet` : "";
  return (
    `${results.size} submissions: ${graded.length} graded, ${errors} with an error${wrong}${notYet}; ` +
    `${fresh.length} graded now, ${results.size - apart - fresh.length} unchanged${notAsked}${mean}.${memory}` +
    (byPeople > 0 ? `\n${byPeople} answers of each are for a person to grade: npm start -- --grade` : "")
  );
}

/** The same for a spreadsheet. */
export function summaryCsv(graded: Graded): string {
  const judged = graded.cells.filter(({ by }) => by === "judge");
  return csv([
    [
      "student",
      "name",
      "status",
      ...judged.map(({ cell }) => cell),
      "judge",
      "late days",
      "late penalty",
      "seconds",
      "memory MiB",
      "reasons",
    ],
    ...summaryRows(graded).map(({ student, name, status, points, score, late, seconds, memoryMiB, reasons }) => [
      student,
      name,
      status,
      ...judged.map(({ cell }) => points.get(cell) ?? missing(status)),
      status !== "graded" && score === 0 ? status : score,
      late.days,
      late.points,
      seconds,
      memoryMiB ?? "",
      reasons.join("; "),
    ]),
  ]);
}

const missing = (status: SummaryRow["status"]): string => (status === "waiting" ? "waiting" : "error");
export const short = (value: number): string => String(Number(value.toFixed(2)));
