#!/usr/bin/env node
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runMain } from "../flags.mjs";
import { labEnvironment } from "../jupyter.mjs";
import { kernelName } from "../kernelspec.mjs";
import { project } from "../project.mjs";

const script = fileURLToPath(new URL("check_sheet.py", import.meta.url));

// npx vitrine check runs this: check.mjs NOTEBOOK RELEASED [--all] [--results FILE]
await runMain((args) => {
  if (!existsSync(project.python))
    throw new Error("Python's packages are not set up yet. Run npm run setup in the course's folder.");
  const child = spawn(project.python, ["-u", script, kernelName, ...args], {
    cwd: project.root,
    env: labEnvironment(project, ""),
    stdio: "inherit",
  });
  // Ctrl-C reaches the child too, which ends its kernel.
  process.on("SIGINT", () => {});
  return new Promise((resolve, reject) => child.on("error", reject).on("close", (code) => resolve(code ?? 1)));
});
