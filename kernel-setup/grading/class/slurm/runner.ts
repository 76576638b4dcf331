import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, VitrineError } from "vitrine/dist/kit";
import { argumentsOf, type GradeOne, type Job, type Runner } from "../jobs";
import { sha256 } from "../fingerprint";
import { endOf, queued, slurmCommand } from "./commands";
import { oneLine } from "../words";

export interface SlurmOptions {
  /** Default: Slurm's own. */
  partition?: string;
  /** Minutes that a job may take. Default: 10. */
  minutes?: number;
  /** Seconds between two looks at the queue. Default: 2. */
  every?: number;
  /** Seconds that Slurm may give no answer. Default: 120. */
  patience?: number;
}

/** Under Slurm's default for the size of an array, 1001. */
const arraySize = 500;

interface Task {
  id: string;
  job: Job;
  log: string;
}

/**
 * Jobs as tasks of Slurm job arrays; the course's folder is on a disk that all nodes share. Slurm itself starts a task
 * again whose node is lost; one that is killed comes back to whoever called, as ended without results.
 */
export function slurm(options: GradeOne & SlurmOptions & { folder: string }): Runner {
  const { folder, every = 2, patience = 120 } = options;
  return async (jobs, ended, signal) => {
    if (jobs.length === 0) return;
    // What an earlier grader left behind that was killed itself: its results were collected before.
    const name = `vitrine-${sha256(folder).slice(0, 12)}`;
    await slurmCommand("scancel", [`--name=${name}`]);
    const run = join(folder, randomBytes(4).toString("hex"));
    mkdirSync(run, { recursive: true });
    const ids: string[] = [];
    const open = new Map<string, Task>();
    try {
      for (let first = 0; first < jobs.length && !signal.aborted; first += arraySize) {
        const part = jobs.slice(first, first + arraySize),
          id = await submit(part, join(run, String(first)), name, options);
        ids.push(id);
        part.forEach((job, i) =>
          open.set(`${id}_${i}`, { id: `${id}_${i}`, job, log: join(run, `${first}-${i}.log`) }),
        );
      }
      let heard = Date.now();
      while (open.size > 0 && !signal.aborted) {
        await new Promise((resolve) => setTimeout(resolve, every * 1000));
        const left = await queued(ids);
        if (left) heard = Date.now();
        else if (Date.now() - heard > patience * 1000)
          throw new VitrineError(
            `Slurm has not answered for ${patience} s; what was graded is kept, and the same command goes on ` +
              `from there.`,
          );
        for (const task of [...open.values()]) {
          const there = existsSync(task.job.out);
          if (!there && (!left || left.has(task.id))) continue;
          open.delete(task.id);
          await ended(
            there || (await appears(task.job.out)) ? { job: task.job } : { job: task.job, failed: await failure(task) },
          );
        }
      }
    } finally {
      if (open.size > 0 && ids.length > 0) await slurmCommand("scancel", ids);
      if (open.size === 0) rmSync(run, { recursive: true, force: true });
    }
  };
}

async function submit(
  jobs: readonly Job[],
  stem: string,
  name: string,
  options: GradeOne & SlurmOptions,
): Promise<string> {
  const file = `${stem}.json`,
    task = join(projectRoot(), "kernel-setup", "dist", "grading", "class", "slurm", "task.js");
  writeFileSync(file, JSON.stringify(jobs.map((job) => argumentsOf(job, options))));
  const { code, out, err } = await slurmCommand(
    "sbatch",
    [
      "--parsable",
      `--job-name=${name}`,
      `--array=0-${jobs.length - 1}`,
      "--ntasks=1",
      `--time=${options.minutes ?? 10}`,
      "--requeue",
      "--open-mode=append",
      `--output=${stem}-%a.log`,
      ...(options.partition ? [`--partition=${options.partition}`] : []),
    ],
    `#!/bin/sh\nexec ${[process.execPath, task, file].map(quoted).join(" ")}\n`,
  );
  if (code !== 0) throw new VitrineError(`Slurm took no jobs: ${err.trim().split("\n").at(-1) ?? "sbatch failed"}`);
  return out.trim().split(";")[0];
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** On a disk that several machines share a file may be seen a moment later than its job's end. */
async function appears(file: string): Promise<boolean> {
  for (let i = 0; i < 10 && !existsSync(file); i++) await new Promise((resolve) => setTimeout(resolve, 300));
  return existsSync(file);
}

async function failure({ id, log }: Task): Promise<string> {
  const said = existsSync(log) ? oneLine(readFileSync(log, "utf8").trim().split("\n").at(-1)!, 200) : "";
  return `Slurm's job ended without results (${await endOf(id)})${said ? `: ${said}` : ""}.`;
}
