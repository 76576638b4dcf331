// Which test files a run takes, and which of them share a process.
import { join, relative, sep } from "node:path";
import { filesBelow } from "../stamp.mjs";

/**
 * What a file's name says:
 *   x.test.ts          in every run; those of test/lib are the unit tests, so they must be quick
 *   x.slow.test.ts     not in the unit run
 *   x.full.test.ts     only in the full run, which is CI's
 *   x.browser.test.ts  not in the unit run; needs Chromium (x.browser.full.test.ts: only in the full run)
 *   x.soak.test.ts     only in the soak run: repetition, and what needs PyTorch
 * @typedef {"unit" | "default" | "full" | "soak"} Scope
 * @typedef {{ name: string, files: string[], budget?: number, after?: string[] }} Group `budget` in seconds; `after`:
 *   groups whose work it reads
 */
const kinds = { unit: [""], default: ["", "slow", "browser"], full: ["", "slow", "browser", "full"], soak: ["soak"] };

/**
 * Seconds that a group may take on two cores with another one beside it. A run that takes longer says so by name; it
 * does not fail, since machines differ.
 */
const budgets = {
  "notebooks, long": 950,
  "grading, long": 750,
  browser: 330,
  "lib, long": 170,
  "kernel, long": 250,
  grading: 180,
  "lib/data and models": 150,
  kernel: 135,
  setup: 90,
  types: 75,
  lint: 120,
  notebooks: 60,
  "models, long": 60,
  "lib/visualize": 75,
  "lib/training": 75,
  "lib/attribution": 75,
  "lib/plot": 75,
  "lib/attack": 75,
  "lib/backend": 75,
  "lib/backend/graph": 75,
  "lib/cli": 60,
  models: 60,
  bench: 15,
  "docs, long": 120,
  "unit, lib, methods": 45,
  "unit, lib, the rest": 45,
};

/** The type check, which is no group of tests but takes its turn with them. */
export const types = { name: "types", files: [], budget: budgets.types };
/** `npm run lint`, which takes its turn as well. */
export const linting = { name: "lint", files: [], budget: budgets.lint };

/**
 * The soak run's parts: by the folder of their files, and what each is for. Each ends within half an hour on two cores.
 */
export const soakParts = {
  kernel: "test/kernel-setup/kernel: hundreds of starts, interrupts and cells, and other versions of Node",
  grading: "test/kernel-setup/grading: every attack alone, Slurm with a lost node",
  sheets: "test/kernel-setup/grading/sheet: every sheet's solution, seeds, cheats and mutants, as they are graded",
  library: "test/lib: long fuzzing, every layer of every network, other versions of Node",
  notebooks: "test/notebooks: what repeats the sheets",
  oracles: "test/oracles: PyTorch, Captum, Foolbox and Python's TensorFlow asked themselves, on the real data",
};

/** Groups that begin when others are done, whose work they read. */
const after = { browser: ["notebooks", "notebooks, long"] };

/**
 * @param {Scope} scope
 * @param {string} [part] of the soak run
 * @returns {Group[]} one group for each process: TensorFlow's library and the kernels that tests start do not share
 * one,
 *   and a crash takes only its own group
 */
export function testGroups(root, scope, part) {
  const files = filesBelow(join(root, "test"), (name) => name.endsWith(".test.ts"))
    .map((file) => relative(root, file).split(sep).join("/"))
    .filter((file) => wanted(file, scope));
  const groups = new Map();
  for (const file of files) {
    const name = scope === "unit" ? unitGroup(file) : groupOf(file);
    groups.set(name, [...(groups.get(name) ?? []), file]);
  }
  const budgetOf = (name) => budgets[scope === "unit" ? `unit, ${name}` : name];
  return [...groups]
    .filter(([name]) => part === undefined || name === part)
    .map(([name, members]) => ({ name, files: members, budget: budgetOf(name), after: after[name] }));
}

function wanted(file, scope) {
  const [, kind = ""] = /\.(slow|full|browser|soak)\.test\.ts$/.exec(file) ?? [];
  return kinds[scope].includes(kind) && (scope !== "unit" || file.startsWith("test/lib/"));
}

/** By its folder: lib/attack, lib/backend/graph, kernel, grading, notebooks, … */
function groupOf(file) {
  const folders = file
    .split("/")
    .slice(1, -1)
    .filter((folder) => folder !== "kernel-setup");
  if (file.endsWith(".soak.test.ts")) return soakPart(file, folders[0]);
  if (/\.browser\.(full\.)?test\.ts$/.test(file)) return "browser";
  if (file.endsWith(".full.test.ts")) return `${folders[0]}, long`;
  return folders[0] === "lib" ? libraryGroup(folders) : folders[0];
}

function soakPart(file, folder) {
  if (folder === "grading" && file.includes("/sheet")) return "sheets";
  return folder === "lib" ? "library" : folder;
}

/** Two processes for two cores, so that TensorFlow.js is loaded twice and not once for each folder. */
function unitGroup(file) {
  const [, , folder] = file.split("/");
  const methods = ["attack", "attribution", "course", "model", "runtime", "training", "visualize"];
  return methods.includes(folder) ? "lib, methods" : "lib, the rest";
}

/** Small folders of the library share a process: each costs the seconds in which TensorFlow.js is loaded. */
function libraryGroup([, folder = "", inner]) {
  if (folder === "backend" && inner === "graph") return "lib/backend/graph";
  const large = ["attack", "attribution", "backend", "cli", "visualize", "training", "plot"];
  return large.includes(folder) ? `lib/${folder}` : "lib/data and models";
}
