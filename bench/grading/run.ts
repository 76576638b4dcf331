// Grades a generated class here, on Slurm, and twenty of it by nbgrader's own autograde: npm run bench:grading
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir, totalmem, type as system } from "node:os";
import { delimiter, join } from "node:path";
import { parseArgs } from "node:util";
import { courseAt, type Course } from "../../kernel-setup/grading/class/course";
import { defaultJobs } from "../../kernel-setup/grading/class/pool";
import { resultsFile, resultsIfAny } from "../../kernel-setup/grading/class/results";
import { clusterMissing, startCluster } from "../../test/kernel-setup/grading/class-slurm-cluster";
import { measure } from "./measure";
import { generateClass, type Expected } from "./submissions";
import { table, type BenchResults } from "./table";

const root = join(__dirname, "..", "..");
const { values } = parseArgs({ options: { count: { type: "string", default: "300" }, nbgrader: { type: "string", default: "20" }, jobs: { type: "string" }, sheet: { type: "string", default: "04-fashion-mnist-occlusion" }, "dry-run": { type: "boolean" } } });
const sheet = values.sheet!, count = Number(values.count), few = Math.min(count, Number(values.nbgrader)), jobs = Number(values.jobs ?? defaultJobs());
const results: BenchResults = { date: new Date().toISOString().slice(0, 10), machine: machine(), sheet, jobs, rows: [], wrong: [], skipped: [] };
const work = mkdtempSync(join(tmpdir(), "vitrine-bench-grading-"));

function machine(): string {
  const [{ model }] = cpus();
  return `${cpus().length} × ${model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${system()} ${release()}, Node ${process.versions.node}`;
}

/** A course of its own in which somebody handed in what `from` has. */
function copyOf(from: Course, name: string, students?: readonly string[]): Course {
  const course = courseAt(join(work, name));
  cpSync(join(from.root, "source"), join(course.root, "source"), { recursive: true });
  cpSync(join(from.root, "nbgrader_config.py"), join(course.root, "nbgrader_config.py"));
  mkdirSync(join(course.root, "submitted"));
  for (const student of students ?? []) cpSync(join(from.root, "submitted", student), join(course.root, "submitted", student), { recursive: true });
  if (!students) cpSync(join(from.root, "submitted"), join(course.root, "submitted"), { recursive: true });
  return course;
}

function rightOf(course: Course, expected: readonly Expected[], title: string): string {
  const wrong = expected.filter(({ student, right }) => {
    const found = resultsIfAny(resultsFile(course, student, sheet));
    return !found || !right(found);
  });
  for (const { student, kind } of wrong) results.wrong.push(`${title}: ${student} (${kind}) has ${resultsIfAny(resultsFile(course, student, sheet))?.score ?? "nothing"}: ${(resultsIfAny(resultsFile(course, student, sheet))?.vitrine.reason ?? "").slice(0, 200)}`);
  return `${expected.length - wrong.length} of ${expected.length}`;
}

async function grade(title: string, course: Course, expected: readonly Expected[], flags: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
  console.log(`${title} …`);
  const { seconds, memory, status, said } = await measure(process.execPath, [join(root, "lib", "bin", "vitrine.cjs"), "grade", sheet, "--course", course.root, ...flags], { ...process.env, ...env });
  if (status !== 0) results.wrong.push(`${title}: exit ${status}: ${said.trim().split("\n").at(-1)}`);
  results.rows.push({ title, submissions: expected.length, seconds, ...(!flags.includes("--slurm") && { memory }), right: rightOf(course, expected, title) });
}

async function stock(from: Course, students: readonly string[]): Promise<void> {
  const course = copyOf(from, "stock", students), bin = join(root, ".venv", "bin");
  const env = { ...process.env, VITRINE_COURSE_ROOT: course.root, PATH: `${bin}${delimiter}${process.env.PATH}`, PYTHONWARNINGS: "ignore", JUPYTER_CONFIG_DIR: join(work, "jupyter") };
  const made = await measure(join(bin, "nbgrader"), ["generate_assignment", sheet], env, course.root);
  if (made.status !== 0) return void results.skipped.push(`nbgrader: ${made.said.trim().split("\n").at(-1)}`);
  console.log("nbgrader's own autograde …");
  const { seconds, memory, status, said } = await measure(join(bin, "nbgrader"), ["autograde", sheet, "--ExecutePreprocessor.timeout=120"], env, course.root);
  results.rows.push({ title: "nbgrader's own autograde", submissions: students.length, seconds, memory, right: status === 0 ? "–" : `exit ${status}: ${said.trim().split("\n").at(-1)?.slice(0, 80)}` });
}

async function main(): Promise<void> {
  const base = courseAt(join(work, "class"));
  const expected = generateClass(root, base, sheet, count);
  const twenty = expected.filter(({ kind }) => kind === "honest").slice(0, few);
  await grade("`vitrine grade`, this machine", base, expected, ["--jobs", String(jobs), "--no-gradebook"]);
  await grade("the same again: nothing has changed; into nbgrader's gradebook", base, expected, ["--jobs", String(jobs)]);
  const missing = clusterMissing();
  if (missing) results.skipped.push(`Slurm: needs ${missing}`);
  else {
    const cluster = await startCluster(jobs);
    try {
      await grade("`vitrine grade --slurm`, one node", copyOf(base, "slurm"), expected, ["--slurm", "--no-gradebook"], { SLURM_CONF: cluster.conf });
    } finally {
      await cluster.stop();
    }
  }
  if (twenty.length > 0) {
    await grade("`vitrine grade`, honest ones, with the gradebook", copyOf(base, "few", twenty.map(({ student }) => student)), twenty, ["--jobs", String(jobs)]);
    await stock(base, twenty.map(({ student }) => student));
  }
}

void main().then(() => {
  const page = table(results);
  console.log(page);
  if (!values["dry-run"]) {
    writeFileSync(join(__dirname, "README.md"), page);
    writeFileSync(join(__dirname, "results.json"), `${JSON.stringify(results, null, 1)}\n`);
  }
}, (error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
}).finally(() => rmSync(work, { recursive: true, force: true }));
