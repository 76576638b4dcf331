// One submission is one job; here they run on this machine, some at a time.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { projectRoot } from "vitrine/dist/kit";
import { errorLine } from "./words";

/** One submission to be graded: a notebook in, a file of results out, whoever does it and however often. */
export interface Job {
  student: string;
  sheet: string;
  notebook: string;
  /** Written whole or not at all. */
  out: string;
  seed: number;
}

/** What became of a job: its file is there, or why it is not. */
export type Outcome = { job: Job; failed?: string };

/** Does jobs somewhere, and tells of each as it ends. An interruption ends all of them. */
export type Runner = (
  jobs: readonly Job[],
  ended: (outcome: Outcome) => Promise<void>,
  signal: AbortSignal,
) => Promise<void>;

export interface GradeOne {
  /** The script that grades one submission: SHEET NOTEBOOK OUT.json. */
  script: string;
  /** The course's folder. Default: the project's notebooks. */
  course?: string;
  unsafe: boolean;
}

export const gradeOneScript = (): string => join(projectRoot(), "kernel-setup", "dist", "grading", "grade-one.js");

/** The command line of one job, after `node`. */
export function argumentsOf(job: Job, { script, course, unsafe }: GradeOne): string[] {
  return [
    script,
    job.sheet,
    job.notebook,
    job.out,
    "--seed",
    String(job.seed),
    ...(course ? ["--course", course] : []),
    ...(unsafe ? ["--unsafe"] : []),
  ];
}

export interface PoolOptions extends GradeOne {
  /** How many at once. Default: as many as there are processors, and 1.5 GiB of memory for each. */
  jobs?: number;
  /**
   * Seconds after which a job is ended from outside; the judge's own limits are far below, unless the machine is busy.
   * Default: 600.
   */
  seconds?: number;
}

export const defaultJobs = (): number =>
  Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / 1.5 / 2 ** 30)));

/** Jobs on this machine, each a process group of its own, some at a time. */
export function pool(options: PoolOptions): Runner {
  return async (jobs, ended, signal) => {
    const waiting = [...jobs];
    const work = async (): Promise<void> => {
      for (let job = waiting.shift(); job && !signal.aborted; job = waiting.shift()) {
        const outcome = await runOne(job, options, signal);
        // One that was stopped by us has no outcome.
        if (!signal.aborted || !outcome.failed) await ended(outcome);
      }
    };
    await Promise.all(Array.from({ length: Math.min(options.jobs ?? defaultJobs(), jobs.length) }, work));
  };
}

function runOne(job: Job, options: PoolOptions, signal: AbortSignal): Promise<Outcome> {
  const { seconds = 600 } = options;
  const [command, ...args] = [...diesWithUs(), process.execPath, ...argumentsOf(job, options)];
  // A group of its own: Ctrl-C reaches only us, and we end all that it started.
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], detached: process.platform !== "win32" });
  let said = "",
    late = false;
  const listen = (chunk: Buffer): void => {
    said = (said + chunk.toString("utf8")).slice(-2000);
  };
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  const kill = (): void => {
    try {
      process.platform === "win32" ? child.kill("SIGKILL") : process.kill(-child.pid!, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  };
  const timer = setTimeout(() => {
    late = true;
    kill();
  }, seconds * 1000);
  signal.addEventListener("abort", kill, { once: true });
  return new Promise((resolve) => {
    const end = (failed?: string): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", kill);
      kill();
      resolve({ job, ...(failed && !existsSync(job.out) && { failed }) });
    };
    child.once("error", (error) => end(`The grader could not be started: ${error.message}.`));
    child.once("close", (code, sign) =>
      end(
        late
          ? `The grader did not end within ${seconds} s.`
          : `The grader ended without results (${sign ?? `exit ${code}`})${said.trim() ? `: ${errorLine(said)}` : ""}.`,
      ),
    );
  });
}

/** Where the system can (Linux), a job ends with us even when we are killed. */
function diesWithUs(): string[] {
  return process.platform === "linux" && existsSync("/usr/bin/setpriv")
    ? ["/usr/bin/setpriv", "--pdeathsig", "KILL"]
    : [];
}
