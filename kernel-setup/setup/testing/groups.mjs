import { join, relative, sep } from "node:path";
import { filesBelow } from "../stamp.mjs";

/**
 * Which test files a run takes: `unit` the library's quick ones, `default` everything but the long suites, `full` all.
 * @param {"unit" | "default" | "full"} scope
 * @returns {{ name: string, files: string[] }[]} one group per process: TensorFlow's library and the kernels that
 *   tests start do not share one, and a crash takes only its own group.
 */
export function testGroups(root, scope) {
  const files = filesBelow(join(root, "test"), (name) => name.endsWith(".test.ts"))
    .map((file) => relative(root, file).split(sep).join("/"))
    .filter((file) => wanted(file, scope));
  const groups = new Map();
  for (const file of files) {
    const name = groupOf(file);
    groups.set(name, [...(groups.get(name) ?? []), file]);
  }
  return [...groups].map(([name, members]) => ({ name, files: members }));
}

function wanted(file, scope) {
  if (scope === "full") return true;
  if (file.endsWith(".full.test.ts")) return false;
  return scope === "default" || (file.startsWith("test/lib/") && !file.endsWith(".browser.test.ts"));
}

function groupOf(file) {
  if (file.endsWith(".browser.test.ts")) return "browser";
  return `${file.split("/")[1].replace(/\.test\.ts$/, "")}${file.endsWith(".full.test.ts") ? ", long" : ""}`;
}

/**
 * What may run side by side: tests that compute, and tests that wait for a browser or a notebook's kernel. Those of one lane run one
 * after the other; the sheets that notebooks executes are shown by browser, so that both are in one.
 * @param {{ name: string, files: string[] }[]} groups
 */
export function lanes(groups) {
  const waits = ({ name }) => /^(browser|notebooks)\b/.test(name);
  return [groups.filter((group) => !waits(group)), groups.filter(waits)].filter((lane) => lane.length > 0);
}
