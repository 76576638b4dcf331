import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { kernelName } from "../kernelspec.mjs";
import { runMain } from "../flags.mjs";
import { labEnvironment } from "../jupyter.mjs";
import { project } from "../project.mjs";

const script = fileURLToPath(new URL("execute_sheets.py", import.meta.url));

/**
 * Runs sheets headless in the real kernel; one page and one executed notebook per sheet.
 * @param {{ name: string, path: string }[]} sheets
 * @param {string} target folder of the pages
 * @returns {Promise<number>} 0, or 1 if a cell of any sheet failed
 */
export function executeSheets(project, sheets, target = join(project.notebooks, "executed")) {
  if (sheets.length === 0) {
    console.error("There are no sheets in notebooks/source.");
    return Promise.resolve(1);
  }
  mkdirSync(target, { recursive: true });
  return new Promise((resolve, reject) => {
    const args = ["-u", script, kernelName, target, ...sheets.map(({ path }) => path)];
    const child = spawn(project.python, args, {
      cwd: project.root,
      env: labEnvironment(project, ""),
      stdio: ["ignore", "inherit", "inherit"],
    });
    // The child gets Ctrl-C too and ends its kernel; we wait for it.
    const wait = () => {};
    process.on("SIGINT", wait);
    child.on("error", reject);
    child.on("close", (code) => {
      process.removeListener("SIGINT", wait);
      resolve(code ?? 1);
    });
  });
}

// npx vitrine sheet runs this: execute.mjs FOLDER NOTEBOOK ...
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runMain(([target, ...paths]) => {
    if (!existsSync(project.python))
      throw new Error("Python's packages are not set up yet. Run npm run setup in the project's folder.");
    return executeSheets(
      project,
      paths.map((path) => ({ name: basename(path, ".ipynb"), path })),
      target,
    );
  });
}
