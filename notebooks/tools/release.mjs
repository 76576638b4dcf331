#!/usr/bin/env node
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const notebooks = dirname(dirname(fileURLToPath(import.meta.url)));
const nbgrader = join(dirname(notebooks), ".venv", process.platform === "win32" ? "Scripts/nbgrader.exe" : "bin/nbgrader");

/** The sheets that have a source. */
export function sheets() {
  return readdirSync(join(notebooks, "source"), { withFileTypes: true }).filter((entry) => entry.isDirectory() && !entry.name.startsWith(".")).map(({ name }) => name).sort();
}

/**
 * Makes the student's version of a sheet with `nbgrader generate_assignment`: no solutions, no hidden tests, no outputs.
 * It works on a copy with a gradebook of its own, so that no ledger of real grades is touched.
 * @param {string} sheet folder in notebooks/source
 * @param {string} into folder that gets the released sheet's folder; replaced whole or not at all
 * @returns {string} that folder
 */
export function release(sheet, into = join(notebooks, "release")) {
  if (!sheets().includes(sheet)) throw new Error(`There is no sheet ${sheet} in notebooks/source; there are: ${sheets().join(", ") || "none yet"}.`);
  if (!existsSync(nbgrader)) throw new Error(`nbgrader is not installed (${nbgrader}): run npm run setup first.`);
  const course = mkdtempSync(join(tmpdir(), "vitrine-release-"));
  try {
    cpSync(join(notebooks, "nbgrader_config.py"), join(course, "nbgrader_config.py"));
    // nbgrader releases every file that lies beside the notebook; hidden tests are not for students.
    const hidden = join(notebooks, "source", sheet, "judge");
    cpSync(join(notebooks, "source", sheet), join(course, "source", sheet), { recursive: true, filter: (path) => path !== hidden && !path.includes(".ipynb_checkpoints") });
    const made = spawnSync(nbgrader, ["generate_assignment", sheet, "--no-db"], {
      cwd: course, encoding: "utf8", env: { ...process.env, VITRINE_COURSE_ROOT: course, JUPYTER_CONFIG_DIR: join(course, "jupyter"), PYTHONWARNINGS: "ignore" },
    });
    const folder = join(course, "release", sheet);
    if (made.status !== 0 || !existsSync(folder)) throw new Error(`nbgrader could not release ${sheet}:\n${made.stderr || made.error?.message}`);
    for (const name of readdirSync(folder).filter((file) => file.endsWith(".ipynb"))) tidyNotebook(join(folder, name));
    return replaceWhole(folder, join(into, sheet));
  } finally {
    rmSync(course, { recursive: true, force: true });
  }
}

/** One way to write the same notebook, whatever version of nbformat wrote it. */
function tidyNotebook(path) {
  const notebook = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, `${JSON.stringify(sorted(notebook), null, 1)}\n`);
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

/** Copied beside its place first, since the temporary folder may lie on another disk. */
function replaceWhole(folder, target) {
  mkdirSync(dirname(target), { recursive: true });
  const partial = `${target}.${process.pid}.partial`, old = `${target}.${process.pid}.old`;
  try {
    cpSync(folder, partial, { recursive: true });
    if (existsSync(target)) renameSync(target, old);
    renameSync(partial, target);
  } finally {
    if (!existsSync(target) && existsSync(old)) renameSync(old, target);
    for (const rest of [partial, old]) rmSync(rest, { recursive: true, force: true });
  }
  return target;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const names = process.argv.slice(2);
  if (names.some((name) => name.startsWith("-"))) {
    console.error("Usage: node notebooks/tools/release.mjs [SHEET ...]\n\nMakes the students' version of the sheets (all, or those named) in notebooks/release.");
    process.exit(names.includes("--help") || names.includes("-h") ? 0 : 2);
  }
  try {
    for (const sheet of names.length ? names : sheets()) console.log(`Released: ${release(sheet)}`);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
