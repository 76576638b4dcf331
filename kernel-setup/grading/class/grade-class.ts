import { mkdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { badInput, InterruptedError, nearNames, startProgress } from "vitrine/dist/kit";
import { knownSheet, type Course, updateSettings, type Settings } from "./course";
import { otherName } from "./intake/astray";
import { readPlain } from "./intake/folder-files";
import { IntakeError, limits } from "./intake/incoming";
import { takeIn } from "./intake/take-in";
import type { Job, Outcome, Runner } from "./jobs";
import { withLock } from "./lock";
import { defaultSeed, hashOfFile, judgeFingerprint, sha256 } from "./fingerprint";
import { errorResults, readResults, resultsFile, resultsIfAny, writeResults, type Results } from "./results";
import { readRoster, type Roster } from "./roster";
import { gradeCells, type GradeCell } from "./sheet-cells";

export interface GradeClassOptions {
  course: Course;
  sheet: string;
  /** A download or a folder to take in first. Default: what lies in `submitted/`. */
  from?: string;
  /** Only these. Default: all. */
  students?: readonly string[];
  /** Grade also what has not changed. Default: false. */
  force?: boolean;
  /** Does the jobs. */
  runner: Runner;
  /** Is kept for the next time. */
  settings?: Settings;
  signal?: AbortSignal;
  /** Done under the lock once all results are there: the gradebook. */
  afterwards?: (graded: Graded) => Promise<void>;
}

export interface Graded {
  cells: GradeCell[];
  roster: Roster;
  settings: Settings;
  /** Of everybody who handed in; for who was not asked for, what is known from before. */
  results: Map<string, Results>;
  /** Those asked for. Default: everybody. */
  asked?: readonly string[];
  /** What is to be said of a student's results beside them. */
  remarks?: ReadonlyMap<string, string>;
  /** Those that were graded now; the others had not changed. */
  fresh: string[];
  /** Files and folders that were left out, with the reason. */
  refused: string[];
}

const notYet = "It has not been graded yet.";

/** How often a job is tried that ends without results: machines fail, and submissions are not to pay for it. */
const attempts = 2;

/**
 * Grades the submissions of a sheet whose notebook, hidden tests, seed or grader changed since they were last graded.
 * Results are published one by one, whole; whoever stops it, and whenever, loses nothing that was done.
 * @throws InterruptedError when stopped; LockedError if somebody else grades the sheet
 */
export async function gradeClass({
  course,
  sheet: word,
  from,
  students,
  force = false,
  runner,
  settings: said = {},
  signal = new AbortController().signal,
  afterwards,
}: GradeClassOptions): Promise<Graded> {
  const sheet = knownSheet(course, word);
  return withLock(
    join(course.reports(sheet), "grading.lock"),
    `Sheet ${sheet}`,
    async () => {
      const settings = await updateSettings(course, sheet, said);
      const seed = settings.seed ?? defaultSeed(sheet);
      const taken = from === undefined ? undefined : await takeIn(course, sheet, from);
      const { roster, refused } = readRoster(course, sheet);
      const asked = selected(roster, students, sheet);
      const cells = gradeCells(course, sheet),
        judge = judgeFingerprint(course, sheet, seed);
      const fresh: string[] = [],
        jobs: Job[] = [],
        remarks = new Map<string, string>(),
        prints = new Map<string, string>(),
        hashes = new Map<string, string>();
      const publish = async (student: string, results: Results): Promise<void> => {
        await writeResults(course, student, sheet, results);
        fresh.push(student);
      };
      for (const student of Object.keys(roster)) {
        const found = await notebookOf(course, student, sheet, roster[student].problem);
        const print = sha256(judge, "problem" in found ? found.problem : found.sha256);
        const before = resultsIfAny(resultsFile(course, student, sheet));
        if (!asked.includes(student)) {
          if (before && before.vitrine.print !== print)
            remarks.set(student, "graded before the notebook, the sheet or the grader changed");
          continue;
        }
        if (!force && before?.vitrine.print === print && !before.vitrine.again) continue;
        if ("problem" in found) {
          await publish(student, errorResults(sheet, student, found.problem, judged(cells), print));
          continue;
        }
        prints.set(student, print);
        hashes.set(student, found.sha256);
        // Named by the print: what an earlier grader that was killed had got done is taken from there.
        const job = {
          student,
          sheet,
          notebook: found.path,
          out: join(course.results(student, sheet), `incoming-${print.slice(0, 16)}.json`),
          seed,
        };
        mkdirSync(course.results(student, sheet), { recursive: true });
        if (force) rmSync(job.out, { force: true });
        jobs.push(job);
      }
      const collect = async ({ job, failed }: Outcome): Promise<boolean> => {
        const print = prints.get(job.student)!;
        const results = failed ? undefined : resultsIfAny(job.out);
        // The notebook may have been replaced since it was looked at.
        if (!results || (results.vitrine.notebookSha256 ?? hashes.get(job.student)) !== hashes.get(job.student))
          return false;
        await publish(job.student, { ...results, vitrine: { ...results.vitrine, student: job.student, print } });
        rmSync(job.out, { force: true });
        return true;
      };
      await runAll(jobs, runner, collect, signal, sheet, async ({ job, failed }) =>
        publish(
          job.student,
          withFingerprint(
            { ...errorResults(sheet, job.student, failed ?? "The grader's results could not be read.", judged(cells)) },
            prints.get(job.student)!,
          ),
        ),
      );
      const results = new Map(
        Object.keys(roster).map((student) => {
          const file = resultsFile(course, student, sheet);
          if (asked.includes(student)) return [student, readResults(file)];
          return [student, resultsIfAny(file) ?? waiting(errorResults(sheet, student, notYet, judged(cells)))];
        }),
      );
      const graded = {
        cells,
        roster,
        settings,
        results,
        asked,
        remarks,
        fresh: fresh.sort(),
        refused: [...(taken?.refused ?? []), ...refused],
      };
      await afterwards?.(graded);
      return graded;
    },
    { signal },
  );
}

/** Runs the jobs, those that fail once more; `giveUp` gets those that never gave results. */
async function runAll(
  jobs: readonly Job[],
  runner: Runner,
  collect: (outcome: Outcome) => Promise<boolean>,
  signal: AbortSignal,
  sheet: string,
  giveUp: (outcome: Outcome) => Promise<void>,
): Promise<void> {
  const progress = startProgress({
    label: `grading ${sheet}`,
    total: jobs.length,
    patience: 0,
    stays: true,
    lines: true,
  });
  const clock = setInterval(() => progress.advance(0), 500);
  try {
    let left: Job[] = [];
    for (const job of jobs) (await collect({ job })) ? progress.advance() : left.push(job);
    for (let attempt = 1; left.length > 0 && !signal.aborted; attempt++) {
      const failed: Outcome[] = [];
      await runner(
        left,
        async (outcome) => {
          if (await collect(outcome)) progress.advance();
          else failed.push(outcome);
        },
        signal,
      );
      left = failed.map(({ job }) => job);
      if (attempt < attempts) continue;
      for (const outcome of failed) await giveUp(outcome);
      progress.advance(failed.length);
      left = [];
    }
  } finally {
    clearInterval(clock);
    progress.end();
  }
  if (signal.aborted)
    throw new InterruptedError("Interrupted: what was graded is kept; the same command goes on from there.");
}

async function notebookOf(
  course: Course,
  student: string,
  sheet: string,
  problem?: string,
): Promise<{ path: string; sha256: string } | { problem: string }> {
  if (problem) return { problem };
  const path = join(course.submitted(student, sheet), `${sheet}.ipynb`);
  try {
    return { path, sha256: hashOfFile(await readPlain(path, limits.notebook)) };
  } catch (error) {
    if (!(error instanceof IntakeError)) throw error;
    if (!/ENOENT/.test(error.message)) return { problem: error.message };
    const other = otherName(dirname(path), sheet);
    return { problem: `There is no ${basename(path)}.${other ? ` ${other}.` : ""}` };
  }
}

function selected(roster: Roster, students: readonly string[] | undefined, sheet: string): string[] {
  const there = Object.keys(roster);
  if (there.length === 0)
    badInput({
      what: "submissions",
      got: 0,
      allowed: `folders submitted/STUDENT/${sheet}, or a download given by --from`,
    });
  for (const student of students ?? [])
    if (!there.includes(student))
      badInput({
        what: "--students",
        got: student,
        allowed: "students who handed in",
        remedy: `Did you mean ${nearNames(student, there).join(", ")}?`,
      });
  return there.filter((student) => !students || students.includes(student));
}

const judged = (cells: readonly GradeCell[]): GradeCell[] => cells.filter(({ by }) => by === "judge");
/** An error of the machine's: graded again the next time. */
const withFingerprint = (results: Results, print: string): Results => ({
  ...results,
  vitrine: { ...results.vitrine, print, again: true },
});
const waiting = (results: Results): Results => ({ ...results, vitrine: { ...results.vitrine, waiting: true } });
