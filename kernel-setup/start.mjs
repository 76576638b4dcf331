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

const usage = `Usage: npm start [-- --author] [--no-browser] [--execute [SHEET ...]]

Sets up what is missing, then opens JupyterLab on notebooks/work, your own copy of the sheets.
  --author             opens notebooks/source, the sheets with their solutions
  --no-browser         only prints JupyterLab's address
  --execute [SHEET …]  needs no browser: runs the sheets of notebooks/source (all, or those named) and writes
                       one page per sheet to notebooks/executed`;

await runMain(async (args) => {
  requireNode();
  const flags = readFlags(args, { author: "switch", "no-browser": "switch", execute: "list" });
  if (flags.help) return console.log(usage);
  if (flags.execute && (flags.author || flags["no-browser"])) throw new UsageError("--execute opens no JupyterLab: leave out --author and --no-browser.");
  const source = join(project.notebooks, "source");
  if (flags.execute) chosen(source, flags.execute); // Before set-up: a misspelt name should not cost a minute.

  await setUp();
  if (flags.execute) return executeSheets(project, chosen(source, flags.execute));
  return openLab(project, flags.author ? source : workFolder(), { browser: !flags["no-browser"] && hasDisplay(), author: flags.author });
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
