// nbgrader in `.venv`, wherever and however it is run: its own autograde is refused, and what students wrote does not
// act on
// its pages, formgrader's among them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "./stamp.mjs";

const settingsOf = (project) => join(project.venv, "etc", "jupyter", "nbgrader_config.py");

const settings = (project) => `# Written by Vitrine's set-up.
import os
import sys

folder = ${JSON.stringify(join(project.root, "kernel-setup", "grading", "nbgrader"))}
if os.path.isdir(folder):
    sys.path.insert(0, folder)
    from no_autograde import refuse_autograde
    refuse_autograde()
    from safe_markdown import markdown2html
    c = get_config()
    c.HTMLExporter.filters = {"markdown2html": markdown2html}
`;

/**
 * Python reads such a line whenever it starts: a program of one's own, or one that was told to read no settings, is
 * refused too. It names no folder, since checkouts may share packages.
 */
const line =
  `import os, sys; folder = os.path.join(sys.prefix, "..", "kernel-setup", "grading", "nbgrader"); ` +
  `sys.path.append(folder); ` +
  (`os.path.isfile(os.path.join(folder, "no_autograde.py")) and __import__("no_autograde").refuse_when_loaded(); ` +
    `sys.path.remove(folder)\n`);

function lineOf({ venv }) {
  const lib = join(venv, "lib"),
    python = existsSync(lib) ? readdirSync(lib).find((name) => name.startsWith("python")) : undefined;
  return join(python ? join(lib, python) : join(venv, "Lib"), "site-packages", "vitrine_no_autograde.pth");
}

const wanted = (project) => [
  [settingsOf(project), settings(project)],
  [lineOf(project), line],
];

/** Whether they are there, and this checkout's. */
export function hasNbgraderSettings(project) {
  try {
    return wanted(project).every(([file, text]) => readFileSync(file, "utf8") === text);
  } catch {
    return false;
  }
}

export function writeNbgraderSettings(project) {
  for (const [file, text] of wanted(project)) writeWhole(file, text);
}
