#!/usr/bin/env node
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const notebooks = dirname(dirname(fileURLToPath(import.meta.url)));
const settings = "nbgrader_config.py";
const nbgrader = join(
  dirname(notebooks),
  ".venv",
  process.platform === "win32" ? "Scripts/nbgrader.exe" : "bin/nbgrader",
);

/** The sheets that have a source in a course. */
export function sheets(course = notebooks) {
  return readdirSync(join(course, "source"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .sort();
}

/**
 * nbgrader releases whatever else lies in a sheet's folder; hidden tests, editors' copies and what a run recorded stay
 * here.
 */
const stays = /[\\/](judge|recordings|\.ipynb_checkpoints)([\\/]|$)/;

/**
 * Makes the student's version of a sheet with `nbgrader generate_assignment`: no solutions, no hidden tests, no
 * outputs.
 * It works on a copy with a gradebook of its own, so that no ledger of real grades is touched.
 * @param {string} sheet folder in notebooks/source
 * @param {string} into folder that gets the released sheet's folder; replaced whole or not at all
 * @param {string} from course: a folder with source/, and settings for nbgrader if it has its own
 * @returns {string} that folder
 */
export function release(sheet, into = join(notebooks, "release"), from = notebooks) {
  if (!sheets(from).includes(sheet))
    throw new Error(
      `There is no sheet ${sheet} in ${from === notebooks ? "notebooks" : from}/source; there are: ` +
        `${sheets(from).join(", ") || "none yet"}.`,
    );
  if (!existsSync(nbgrader)) throw new Error(`nbgrader is not installed (${nbgrader}): run npm run setup first.`);
  const course = mkdtempSync(join(tmpdir(), "vitrine-release-"));
  try {
    const source = join(from, "source", sheet);
    cpSync([from, notebooks].map((folder) => join(folder, settings)).find(existsSync), join(course, settings));
    cpSync(source, join(course, "source", sheet), {
      recursive: true,
      filter: (path) => !stays.test(path.slice(source.length)),
    });
    const made = spawnSync(nbgrader, ["generate_assignment", sheet, "--no-db"], {
      cwd: course,
      encoding: "utf8",
      env: {
        ...process.env,
        VITRINE_COURSE_ROOT: course,
        JUPYTER_CONFIG_DIR: join(course, "jupyter"),
        PYTHONWARNINGS: "ignore",
      },
    });
    const folder = join(course, "release", sheet);
    if (made.status !== 0 || !existsSync(folder))
      throw new Error(`nbgrader could not release ${sheet}:\n${made.stderr || made.error?.message}`);
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
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

/** Copied beside its place first, since the temporary folder may lie on another disk. */
function replaceWhole(folder, target) {
  mkdirSync(dirname(target), { recursive: true });
  const partial = `${target}.${process.pid}.partial`,
    old = `${target}.${process.pid}.old`;
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

const usage = `Usage: node notebooks/tools/release.mjs [SHEET ...] [--course DIR] [--into DIR]

Makes the students' version of the sheets (all, or those named) in notebooks/release. npx vitrine sheet release does the
same, and checks that nothing leaks.`;

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const {
    values: { course, into, help },
    positionals: names,
  } = commandLine();
  if (help) {
    console.log(usage);
    process.exit(0);
  }
  try {
    for (const sheet of names.length ? names : sheets(course))
      console.log(`Released: ${release(sheet, into ?? join(course, "release"), course)}`);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

function commandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        course: { type: "string", default: notebooks },
        into: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    process.exit(2);
  }
}
