import type { Machine } from "./machine";
import type { Row } from "./measure";

/** bench/results.json */
export interface Results extends Machine {
  readonly date: string;
  readonly workloads: readonly Row[];
  /** Rows that could not be measured here, and why. */
  readonly skipped: readonly string[];
}

const begin = "<!-- begin: written by npm run bench -->",
  end = "<!-- end -->";

/** A page with its generated part replaced; what people wrote around it stays. */
export function pageWith(page: string, generated: string): string {
  const from = page.indexOf(begin),
    to = page.indexOf(end);
  if (from < 0 || to < from)
    throw new Error(`The page lacks the lines ${begin} and ${end}, between which the table is written.`);
  return `${page.slice(0, from)}${begin}\n${generated}\n${page.slice(to)}`;
}

/** The results as the page shows them. */
export function table(results: Results): string {
  const {
    date,
    machine,
    versions,
    threads,
    loadBefore,
    peakGflops,
    peakGflopsOurs,
    peakGflopsTheirs,
    bandwidth,
    workloads,
    skipped,
  } = results;
  const met = workloads.filter(isMet).length;
  const notes = [
    ...workloads.flatMap(({ name, wrong }) => (wrong === undefined ? [] : [`WRONG ${name}: ${wrong}`])),
    ...skipped.map((each) => `not measured: ${each}`),
  ].map((each) => `\n- ${each}`);
  const columns: readonly (readonly [title: string, rule: string])[] = [
    ["", "---"],
    ["ours, ms", "--:"],
    ["theirs", "--:"],
    ["theirs, usual", "--:"],
    ["ratio", "--:"],
    ["target", "--:"],
    ["met", "---"],
    ["compile, ms", "--:"],
    ["memory, MB: ours / theirs / usual", "--:"],
    ["difference", "--:"],
    ["GFLOP", "--:"],
    ["GFLOP/s", "--:"],
    ["of the peak", "--:"],
    ["least ms at the peak", "--:"],
    ["n", "--:"],
    ["theirs' best", "---"],
  ];
  const speeds = `${peakGflopsOurs} GFLOP/s in TensorFlow, ${peakGflopsTheirs} in PyTorch`;
  const on = `${date}, ${machine}, ${threads} threads each; ${versions.join("; ")}`;
  return `${on}. ${met} of ${workloads.length} targets met.
Load before: ${loadBefore}. A large matrix product reaches ${speeds}; a large copy ${bandwidth} GB/s.

${columns.map(([title]) => (title ? `| ${title} ` : "| ")).join("")}|
|${columns.map(([, rule]) => `${rule}|`).join("")}
${workloads.map((row) => line(row, peakGflops)).join("\n")}
${notes.join("")}`.trimEnd();
}

/** A fast wrong answer meets nothing. */
export const isMet = ({ ratio, target, wrong }: Row): boolean => wrong === undefined && ratio >= target;

function line(row: Row, peak: number): string {
  const {
    oursMs,
    gigaflops,
    repetitions,
    spread,
    peakMemory: { ours, theirs, theirsUsual },
    setting,
  } = row;
  const megabytes = [ours, theirs, theirsUsual].map((bytes) => Math.round(bytes / 1e6)).join(" / ");
  const rate = gigaflops === undefined ? undefined : gigaflops / (oursMs / 1000);
  const best = `${setting.layout.replace("_", " ")}${setting.batch === undefined ? "" : `, ${setting.batch} at once`}`;
  const times = [
    `${time(oursMs)} +${percent(spread.ours)}`,
    `${time(row.theirsMs)} +${percent(spread.theirs)}`,
    time(row.theirsUsualMs),
  ];
  const roof =
    rate === undefined
      ? ["–", "–", "–", "–"]
      : [gigaflops!.toPrecision(3), rate.toFixed(0), percent(rate / peak), time((gigaflops! / peak) * 1000)];
  const verdict = row.wrong !== undefined ? "**wrong**" : isMet(row) ? "yes" : "no";
  const cells = [
    `\`${row.name}\``,
    ...times,
    row.ratio.toFixed(2),
    row.target.toFixed(1),
    verdict,
    time(row.compileMs),
    megabytes,
    row.maxRelativeDifference.toExponential(1),
    ...roof,
    counts(repetitions),
    best,
  ];
  return `| ${cells.join(" | ")} |`;
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;
const time = (ms: number): string => (ms < 100 ? ms.toFixed(1) : Math.round(ms).toLocaleString("en"));
const counts = ({ ours, theirsUsual }: Row["repetitions"]): string =>
  ours === theirsUsual ? String(ours) : `${ours}, usual ${theirsUsual}`;
