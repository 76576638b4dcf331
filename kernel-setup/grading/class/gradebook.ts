import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { InterruptedError, startProgress, VitrineError, writeAtomically } from "vitrine/dist/kit";
import { type Course, lateness } from "./course";
import type { Graded } from "./grade-class";
import { tooMuchToRead, notebookText } from "../notebook/read-notebook";
import { readPlain } from "./intake/folder-files";
import { IntakeError, limits } from "./intake/incoming";
import { isParts, readKept } from "./kept-file";
import { withLock } from "./lock";
import { sha256 } from "./fingerprint";
import { projectPython, pythonEnvironment, pythonScript } from "./python";
import { maximum } from "./sheet-cells";
import { errorLine, oneLine } from "./words";

/** What nbgrader's gradebook says of one submission. */
export interface GradebookEntry {
  grades: Record<
    string,
    { auto: number | null; manual: number | null; extra: number | null; max: number; needsPerson: boolean }
  >;
  /** What assistants wrote, by the cell it is about. */
  comments: Record<string, string>;
  penalty: number;
  /** The student's prose by cell, as HTML that cannot act. */
  answers: Record<string, string>;
}

/** What was put in last, by student, and which gradebook it was put into. */
type Ingested = Record<string, { print: string; extras: Record<string, number>; book?: Book }>;

/** A gradebook's own number (ingest.py gives it), and how often it had been changed. */
interface Book {
  id: number;
  changes: number;
}

interface Answer {
  student: string | null;
  failed: string | null;
  extras?: Record<string, number>;
}

/**
 * Puts results into nbgrader's gradebook, those that are not in it yet. One process does it at a time, one submission
 * after the other; a result takes the place of the old one, points and comments of people stay. A submission at which
 * the process ends, or does not come to an end, is said, and the others go on with a new one.
 * @param seconds that one submission may take. Default: 300
 * @returns students whose results could not be put in, with the reason
 */
export async function ingest(
  course: Course,
  sheet: string,
  { cells, roster, settings, results }: Graded,
  signal: AbortSignal = new AbortController().signal,
  { seconds = 300 }: { seconds?: number } = {},
): Promise<Map<string, string>> {
  const file = join(course.reports(sheet), "ingested.json");
  return withLock(
    join(course.root, "reports", "gradebook.lock"),
    "The gradebook",
    async () => {
      const done = await putInBefore(course, sheet, file);
      const todo = [...results]
        .map(([student, result]) => {
          const { name, submitted, problem } = roster[student];
          const line = {
            student,
            ...splitName(name, roster[student].platform),
            notebook: problem ? null : join(course.submitted(student, sheet), `${sheet}.ipynb`),
            unreadable: problem ?? null,
            submitted: submitted ?? null,
            due: settings.due ? new Date(settings.due).toISOString() : null,
            penalty: lateness(settings, roster[student], maximum(cells)).points,
            tasks: result.vitrine.tasks,
          };
          return { line, print: sha256(JSON.stringify({ ...line, print: result.vitrine.print })) };
        })
        .filter(({ line, print }) => done[line.student]?.print !== print);
      const failures = new Map<string, string>();
      if (todo.length === 0) return failures;
      const progress = startProgress({ label: "gradebook", total: todo.length, patience: 0, stays: true });
      const begun = async (): Promise<Helper> => {
        const one = startHelper(course, sheet),
          ready = await one.next(Infinity);
        if (!ready.failed) return one;
        await one.end();
        throw new VitrineError(
          /Cannot add or remove cells/.test(ready.failed)
            ? otherQuestions(course, sheet)
            : `The sheet could not be put into the gradebook: ${oneLine(ready.failed)}`,
        );
      };
      let helper: Helper | undefined;
      try {
        for (const { line, print } of todo) {
          if (signal.aborted)
            throw new InterruptedError(
              "Interrupted: what is in the gradebook is whole; the same command goes on from there.",
            );
          helper ??= await begun();
          const unreadable = line.unreadable ?? (await whyUnread(line.notebook!));
          helper.send({ ...line, unreadable, extras: done[line.student]?.extras ?? {} });
          const { failed, extras = {} } = await helper.next(seconds).catch(async (error: Error) => {
            await helper!.end(true);
            helper = undefined;
            return { student: line.student, failed: error.message } as Answer;
          });
          if (failed) failures.set(line.student, oneLine(failed));
          else {
            done[line.student] = { print, extras, book: bookOf(databaseOf(course)) };
            await writeAtomically(file, JSON.stringify(done));
          }
          progress.advance();
        }
      } finally {
        await helper?.end();
        progress.end();
      }
      return failures;
    },
    { wait: 600_000, signal },
  );
}

/** nbgrader knows a sheet's questions by those that the first submissions had. */
const otherQuestions = (course: Course, sheet: string): string =>
  `The sheet has questions more or fewer than the gradebook, and nbgrader does not take that while there are ` +
  `submissions of it. Undo it, or take the sheet out, with all that people graded in it: ` +
  `${join(dirname(projectPython()), "nbgrader")} db assignment remove ${sheet} --force --course-dir=${course.root}. ` +
  `Then npx vitrine grade ${sheet} puts it in again.`;

/**
 * Only what is in the gradebook that is there: it may be a new one, an older copy that was put back, or somebody has
 * taken a student out of it, or removed the notebooks that people see.
 */
