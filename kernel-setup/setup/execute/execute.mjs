import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { kernelName } from "../kernelspec.mjs";
import { labEnvironment } from "../jupyter.mjs";

const script = fileURLToPath(new URL("execute_sheets.py", import.meta.url));

/**
 * Runs sheets headless in the real kernel; one page and one executed notebook per sheet in notebooks/executed.
 * @param {{ name: string, path: string }[]} sheets
 * @returns {Promise<number>} 0, or 1 if a cell of any sheet failed
 */
export function executeSheets(project, sheets) {
  if (sheets.length === 0) {
    console.error("There are no sheets in notebooks/source.");
    return Promise.resolve(1);
  }
  const target = join(project.notebooks, "executed");
  mkdirSync(target, { recursive: true });
  return new Promise((resolve, reject) => {
    const args = ["-u", script, kernelName, target, ...sheets.map(({ path }) => path)];
    const child = spawn(project.python, args, { cwd: project.root, env: labEnvironment(project, ""), stdio: ["ignore", "inherit", "inherit"] });
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
