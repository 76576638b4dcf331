// Grades a generated class here, on Slurm, and twenty of it by nbgrader's own autograde: npm run bench:grading
// Stopped, it goes on where it was: the same command again. --fresh begins again, --dry-run writes no page.
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir, totalmem, type as system } from "node:os";
import { delimiter, join } from "node:path";
import { parseArgs } from "node:util";
import { courseAt, type Course } from "../../kernel-setup/grading/class/course";
import { readGradebook } from "../../kernel-setup/grading/class/gradebook";
import { defaultJobs } from "../../kernel-setup/grading/class/jobs";
import { judgeFingerprint, sha256 } from "../../kernel-setup/grading/class/fingerprint";
import { resultsFile, resultsIfAny } from "../../kernel-setup/grading/class/results";
import { gradeCells } from "../../kernel-setup/grading/class/sheet-cells";
import { clusterMissing, startCluster } from "../../test/kernel-setup/grading/class-slurm-cluster";
import { Journal } from "./journal";
import { measure } from "./measure";
import { generateClass, type Expected } from "./submissions";
import { table } from "./table";

const root = join(__dirname, "..", "..");
const { values } = parseArgs({
  options: {
    count: { type: "string", default: "300" },
    nbgrader: { type: "string", default: "20" },
    jobs: { type: "string" },
    sheet: { type: "string", default: "04-fashion-mnist-occlusion" },
    "dry-run": { type: "boolean" },
    fresh: { type: "boolean" },
  },
});
const sheet = values.sheet!,
  count = Number(values.count),
  few = Math.min(count, Number(values.nbgrader)),
  jobs = Number(values.jobs ?? defaultJobs());
const print = sha256(judgeFingerprint(courseAt(join(root, "notebooks")), sheet, 0), JSON.stringify([count, few, jobs]));
const journal = new Journal(
  join(tmpdir(), `vitrine-bench-grading-${sheet}-${count}`),
  values.fresh ? undefined : print,
  print,
  () => ({
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    sheet,
    jobs,
    rows: [],
    wrong: [],
    skipped: [],
  }),
);
const { results } = journal,
  work = journal.folder;
/** By Ctrl-C, which the terminal sends to those at work, too: they keep what is done. */
let interrupted = false;
/** Seconds between two lines that say how far it is. */
const every = 30;

function machine(): string {
  const [{ model }] = cpus();
  return (
    `${cpus().length} × ${model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${system()} ${release()}, Node ` +
    `${process.versions.node}`
  );
}

/** A course of its own in which somebody handed in what `from` has. */
function copyOf(from: Course, name: string, students?: readonly string[]): Course {
  const course = courseAt(join(work, name));
  if (existsSync(join(course.root, "complete"))) return course;
  cpSync(join(from.root, "source"), join(course.root, "source"), { recursive: true });
  cpSync(join(from.root, "nbgrader_config.py"), join(course.root, "nbgrader_config.py"));
  mkdirSync(join(course.root, "submitted"), { recursive: true });
  for (const student of students ?? [])
    cpSync(join(from.root, "submitted", student), join(course.root, "submitted", student), { recursive: true });
  if (!students) cpSync(join(from.root, "submitted"), join(course.root, "submitted"), { recursive: true });
  writeFileSync(join(course.root, "complete"), "");
  return course;
}

function rightOf(course: Course, expected: readonly Expected[], title: string): string {
  const wrong = expected.filter(({ student, right }) => {
    const found = resultsIfAny(resultsFile(course, student, sheet));
    return !found || !right(found);
  });
  for (const { student, kind } of wrong) {
    const found = resultsIfAny(resultsFile(course, student, sheet)),
      reasons = found?.vitrine.tasks
        .map(({ task, points, reason }) => `${task} ${points}${reason && `: ${reason}`}`)
        .join("; ");
    results.wrong.push(
      `${title}: ${student} (${kind}) has ${found?.score ?? "nothing"}, ` +
        `${found?.vitrine.status ?? "no results"}: ` +
        `${(found?.vitrine.reason ?? reasons ?? "").replace(/\s+/g, " ").slice(0, 400)}`,
    );
  }
  return `${expected.length - wrong.length} of ${expected.length}`;
}

function leaveIfInterrupted(): void {
  if (interrupted) throw new Error("Interrupted: the same command goes on from here.");
}

/** Says now and then how far a row is, and keeps what it took. */
function ticker(title: string, of: number, done: () => number): (seconds: number, memory: number) => void {
  const before = journal.before(title),
    first = done();
  let said = 0;
  return (seconds, memory) => {
    if (seconds - said < every) return;
    said = seconds;
    journal.spent(title, before.seconds + seconds, Math.max(before.memory, memory));
    const now = done(),
      left = now > first ? ((of - now) * seconds) / (now - first) : undefined;
    console.log(
      `  ${now} of ${of}, ` +
        `${minutes(before.seconds + seconds)}${left === undefined ? "" : `, about ${minutes(left)} to go`}`,
    );
  };
}

