import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "./stamp.mjs";

/** JupyterLab's own file of settings, in `.venv`: it asks nobody for news. What it is for whom: kernel-setup/lab. */
export function writeLabSettings(project) {
  writeIfOther(join(project.venv, "share", "jupyter", "lab", "settings", "overrides.json"), {
    "@jupyterlab/apputils-extension:notification": { fetchNews: "false", checkForUpdates: false },
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
