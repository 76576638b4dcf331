import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "./stamp.mjs";

/**
 * Seconds after which JupyterLab saves what was changed. A check knows of an edit that was not run only if it was saved
 * (kernel-setup/kernel/cell/cell-log.ts); JupyterLab's own two minutes are longer than anybody waits for a check.
 */
const AUTOSAVE_SECONDS = 10;

/**
 * Milliseconds by which the file may be newer than JupyterLab thinks. Somebody who saves while it saves by itself would
 * else be asked which of the two is to be kept: the answer to the first has not come yet.
 */
const SAVED_BESIDE_MS = 5000;

/**
 * JupyterLab's own file of settings, in `.venv`: it asks nobody for news and saves soon. What it is for whom:
 * kernel-setup/lab.
 */
export function writeLabSettings(project) {
  writeIfOther(join(project.venv, "share", "jupyter", "lab", "settings", "overrides.json"), {
    "@jupyterlab/apputils-extension:notification": { fetchNews: "false", checkForUpdates: false },
    "@jupyterlab/docmanager-extension:plugin": {
      autosaveInterval: AUTOSAVE_SECONDS,
      lastModifiedCheckMargin: SAVED_BESIDE_MS,
    },
  });
}

function writeIfOther(file, content) {
  const text = `${JSON.stringify(content, null, 2)}\n`;
  try {
    if (readFileSync(file, "utf8") === text) return;
  } catch {
    // Not there yet.
  }
  writeWhole(file, text);
}
