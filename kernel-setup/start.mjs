#!/usr/bin/env node
import { existsSync } from "node:fs";
import { join } from "node:path";
import { executeSheets } from "./setup/execute/execute.mjs";
import { UsageError, readFlags, runMain } from "./setup/flags.mjs";
import { setUp } from "./setup/index.mjs";
import { hasDisplay, openLab } from "./setup/jupyter.mjs";
import { requireNode } from "./setup/node-version.mjs";
import { project } from "./setup/project.mjs";
import { chooseSheets, copyOnce, sheetsIn } from "./setup/sheets.mjs";

const usage = `Usage: npm start [-- --author | --grade | --examples] [--no-browser] [--execute [SHEET ...]]

Sets up what is missing, then opens JupyterLab on notebooks/work, your own copy of the sheets.
  --author             opens notebooks/source, the sheets with their solutions
  --grade              opens notebooks, with nbgrader's formgrader for what people grade
  --examples           opens examples: short notebooks on tables, series, texts, several inputs and segmentation
  --no-browser         only prints JupyterLab's address
  --execute [SHEET …]  needs no browser: runs the sheets of notebooks/source (all, or those named) and writes
                       one page per sheet to notebooks/executed`;

await runMain(async (args) => {
  requireNode();
  const flags = readFlags(args, {
    author: "switch",
    grade: "switch",
    examples: "switch",
    "no-browser": "switch",
    execute: "list",
  });
  if (flags.help) return console.log(usage);
  const folders = ["author", "grade", "examples"].filter((name) => flags[name]).map((name) => `--${name}`);
  if (folders.length > 1)
    throw new UsageError(
      `${folders.join(" and ")} open different folders: leave out ${folders.length > 2 ? "all but one" : "one"}.`,
    );
  if (flags.execute && (folders.length > 0 || flags["no-browser"]))
    throw new UsageError("--execute opens no JupyterLab: leave out --author, --grade, --examples and --no-browser.");
  const source = join(project.notebooks, "source");
  if (flags.execute) chosen(source, flags.execute); // Before set-up: a misspelt name should not cost a minute.

  await setUp();
  if (flags.execute) return executeSheets(project, chosen(source, flags.execute));
  const folder = flags.grade
    ? project.notebooks
    : flags.author
      ? source
      : flags.examples
        ? join(project.root, "examples")
        : workFolder();
  return openLab(project, folder, {
    browser: !flags["no-browser"] && hasDisplay(),
    author: flags.author || flags.grade,
    startPage: folders.length === 0,
  });
});

function chosen(source, names) {
  try {
    return chooseSheets(sheetsIn(source), names);
  } catch (error) {
    throw new UsageError(error.message);
  }
}

/** The student's folder, with everything released copied into it once. */
function workFolder() {
  const work = join(project.notebooks, "work");
  const release = join(project.notebooks, "release");
  const copied = copyOnce(release, work);
  if (copied.length) console.log(`Copied to notebooks/work: ${copied.join(", ")}`);
  if (!existsSync(release)) console.log("There are no released sheets yet; npm start -- --author opens the sources.");
  return work;
}