const minutes = (seconds: number): string =>
  seconds < 90 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(0)} min`;

async function grade(
  title: string,
  course: () => Course,
  expected: readonly Expected[],
  flags: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  if (journal.has(title)) return;
  console.log(`${title} …`);
  const at = course(),
    found = (student: string) => resultsIfAny(resultsFile(at, student, sheet));
  const before = journal.before(title),
    tick = ticker(title, expected.length, () => expected.filter(({ student }) => found(student)).length);
  const { seconds, memory, status, said } = await measure(
    process.execPath,
    [join(root, "lib", "bin", "vitrine.cjs"), "grade", sheet, "--course", at.root, ...flags],
    { ...process.env, ...env },
    { tick },
  );
  leaveIfInterrupted();
  if (status !== 0) results.wrong.push(`${title}: exit ${status}: ${said.trim().split("\n").at(-1)}`);
  const one = Math.max(0, ...expected.map(({ student }) => found(student)?.vitrine.memoryMiB ?? 0));
  // Slurm's jobs are no children of ours.
  const together = flags.includes("--slurm") ? {} : { memory: Math.max(before.memory, memory) };
  results.rows.push({
    title,
    submissions: expected.length,
    seconds: before.seconds + seconds,
    ...together,
    ...(one > 0 && { one }),
    right: rightOf(at, expected, title),
  });
  journal.save();
}

async function stock(from: Course, students: readonly string[]): Promise<void> {
  const title = "nbgrader's own autograde";
  if (journal.has(title)) return;
  const course = copyOf(from, "stock", students),
    bin = join(root, ".venv", "bin");
  const env = {
    ...process.env,
    VITRINE_COURSE_ROOT: course.root,
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    PYTHONWARNINGS: "ignore",
    JUPYTER_CONFIG_DIR: join(work, "jupyter"),
  };
  const made = await measure(join(bin, "nbgrader"), ["generate_assignment", sheet, "--force"], env, {
    cwd: course.root,
  });
  if (made.status !== 0) return void results.skipped.push(`nbgrader: ${made.said.trim().split("\n").at(-1)}`);
  console.log(`${title} …`);
  const cells = gradeCells(course, sheet).filter(({ by }) => by === "judge");
  const before = journal.before(title),
    tick = ticker(
      title,
      students.length,
      () => students.filter((student) => existsSync(course.autograded(student, sheet))).length,
    );
  // It leaves alone what it graded before, and also what it was killed at.
  const done = await readGradebook(course, sheet);
  for (const student of students)
    if (!cells.some(({ cell }) => done[student]?.grades[cell]?.auto != null))
      rmSync(course.autograded(student, sheet), { recursive: true, force: true });
  // Its own patience is too short for a busy machine.
  const { seconds, memory, status, said } = await measure(
    join(bin, "nbgrader"),
    ["autograde", sheet, "--ExecutePreprocessor.timeout=900", "--ExecutePreprocessor.startup_timeout=300"],
    env,
    { cwd: course.root, tick },
  );
  leaveIfInterrupted();
  if (status !== 0) results.wrong.push(`${title}: exit ${status}: ${said.trim().split("\n").at(-1)?.slice(0, 200)}`);
  const book = await readGradebook(course, sheet);
  const right = students.filter((student) =>
    cells.every(({ cell, points }) => book[student]?.grades[cell]?.auto === points),
  );
  for (const student of students.filter((each) => !right.includes(each)))
    results.wrong.push(
      `${title}: ${student} has ${cells.map(({ cell }) => book[student]?.grades[cell]?.auto ?? "nothing").join(", ")}`,
    );
  results.rows.push({
    title,
    submissions: students.length,
    seconds: before.seconds + seconds,
    memory: Math.max(before.memory, memory),
    right: `${right.length} of ${students.length}`,
  });
  journal.save();
}

async function main(): Promise<void> {
  const base = courseAt(join(work, "class")),
    slurm = "`vitrine grade --slurm`, one node";
  const expected = generateClass(root, base, sheet, count);
  results.skipped.length = 0;
  const twenty = expected.filter(({ kind }) => kind === "honest").slice(0, few),
    names = twenty.map(({ student }) => student);
  await grade("`vitrine grade`, this machine", () => base, expected, ["--jobs", String(jobs), "--no-gradebook"]);
  await grade("the same again: nothing has changed; into nbgrader's gradebook", () => base, expected, [
    "--jobs",
    String(jobs),
  ]);
  const missing = clusterMissing();
  if (missing) results.skipped.push(`Slurm: needs ${missing}`);
  else if (!journal.has(slurm)) {
    const cluster = await startCluster(jobs);
    try {
      await grade(slurm, () => copyOf(base, "slurm"), expected, ["--slurm", "--no-gradebook"], {
        SLURM_CONF: cluster.conf,
      });
    } finally {
      await cluster.stop();
    }
  }
  if (twenty.length > 0) {
    await grade("`vitrine grade`, honest ones, with the gradebook", () => copyOf(base, "few", names), twenty, [
      "--jobs",
      String(jobs),
    ]);
    await stock(base, names);
  }
}

process.on("SIGINT", () => {
  if (interrupted) process.exit(130);
  interrupted = true;
});

void main().then(
  () => {
    const page = table(results);
    console.log(page);
    if (!values["dry-run"]) {
      writeFileSync(join(__dirname, "README.md"), page);
      writeFileSync(join(__dirname, "results.json"), `${JSON.stringify(results, null, 1)}\n`);
    }
    if (results.wrong.length > 0) process.exitCode = 1;
    journal.remove();
  },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
