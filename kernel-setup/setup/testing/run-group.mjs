import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { readStamp } from "../stamp.mjs";

const reporter = fileURLToPath(new URL("reporter.cjs", import.meta.url));

/**
 * Runs one group of test files in a mocha process of its own.
 * @param {{ name: string, files: string[] }} group
 * @param {string[]} mochaArguments e.g. ["--grep", "occlusion"]
 * @param {{ quiet?: boolean, prefix?: string }} [options] `quiet`: shows nothing; `prefix`: begins each line, where
 * groups run side by side
 * @returns {Promise<import("./summary.mjs").Outcome>} a process that ends early counts as one more failure
 */
export async function runGroup(project, { name, files }, mochaArguments, { quiet = false, prefix } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-test-"));
  const outcomeFile = join(folder, "outcome.json");
  const mocha = join(project.nodeModules, "mocha", "bin", "mocha.js");
  // --exit: a handle left open by a test must not keep the run from ending.
  const args = [
    mocha,
    "--exit",
    "--reporter",
    reporter,
    "--reporter-option",
    `outcome=${outcomeFile}`,
    ...mochaArguments,
    ...files,
  ];
  try {
    const code = await new Promise((resolve, reject) => {
      const shown = quiet ? "ignore" : prefix ? "pipe" : "inherit";
      const child = spawn(process.execPath, args, { cwd: project.root, stdio: ["ignore", shown, shown] });
      for (const stream of [child.stdout, child.stderr])
        if (stream) createInterface({ input: stream }).on("line", (line) => console.log(`${prefix}${line}`));
      child.on("error", reject);
      // Not "close": a process that a test left behind may hold the pipe.
      child.on("exit", (exit, signal) => setTimeout(resolve, prefix ? 200 : 0, signal ?? exit));
    });
    const { finished, ...outcome } = readStamp(outcomeFile) ?? {
      passed: 0,
      failed: [],
      skipped: [],
      files: [],
      finished: false,
    };
    if (!finished)
      outcome.failed.push({
        title: `the tests of ${name} ended early`,
        file: `test/${name}`,
        message: `mocha ended with ${code} before all its tests were done; what it said is above`,
      });
    return outcome;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
