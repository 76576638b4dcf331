import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { renderPng } from "../../lib/plot/show";
import { compare } from "./compare";
import { ProcessContestant } from "./contestant";
import { axes, measureCosts } from "./costs";
import { costsFigure } from "./costs-figure";
import { describeMachine, type Machine } from "./machine";
import { measure, type Row } from "./measure";
import { pageWith, table, type Results } from "./table";
import { workloads, type Workload } from "./workloads";

const usage = `Usage: npm run bench [-- --only NAME,NAME] [--quick] [--write]

Runs each workload in Vitrine and in PyTorch, in turns, and writes bench/results.json and the table in bench/README.md.
  --only NAME,…  these workloads only; nothing is written without --write, which puts these rows beside the others
  --quick        two repetitions, and a piece of what takes long; nothing is written
  --costs        time and memory by the number of images, steps and windows: bench/costs.json and bench/costs.png
  --check        only compares the results, of a piece of what takes long
  --list         the names`;

const root = join(__dirname, "..", ".."),
  threads = 2;
const files = {
  results: join(root, "bench", "results.json"),
  page: join(root, "bench", "README.md"),
  costs: join(root, "bench", "costs.json"),
  figure: join(root, "bench", "costs.png"),
};
const python =
  process.env.VITRINE_PYTHON ?? join(root, ".venv", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
const both = {
  VITRINE_BENCH_THREADS: String(threads),
  OMP_NUM_THREADS: String(threads),
  MKL_NUM_THREADS: String(threads),
  TF_NUM_INTRAOP_THREADS: String(threads),
  TF_NUM_INTEROP_THREADS: String(threads),
  TF_CPP_MIN_LOG_LEVEL: "2",
};
const ours = (): ProcessContestant =>
  new ProcessContestant("Vitrine", process.execPath, ["--import", "tsx", join(__dirname, "ours", "child.ts")], both);
const theirsWith = (env: NodeJS.ProcessEnv) => (): ProcessContestant =>
  new ProcessContestant("PyTorch", python, [join(__dirname, "theirs", "child.py")], { ...both, ...env });
const theirs = theirsWith({});
/** For where nothing is timed: on a busy machine PyTorch's threads wait for each other by spinning, for minutes. */
const patient = theirsWith({ OMP_WAIT_POLICY: "passive" });

function chosen(only: string | undefined): readonly Workload[] {
  if (only === undefined) return workloads;
  return only
    .split(",")
    .map(
      (name) =>
        workloads.find((workload) => workload.name === name) ??
        fail(`--only knows no ${name}; allowed: ${workloads.map((workload) => workload.name).join(", ")}`),
    );
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true },
      quick: { type: "boolean" },
      write: { type: "boolean" },
      check: { type: "boolean" },
      costs: { type: "boolean" },
      list: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return console.log(usage);
  if (values.list) return console.log(workloads.map(({ name }) => name).join("\n"));
  const list = chosen(values.only?.join(",")),
    folder = mkdtempSync(join(tmpdir(), "vitrine-bench-"));
  const exporter = ours();
  try {
    if (values.check) return await checkAll(list, exporter, folder);
    const machine = await describeMachine(exporter, theirs);
    if (values.costs) return await writeCosts(machine, exporter, folder);
    console.log(`${machine.machine}\n${machine.versions.join("\n")}\n`);
    const rows: Row[] = [],
      skipped: string[] = [],
      date = new Date().toISOString().slice(0, 10);
    const results = (): Results => ({ date, ...machine, workloads: rows, skipped });
    const keep = (): void => {
      if (!values.quick && (values.only === undefined || values.write)) write(results());
    };
    for (const workload of list) {
      console.log(workload.name);
      const exported = await exporter.export({ workload, folder });
      if (exported.missing !== undefined) {
        skipped.push(`${workload.name}: ${exported.missing}`);
        continue;
      }
      const row = await measure(workload, { ours, theirs }, exported, {
        folder,
        quick: values.quick,
        say: console.log,
      });
      rows.push(row);
      // At once: a run takes long, and may be cut off.
      keep();
      console.log(
        `  ours ${row.oursMs.toFixed(1)} ms, theirs ${row.theirsMs.toFixed(1)}, as usual ` +
          `${row.theirsUsualMs.toFixed(1)}: ${row.ratio.toFixed(2)} of ` +
          `${row.target}${row.wrong ? `; WRONG: ${row.wrong}` : ""}`,
      );
    }
    console.log(`\n${table(results())}`);
    // With what was skipped after the last row.
    keep();
    if (rows.some(({ wrong }) => wrong !== undefined)) process.exitCode = 1;
  } finally {
    await exporter.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writeCosts(machine: Machine, exporter: ProcessContestant, folder: string): Promise<void> {
  const costs = await measureCosts(
    { ours, theirs },
    folder,
    (workload) => exporter.export({ workload, folder }),
    console.log,
    axes,
  );
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(files.costs, `${JSON.stringify({ date, ...machine, costs }, null, 1)}\n`);
  writeFileSync(
    files.figure,
    await renderPng(costsFigure(costs, `${date}, ${machine.machine}, load before ${machine.loadBefore}`)),
  );
  for (const {
    axis,
    offLine: { ours, theirs },
  } of costs)
    console.log(`${axis}: off a straight line by at most ${percent(ours)} (ours), ${percent(theirs)} (theirs)`);
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

async function checkAll(list: readonly Workload[], exporter: ProcessContestant, folder: string): Promise<void> {
  for (const workload of list) {
    const { missing } = await exporter.export({ workload, folder });
    const { off, by, wrong } =
      missing === undefined ? await compare(workload, { ours, theirs: patient }, folder) : { off: NaN, by: missing };
    console.log(`${workload.name}: ${wrong ?? `${off.toExponential(1)} (${by})`}`);
    if (wrong !== undefined) process.exitCode = 1;
  }
}

/** Rows that were not measured this time stay. */
function write(results: Results): void {
  const before = existsSync(files.results)
    ? (JSON.parse(readFileSync(files.results, "utf8")) as Results).workloads
    : [];
  const all = workloads.flatMap(
    ({ name }) => results.workloads.find((row) => row.name === name) ?? before.find((row) => row.name === name) ?? [],
  );
  const merged = { ...results, workloads: all };
  writeFileSync(files.results, `${JSON.stringify(merged, null, 1)}\n`);
  writeFileSync(files.page, pageWith(readFileSync(files.page, "utf8"), table(merged)));
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
