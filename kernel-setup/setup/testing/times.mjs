// Where the time of a test run goes: test/output/times.json, and the lines that say so at its end.
import { join } from "node:path";
import { writeStamp } from "../stamp.mjs";

/**
 * @typedef {{ name: string, seconds: number, budget: number | null, loading: number | null,
 *   files: { file: string, seconds: number, slowest: { title: string, seconds: number } | null }[] }} GroupTimes
 */

/**
 * Keeps the times of a run: `test/output/times.json`. @param {{ scope: string, seconds: number, groups: GroupTimes[] }}
 * run
 */
export function writeTimes(root, { scope, seconds, groups }) {
  const rounded = (value) => (value === null || value === undefined ? null : Math.round(10 * value) / 10);
  writeStamp(join(root, "test", "output", "times.json"), {
    scope,
    seconds: rounded(seconds),
    groups: [...groups]
      .sort((a, b) => b.seconds - a.seconds)
      .map(({ name, seconds: own, budget, loading, files }) => ({
        name,
        seconds: rounded(own),
        budget: budget ?? null,
        loading: rounded(loading),
        files: [...files]
          .sort((a, b) => b.seconds - a.seconds)
          .map(({ file, seconds: each, slowest }) => ({
            file,
            seconds: rounded(each),
            ...(slowest && { slowest: { title: slowest.title, seconds: rounded(slowest.seconds) } }),
          })),
      })),
  });
}

/**
 * The slowest files with the slowest test of each, and the groups that took longer than they may. @param {GroupTimes[]}
 * groups
 */
export function timeLines(groups, { most = 20 } = {}) {
  const files = groups
    .flatMap((group) => group.files)
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, most);
  const lines = files.length
    ? [`The ${files.length === 1 ? "slowest file" : `${files.length} slowest files`}, in seconds:`]
    : [];
  for (const { file, seconds, slowest } of files) {
    const most = slowest && slowest.seconds >= 1 ? `  (${slowest.seconds.toFixed(1)}: ${slowest.title})` : "";
    lines.push(`${seconds.toFixed(1).padStart(7)}  ${file}${most}`);
  }
  for (const { name, seconds, budget } of groups) {
    if (budget && seconds > budget)
      lines.push(
        `OVER BUDGET: ${name} took ${seconds.toFixed(0)} s of ${budget} (kernel-setup/setup/testing/groups.mjs)`,
      );
  }
  return lines;
}