async function putInBefore(course: Course, sheet: string, file: string): Promise<Ingested> {
  const kept = readKept(file, "Remove it: all results are put in again; points and comments of people stay.") ?? {};
  const { id, changes } = bookOf(databaseOf(course));
  if (id === 0) return ownParts({});
  const there = new Set(await inGradebook(course, sheet));
  const still = (student: string, each: unknown): boolean => {
    const book = isParts(each) && isParts(each.book) ? each.book : {};
    const shown = join(course.autograded(student, sheet), `${sheet}.ipynb`);
    return book.id === id && Number(book.changes) <= changes && there.has(student) && existsSync(shown);
  };
  return ownParts(Object.fromEntries(Object.entries(kept).filter((each) => still(...each))) as Ingested);
}

async function inGradebook(course: Course, sheet: string): Promise<string[]> {
  const args = [pythonScript("in_gradebook.py"), databaseOf(course), sheet];
  const { stdout } = await promisify(execFile)(projectPython(), args, {
    env: pythonEnvironment(course.root),
    maxBuffer: 64 << 20,
  });
  return JSON.parse(stdout) as string[];
}

/** As the beginning of a database of SQLite says it; zeros where there is none, or nothing in it. */
function bookOf(database: string): Book {
  if (!existsSync(database)) return { id: 0, changes: 0 };
  const file = openSync(database, "r"),
    head = Buffer.alloc(100);
  try {
    readSync(file, head);
    return { id: head.readUInt32BE(60), changes: head.readUInt32BE(24) };
  } finally {
    closeSync(file);
  }
}

const databaseOf = ({ root }: Course): string => join(root, "gradebook.db");

/** What the judge does not read nobody is to see graded: a link to another's notebook, a pipe, lists without end. */
async function whyUnread(notebook: string): Promise<string | null> {
  try {
    return tooMuchToRead(notebookText(await readPlain(notebook, limits.notebook))) ?? null;
  } catch (error) {
    if (error instanceof IntakeError) return error.message;
    throw error;
  }
}

interface Helper {
  send(line: object): void;
  /** @throws VitrineError where it ended, or did not answer in so many seconds */
  next(seconds: number): Promise<Answer>;
  /** @param now does not wait for what it is at */
  end(now?: boolean): Promise<void>;
}

function startHelper(course: Course, sheet: string): Helper {
  // A group of its own, so that Ctrl-C lets it finish the submission it is at.
  const child = spawn(projectPython(), [pythonScript("ingest.py"), course.root, sheet], {
    env: pythonEnvironment(course.root),
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString("utf8")).slice(-4000);
  });
  child.stdin.on("error", () => undefined);
  const closed = once(child, "close");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answered = async (): Promise<Answer> => {
    const { value, done } = (await lines.next()) as IteratorResult<string, undefined>;
    if (done) throw new VitrineError(`nbgrader ended before it was done: ${errorLine(said)}`);
    if (process.env.VITRINE_DEBUG && said) process.stderr.write(said);
    return JSON.parse(value) as Answer;
  };
  return {
    send: (line) => void child.stdin.write(`${JSON.stringify(line)}\n`),
    next: async (seconds) => {
      if (seconds === Infinity) return answered();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        const words = `nbgrader took longer than ${seconds} s for it and was stopped.`;
        timer = setTimeout(() => reject(new VitrineError(words)), 1000 * seconds);
      });
      const answer = answered();
      answer.catch(() => undefined);
      return Promise.race([answer, late]).finally(() => clearTimeout(timer));
    },
    end: async (now = false) => {
      if (now) child.kill("SIGKILL");
      else child.stdin.end();
      await closed;
    },
  };
}

/** What the gradebook says of a sheet, by student; nothing where there is none. */
export async function readGradebook(course: Course, sheet: string): Promise<Record<string, GradebookEntry>> {
  try {
    const child = spawn(projectPython(), [pythonScript("dump.py"), course.root, sheet], {
      env: pythonEnvironment(course.root),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString("utf8")).slice(-4000);
    });
    const closed = once(child, "close") as Promise<[number | null]>,
      entries = ownParts<GradebookEntry>({});
    // A line for each student: all together may be longer than a text can be.
    closed.catch(() => undefined);
    for await (const line of createInterface({ input: child.stdout })) {
      const { student, ...entry } = JSON.parse(line) as GradebookEntry & { student: string };
      entries[student] = entry;
    }
    const [status] = await closed;
    if (status === 0) return entries;
    throw new VitrineError(`The gradebook (${databaseOf(course)}) cannot be read: ${errorLine(said)}`);
  } catch (error) {
    if (error instanceof VitrineError) throw error;
    throw new VitrineError(`The gradebook cannot be read: ${oneLine(String(error))}`);
  }
}

/** By student, where a name such as `__proto__` is one like others. */
const ownParts = <T>(parts: Record<string, T>): Record<string, T> =>
  Object.assign(Object.create(null) as Record<string, T>, parts);

const formulaSigns = /^[\s=+\-@＝＋－＠]+/u;

/**
 * Moodle gives the whole name, Canvas one word of it. nbgrader writes names into its tables (nbgrader export) as they
 * are: with what a spreadsheet takes for a formula none of them begins.
 */
function splitName(name: string, platform?: string): { first: string; last: string } {
  const at = platform === "moodle" ? name.lastIndexOf(" ") : -1;
  const [first, last] =
    at >= 0 ? [name.slice(0, at), name.slice(at + 1)] : ["", platform === "nbgrader" || !platform ? "" : name];
  return { first: first.replace(formulaSigns, ""), last: last.replace(formulaSigns, "") };
}
