// nbgrader's settings in `.venv`, which hold wherever its commands are run: its own autograde is refused.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "./stamp.mjs";

const fileOf = (project) => join(project.venv, "etc", "jupyter", "nbgrader_config.py");

const textOf = (project) => `# Written by Vitrine's set-up.
import os
import sys

folder = ${JSON.stringify(join(project.root, "kernel-setup", "grading", "nbgrader"))}
if os.path.isdir(folder):
    sys.path.insert(0, folder)
    from no_autograde import refuse_autograde
    refuse_autograde()
`;

/** Whether they are there, and this checkout's. */
export function hasNbgraderSettings(project) {
  try {
    return readFileSync(fileOf(project), "utf8") === textOf(project);
  } catch {
    return false;
  }
}

export function writeNbgraderSettings(project) {
  writeWhole(fileOf(project), textOf(project));
}
