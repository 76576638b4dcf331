import { join } from "node:path";
import { badInput, VitrineError, writeTogether } from "vitrine/dist/kit";
import { courseSecret } from "../course-secret";
import { loadTasks } from "../judge/load-tasks";
import { sandboxMissing } from "../sandbox/command";
import { courseAt, knownSheet, type Settings } from "./course";
import { gradeClass } from "./grade-class";
import { ingest } from "./gradebook";
import { gradeOneScript, pool } from "./jobs";
import { slurm, type SlurmOptions } from "./slurm/runner";
import { classPage } from "./statistics/page";
import { summaryCsv, summaryText } from "./summary";
import { firstLines, oneLine } from "./words";

/** Lines about files that were left out: a thousand of them would take the table out of sight. */
const MOST_REFUSED = 100;

export interface RunGradeOptions {
  sheet: string;
  /** The course's folder. Default: the project's notebooks. */
  course?: string;
  from?: string;
  students?: string[];
  jobs?: number;
  /** Jobs go to Slurm instead of this machine. */
  slurm?: SlurmOptions;
  force: boolean;
  unsafe: boolean;
  /** Leave nbgrader's gradebook alone. */
  gradebook: boolean;
  settings: Settings;
}

/** `npx vitrine grade`. @returns the exit status */
export async function runGrade({
  sheet: word,
  course: folder,
  unsafe,
  jobs,
  slurm: cluster,
  gradebook,
  ...rest
}: RunGradeOptions): Promise<number> {
  const course = courseAt(folder);
  const sheet = knownSheet(course, word);
  if (gradebook) checkFolder(course.root);
  checkTasks(join(course.source(sheet), "judge"));
  checkSecret(course.root);
  const missing = unsafe || cluster ? undefined : sandboxMissing();
  if (missing) throw new VitrineError(missing);
  const one = { script: gradeOneScript(), course: course.root, unsafe };
  const runner = cluster
    ? slurm({ ...one, ...cluster, folder: join(course.reports(sheet), "slurm") })
    : pool({ ...one, jobs });
  const failures = new Map<string, string>();
  const graded = await interruptible((signal) =>
    gradeClass({
      course,
      sheet,
      runner,
      signal,
      ...rest,
      afterwards: async (all) => {
        await writeTogether([
          { path: join(course.reports(sheet), "summary.csv"), content: summaryCsv(all) },
          { path: join(course.reports(sheet), "class.html"), content: classPage(sheet, all) },
        ]);
        const asked = {
          ...all,
          results: new Map([...all.results].filter(([student]) => all.asked?.includes(student) ?? true)),
        };
        if (gradebook)
          for (const [student, why] of await ingest(course, sheet, asked, signal)) failures.set(student, why);
      },
    }),
  );
  for (const refusal of firstLines(graded.refused, MOST_REFUSED)) process.stderr.write(`left out: ${refusal}\n`);
  for (const [student, why] of failures) process.stderr.write(`not in the gradebook: ${student}: ${why}\n`);
  process.stdout.write(`${summaryText(graded)}\nClass: ${join(course.reports(sheet), "class.html")}\n`);
  return failures.size > 0 ? 1 : 0;
}

/** nbgrader looks for files by patterns, and for its gradebook by an address: it would find nothing there. */
function checkFolder(root: string): void {
  if (!/[[\]]|%[0-9a-f]{2}/i.test(root)) return;
  badInput({
    what: "the course's folder",
    got: root,
    allowed: "a path without [, ] and %, which mean something else to nbgrader",
    remedy: "Rename it; with --no-gradebook it is graded as it is.",
  });
}

/** Hidden tests that cannot be read are nobody's fault who handed in: said once, before anything is graded. */
function checkTasks(folder: string): void {
  // They need TensorFlow.js, here only to be read.
  process.env.VITRINE_BACKEND ??= "cpu";
  try {
    loadTasks(folder);
  } catch (error) {
    throw new VitrineError(`The sheet cannot be graded: ${oneLine((error as Error).message.split("\n")[0], 500)}.`);
  }
}

/** Of a secret that cannot be read no job would come to results: said once as well. */
function checkSecret(course: string): void {
  try {
    courseSecret(course);
  } catch (error) {
    throw new VitrineError(`The sheet cannot be graded: ${oneLine((error as Error).message, 500)}.`);
  }
}

/** Ctrl-C ends the jobs and keeps what is done; a second one ends at once. */
async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const onSignal = (): void => (stop.signal.aborted ? process.exit(130) : stop.abort());
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const each of signals) process.on(each, onSignal);
  try {
    return await work(stop.signal);
  } finally {
    for (const each of signals) process.removeListener(each, onSignal);
  }
}
