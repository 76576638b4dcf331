import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** What one task of a job array runs: `node task.js JOBS.json`; its number says which line of arguments. */
const lines = JSON.parse(readFileSync(process.argv[2], "utf8")) as string[][];
const { status, signal, error } = spawnSync(process.execPath, lines[Number(process.env.SLURM_ARRAY_TASK_ID)], {
  stdio: ["ignore", "inherit", "inherit"],
});
if (error) console.error(error.message);
process.exitCode = signal ? 137 : (status ?? 1);
