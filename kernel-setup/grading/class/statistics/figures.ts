import meanBy from "lodash/meanBy";
import orderBy from "lodash/orderBy";
import { NO_GRADIENT } from "../../judge/student-fault";
import type { Graded } from "../grade-class";
import type { Results, TaskResult } from "../results";
import { maximum, type GradeCell } from "../sheet-cells";
import { summaryRows } from "../summary";

/** How a class did in one task. */
export interface TaskStatistics {
  cell: GradeCell;
  full: number;
  some: number;
  none: number;
  error: number;
  mean: number;
  /** Reasons for lost points, the commonest first. */
  reasons: { reason: string; count: number }[];
}

export function taskStatistics({ cells, results }: Graded): TaskStatistics[] {
  return cells
    .filter(({ by }) => by === "judge")
    .map((cell) => {
      const handedIn = [...results.values()].filter(({ vitrine }) => !vitrine.waiting);
      const tasks = handedIn.map(({ vitrine }) => vitrine.tasks.find((task) => task.cell === cell.cell));
      const graded = tasks.filter((task) => task && task.status !== "error");
      const counts = new Map<string, number>();
      for (const [i, task] of tasks.entries()) {
        if (!task || task.status === "error" || task.points >= cell.points) continue;
        for (const reason of reasonsOf(handedIn[i], task))
          counts.set(alike(reason), (counts.get(alike(reason)) ?? 0) + 1);
      }
      const count = (wanted: (points: number) => boolean): number =>
        graded.filter((task) => wanted(task!.points)).length;
      return {
        cell,
        full: count((points) => points >= cell.points),
        some: count((points) => points > 0 && points < cell.points),
        none: count((points) => points === 0),
        error: tasks.length - graded.length,
        mean: meanBy(graded, (task) => task!.points),
        reasons: orderBy(
          Array.from(counts, ([reason, times]) => ({ reason, count: times })),
          ({ count }) => count,
          "desc",
        ).slice(0, 4),
      };
    });
}

/** Why a task's parts have no points, each once. */
function reasonsOf({ tests }: Results, { task, reason }: TaskResult): Set<string> {
  const parts = tests.filter(
    ({ name, status, output }) => name.startsWith(`${task}: `) && status === "failed" && output,
  );
  return new Set((parts.length > 0 ? parts.map(({ output }) => output) : [reason]).map(withoutOwnWords));
}

/** What the student's own code says may be anything, also a name: of it only the kind of error is shown to a class. */
export function withoutOwnWords(reason: string): string {
  if (reason.trim() === NO_GRADIENT) return reason;
  return reason
    .trim()
    .replace(/(Your function stopped with an error|that compiles): ([^]*)/, (_, start: string, own: string) => {
      const kind = /^(?:Type|Range|Reference|Syntax)Error(?=: )/.exec(own);
      return kind ? `${start}: ${kind[0]}` : start;
    });
}

/** The same mistake with other numbers is the same mistake. */
const alike = (reason: string): string =>
  reason
    .trim()
    .replace(/(?<![\w-])[-−]?\d+(?:\.\d+)?(?:e[-+]?\d+)?/gi, "…")
    .slice(0, 160);

const layout = (xTitle: string, yTitle: string, more: object = {}): object => ({
  height: 300,
  margin: { l: 70, r: 20, t: 10, b: 50 },
  paper_bgcolor: "rgba(0,0,0,0)",
  plot_bgcolor: "rgba(0,0,0,0)",
  font: { family: "'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif", size: 13, color: "#3c4249" },
  xaxis: { title: { text: xTitle }, gridcolor: "#e6e9ec", zeroline: false },
  yaxis: { title: { text: yTitle }, gridcolor: "#e6e9ec", zeroline: false },
  bargap: 0.15,
  ...more,
});

/** Plotly's figures of a class, by the id of the place they go to. No name of a student is in them. */
export function classFigures(graded: Graded): Record<string, { data: object[]; layout: object }> {
  const statistics = taskStatistics(graded),
    rows = summaryRows(graded),
    most = maximum(graded.cells.filter(({ by }) => by === "judge"));
  const scores = rows.filter(({ status }) => status === "graded").map(({ score }) => score),
    // Extra credit leads beyond what the sheet is worth.
    top = Math.max(most, ...scores),
    bin = top <= 15 ? 0.5 : Math.ceil(top / 30);
  const titles = statistics.map(({ cell }) => cell.title);
  const share = (name: string, color: string, pick: (each: TaskStatistics) => number): object => ({
    type: "bar",
    orientation: "h",
    name,
    y: titles,
    x: statistics.map(pick),
    marker: { color },
    hovertemplate: `%{y}: %{x} with ${name}<extra></extra>`,
  });
  return {
    tasks: {
      data: [
        share("all points", "#009E73", (each) => each.full),
        share("some", "#E69F00", (each) => each.some),
        share("none", "#D55E00", (each) => each.none),
        share("an error", "#8a9199", (each) => each.error),
      ],
      layout: layout("submissions", "", {
        barmode: "stack",
        height: 110 + 44 * titles.length,
        yaxis: { autorange: "reversed" },
        legend: { orientation: "h", y: 1.02, yanchor: "bottom", traceorder: "normal" },
        margin: { l: 70, r: 20, t: 40, b: 50 },
      }),
    },
    scores: {
      data: [
        {
          type: "histogram",
          x: scores,
          xbins: { start: -bin / 2, end: top + 2 * bin, size: bin },
          marker: { color: "#0072B2" },
          hovertemplate: "%{x} points: %{y}<extra></extra>",
        },
      ],
      layout: layout(`points from the judge, of ${most}`, "submissions", {
        xaxis: {
          title: { text: `points from the judge, of ${most}` },
          range: [-0.7, top + 0.7],
          gridcolor: "#e6e9ec",
        },
      }),
    },
    times: {
      data: [
        {
          type: "histogram",
          x: rows.map(({ seconds }) => seconds).filter((seconds) => seconds > 0),
          xbins: { start: 0, size: 0.5 },
          marker: { color: "#56B4E9" },
          hovertemplate: "%{x} s: %{y}<extra></extra>",
        },
      ],
      layout: layout("seconds that grading took", "submissions", {
        xaxis: { title: { text: "seconds that grading took" }, rangemode: "tozero", gridcolor: "#e6e9ec" },
      }),
    },
  };
}
