import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import mean from "lodash/mean";
import sortBy from "lodash/sortBy";
import { escapeHtml, projectRoot } from "vitrine/dist/kit";
import type { Graded } from "../grade-class";
import { page } from "../html";
import { maximum } from "../sheet-cells";
import { short, summaryRows } from "../summary";
import { classFigures, taskStatistics } from "./figures";

/** The class on one page, with plotly.js in it once; it names no student, so that it can be shown to the class. */
export function classPage(sheet: string, graded: Graded): string {
  const rows = summaryRows(graded),
    scores = sortBy(rows.filter(({ status }) => status === "graded").map(({ score }) => score));
  const most = maximum(graded.cells.filter(({ by }) => by === "judge"));
  const middle = (scores[Math.floor((scores.length - 1) / 2)] + scores[Math.ceil((scores.length - 1) / 2)]) / 2;
  const card = (value: string, what: string): string =>
    `<div class="card"><b>${escapeHtml(value)}</b><span class="soft">${escapeHtml(what)}</span></div>`;
  const cards = [
    card(String(rows.length), "submissions"),
    card(String(rows.filter(({ status }) => status === "error").length), "with an error"),
    card(String(rows.filter(({ late }) => late.days > 0).length), "late"),
    ...(scores.length
      ? [
          card(`${short(mean(scores))} / ${short(most)}`, "mean, from the judge"),
          card(`${short(middle)} / ${short(most)}`, "median"),
        ]
      : []),
  ];
  const body = `<h1>${escapeHtml(sheet)}</h1><div class="soft">The class, as the hidden tests see it</div>
<div class="cards">${cards.join("")}</div>
${unsolved(graded)}
<section><h2>Points by task</h2><div id="tasks"></div>${table(graded)}</section>
<section><h2>Points of a submission</h2><div id="scores"></div></section>
<section><h2>Time of a submission</h2><div id="times"></div></section>
<script>${plotly()}</script>
<script>
const figures = ${inScript(classFigures(graded))};
for (const [place, { data, layout }] of Object.entries(figures))
  Plotly.newPlot(place, data, layout, { responsive: true, displayModeBar: false });
</script>`;
  return page({ title: `${sheet}: the class`, body, script: "'unsafe-inline'" });
}

function unsolved(graded: Graded): string {
  const nobody = taskStatistics(graded).filter(({ full, some, none }) => full === 0 && some + none > 0);
  if (nobody.length === 0) return "";
  const list = nobody.map(
    ({ cell, some }) =>
      `<li><b>${escapeHtml(cell.title)}</b>${some ? `: ${some} with some of the points` : ": nobody has a point"}</li>`,
  );
  return (
    `<section><h2>Solved by nobody</h2><ul>${list.join("")}</ul><div class="soft small">The task, its text or its ` +
    `hidden test may be at fault.</div></section>`
  );
}

function table(graded: Graded): string {
  const rows = taskStatistics(graded).map(({ cell, full, some, none, error, mean, reasons }) => {
    const points = `${Number.isNaN(mean) ? "–" : short(mean)} / ${short(cell.points)}`,
      numbers = [points, full, some, none, error].map((value) => `<td class="number">${value}</td>`),
      why = reasons.map(({ reason, count }) => `<div><span class="soft">${count} ×</span> ${escapeHtml(reason)}</div>`);
    return `<tr><td><b>${escapeHtml(cell.title)}</b></td>
${numbers.join("")}
<td>${why.join("") || '<span class="soft">–</span>'}</td></tr>`;
  });
  return (
    `<table><tr><th>task</th><th class="number">mean</th><th class="number">all</th><th ` +
    `class="number">some</th><th class="number">none</th><th class="number">error</th><th>why points were lost ` +
    `most often</th></tr>${rows.join("")}</table>`
  );
}

/** JSON that no content can end early: a script is read up to the first closing tag. */
const inScript = (value: unknown): string =>
  JSON.stringify(value).replace(/[<\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** Minified where Python's package has it, which set-up installs; else the library's own. */
function plotly(): string {
  const packages = join(projectRoot(), ".venv", "lib");
  const minified = existsSync(packages)
    ? readdirSync(packages)
        .map((python) => join(packages, python, "site-packages", "plotly", "package_data", "plotly.min.js"))
        .find((file) => existsSync(file))
    : undefined;
  return readFileSync(minified ?? require.resolve("plotly.js-dist/plotly.js"), "utf8").replaceAll(
    "</script",
    "<\\/script",
  );
}
