import type { Submission } from "../class-results";
import { noAnswer, type CellGrade } from "../final-grade";
import { escapeHtml } from "vitrine/dist/kit";
import { page } from "../html";
import { short } from "../summary";
import type { NotebookParts } from "./notebook-parts";

const said: Record<CellGrade["status"], string> = {
  passed: "all points",
  partial: "some points",
  failed: "no points",
  error: "could not be graded",
  open: "not graded yet",
};

/** What is said of the points, by what became of them. */
const pointsAre = { graded: "points", open: "points so far", error: "there was an error" };

/**
 * One student's feedback: a page without scripts, with nothing of anybody else's and nothing of the hidden tests but
 * their words.
 */
export function feedbackPage(sheet: string, submission: Submission, parts: NotebookParts): string {
  const { grade, results, roster } = submission;
  const cards = [
    `<div class="card"><b>${grade.status === "error" ? "–" : short(grade.total)} / ${short(grade.max)}</b><span ` +
      `class="soft">${pointsAre[grade.status]}</span></div>`,
    ...(grade.late.days
      ? [
          `<div class="card"><b>−${short(grade.late.points)}</b><span class="soft">late by ${grade.late.days} ` +
            `day${grade.late.days === 1 ? "" : "s"}</span></div>`,
        ]
      : []),
  ];
  const trouble =
    results.vitrine.status === "error" && grade.status === "error"
      ? `<section><h2>It could not be graded</h2><p>${lines(results.vitrine.reason ?? "")}</p><p class="soft">This ` +
        `is not 0 points: ask the person who grades.</p></section>`
      : "";
  const { versions, seed = 0 } = results.vitrine,
    by = versions ? `Graded by Vitrine ${escapeHtml(versions.vitrine ?? "")}, seed ${seed}. ` : "";
  const body = `<h1>${escapeHtml(sheet)}</h1><div class="soft">Feedback for ${escapeHtml(roster.name)}</div>
<div class="cards">${cards.join("")}</div>
${trouble}
${overview(grade.cells)}
${grade.cells.map((cell) => section(cell, submission, parts)).join("\n")}
${plots(parts.plots.get(""), "Your plots before the first task")}
<p class="soft small">${by}The plots are those that your notebook had when you handed it in.</p>`;
  return page({ title: `${sheet}: feedback for ${roster.name}`, body });
}

function overview(cells: readonly CellGrade[]): string {
  const rows = cells
    .filter(({ cell, extra }) => cell.points > 0 || extra > 0)
    .map(
      (each) =>
        `<tr><td>${escapeHtml(each.cell.title)}</td><td>${badge(each)}</td>` +
        `<td class="number">${pointsOf(each)}</td></tr>`,
    );
  const head = `<tr><th>task</th><th></th><th class="number">points</th></tr>`;
  return `<section><table>${head}${rows.join("")}</table></section>`;
}

function section(each: CellGrade, { results, entry }: Submission, parts: NotebookParts): string {
  const { cell, reason, comment } = each;
  const code = parts.code.get(cell.task),
    answer = cell.by === "person" ? entry?.answers[cell.cell] : undefined;
  if (cell.points === 0 && !comment && !each.extra)
    return plots(parts.plots.get(cell.task), `${cell.title}: your plots`);
  return `<section><h2>${escapeHtml(cell.title)} ${badge(each)} <span class="soft">${pointsOf(each)}</span></h2>
${cell.by === "judge" ? tests(cell.task, results) : ""}
${reason && (each.status !== "passed" || cell.by === "person") ? `<p>${lines(reason)}</p>` : ""}
${comment ? `<p><b>Comment:</b> ${lines(comment)}</p>` : ""}
${answer && reason !== noAnswer ? `<details open><summary>Your answer</summary>${inItsWidth(answer)}</details>` : ""}
${code !== undefined ? `<details><summary>Your code</summary><pre>${escapeHtml(code)}</pre></details>` : ""}
${pictures(parts.plots.get(cell.task))}
</section>`;
}

/** What was looked at, in the words that the hidden tests give it. */
function tests(task: string, { tests: all }: Submission["results"]): string {
  const own = all.filter(({ name }) => name.startsWith(`${task}: `));
  if (own.length < 2) return "";
  const rows = own.map(
    ({ name, score, max_score, status }) =>
      `<tr><td>${escapeHtml(name.slice(task.length + 2))}</td><td class="number"><span class="badge ` +
      `${status === "passed" ? "passed" : "failed"}">${short(score)} / ${short(max_score)}</span></td></tr>`,
  );
  return `<table>${rows.join("")}</table>`;
}

/** A table of sixty columns is moved within the page, not the page. */
const inItsWidth = (html: string): string => `<div style="overflow-x: auto">${html}</div>`;
const badge = ({ status }: CellGrade): string => `<span class="badge ${status}">${said[status]}</span>`;
const pointsOf = ({ points, extra, cell }: CellGrade): string =>
  `${points === undefined ? "–" : short(points)} / ${short(cell.points)}${extra ? ` + ${short(extra)} extra` : ""}`;
const lines = (text: string): string => escapeHtml(text.trim()).replace(/\n/g, "<br>");
const pictures = (plots: readonly string[] = []): string =>
  plots
    .map(
      (address, i) =>
        `<p><img alt="Your plot ${i + 1}" style="max-width: 100%; border: 1px solid var(--line); border-radius: ` +
        `6px" src="${address}"></p>`,
    )
    .join("");
const plots = (all: readonly string[] | undefined, title: string): string =>
  all?.length ? `<section><h2>${escapeHtml(title)}</h2>${pictures(all)}</section>` : "";
