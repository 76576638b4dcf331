import { join } from "node:path";
import { projectRoot } from "vitrine/dist/kit";

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
