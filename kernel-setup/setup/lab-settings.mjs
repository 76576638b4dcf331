import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "./stamp.mjs";

/** nbgrader's tools for teachers, and those that need a course exchange, which this has none of. */
const teachers = ["create-assignment", "formgrader", "course-list", "assignment-list"];

/**
 * Seconds after which JupyterLab saves what was changed. A check knows of an edit that was not run only if it was saved
 * (kernel-setup/kernel/cell/cell-log.ts); JupyterLab's own two minutes are longer than anybody waits for a check.
 */
const AUTOSAVE_SECONDS = 10;

/**
 * JupyterLab's own files of settings, in `.venv`: it asks nobody for news, and shows teachers' tools to authors only.
 * @param {{ author?: boolean }} [options]
 */
export function writeLabSettings(project, { author = false } = {}) {
  writeIfOther(join(project.venv, "share", "jupyter", "lab", "settings", "overrides.json"), {
    "@jupyterlab/apputils-extension:notification": { fetchNews: "false", checkForUpdates: false },
    "@jupyterlab/docmanager-extension:plugin": { autosaveInterval: AUTOSAVE_SECONDS },
  });
  writeIfOther(join(project.venv, "etc", "jupyter", "labconfig", "page_config.json"), {
    disabledExtensions: {
      ...Object.fromEntries(teachers.map((name) => [`@jupyter/nbgrader:${name}`, !author])),
      // It would run a whole notebook at a click, a student's too, and calls it passed where a check failed.
      "@jupyter/nbgrader:validate-assignment": true,
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
