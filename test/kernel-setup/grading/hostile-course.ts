import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { gradeSubmission } from "../../../kernel-setup/grading/grade-submission";
import type { PartTools } from "../../../kernel-setup/grading/judge/define-task";
import type { Results, TaskResult } from "../../../kernel-setup/grading/results";
import { sandboxMissing } from "../../../kernel-setup/grading/sandbox/command";
import { projectRoot } from "../../helpers/jupyter-client";

export const sheet = "04-fashion-mnist-occlusion";
export const noSandbox = sandboxMissing() !== undefined;

export interface Cell {
  cell_type: string;
  id?: string;
  metadata: Record<string, unknown>;
  source: unknown;
  outputs?: unknown[];
  execution_count?: null;
}
export interface Notebook {
  cells: Cell[];
  metadata: Record<string, unknown>;
  nbformat: number;
  nbformat_minor: number;
}

const sourcePath = join(projectRoot, "notebooks", "source", sheet, `${sheet}.ipynb`);

/** The sheet as a student who has solved it hands it in. */
export const solved = (): Notebook => JSON.parse(readFileSync(sourcePath, "utf8")) as Notebook;
export const cellOf = (notebook: Notebook, id: string): Cell => notebook.cells.find((cell) => cell.id === id)!;

/** What an attacker writes: a function that a task asks for, or a cell of their own. */
export interface Code {
  /** What the function does; it gives back or throws what the attack found out. */
  readonly body?: string;
  /** Stands before the function, in its cell. */
  readonly before?: string;
  /** A cell of their own before task 1, all tasks solved. */
  readonly cell?: string;
}

/** A cell with the function that a task asks for. */
export const functionCell = (name: string, { before = "", body = "" }: Code): string =>
  `${before}\nasync function ${name}(model: VisionModel, images: tf.Tensor4D, target: number[]): Promise<any> ` +
  `{\n${body}\n}`;

/** The solved sheet with the attack in it. */
export function withAttack(code: Code): Notebook {
  const notebook = solved();
  if (code.cell === undefined) cellOf(notebook, "task-1").source = functionCell("myGradient", code);
  else addCell(notebook, code.cell);
  return notebook;
}

/** Puts a cell of the student's own before task 1. */
export function addCell(notebook: Notebook, source: string): void {
  notebook.cells.splice(notebook.cells.indexOf(cellOf(notebook, "task-1")), 0, {
    cell_type: "code",
    id: "mine",
    metadata: {},
    source,
    outputs: [],
    execution_count: null,
  });
}

/** A hidden test's tools, where it asks functions of other names than its own. */
export const asking = (tools: PartTools, other: (name: string) => string): PartTools => ({
  ...tools,
  student: { ...tools.student, call: (name, args) => tools.student.call(other(name), args) },
});

export const byName = <T extends { name: string }>(all: readonly T[], name: string): T => {
  const found = all.find((each) => each.name === name);
  if (!found) throw new Error(`There is no attack ${name}.`);
  return found;
};

/**
 * A course whose every file may be read and written by every user of the machine, so that nothing but the sandbox
 * protects it.
 */
export class HostileCourse {
  readonly root = mkdtempSync(join(tmpdir(), "vitrine-hostile-"));
  /** Is in every file that must not be seen. */
  readonly secret = `secret-${Math.random().toString(36).slice(2)}`;
  private readonly before: string;

  constructor() {
    cpSync(join(projectRoot, "notebooks", "source", sheet), join(this.root, "source", sheet), { recursive: true });
    for (const file of [
      "gradebook.db",
      "home/.ssh/id_ed25519",
      `results/honest/${sheet}/results.json`,
      `submitted/honest/${sheet}/notes.txt`,
      `source/${sheet}/judge/secret.txt`,
    ]) {
      mkdirSync(join(this.root, file, ".."), { recursive: true });
      writeFileSync(join(this.root, file), this.secret);
    }
    this.submit("honest", solved());
    openToAll(this.root);
    this.before = this.state();
  }

  submit(student: string, notebook: Notebook | string | Buffer): string {
    const path = join(this.root, "submitted", student, sheet, `${sheet}.ipynb`);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(
      path,
      typeof notebook === "string" || Buffer.isBuffer(notebook) ? notebook : JSON.stringify(notebook),
    );
    return path;
  }

  /** All files that are not the attackers' own, with what is in them. */
  state(): string {
    const files = (readdirSync(this.root, { recursive: true }) as string[])
      .filter((file) => !/^submitted\/(?!honest)/.test(file))
      .sort();
    return files
      .map(
        (file) =>
          `${file} ` +
          `${statSync(join(this.root, file)).isFile() ? readFileSync(join(this.root, file)).toString("base64") : ""}`,
      )
      .join("\n");
  }

  expectUntouched(): void {
    expect(this.state() === this.before, "something in the course was changed").to.equal(true);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

function openToAll(folder: string): void {
  chmodSync(folder, 0o777);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) openToAll(join(folder, entry.name));
    else chmodSync(join(folder, entry.name), 0o666);
  }
}

export interface Row {
  attack: string;
  happened: string;
  points: string;
  seconds: number;
}

/** Does things two at a time, in order. */
export function inPairs(): <T>(work: () => Promise<T>) => Promise<T> {
  const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];
  let next = 0;
  return (work) => {
    const lane = next++ % lanes.length,
      done = lanes[lane].then(work);
    lanes[lane] = done.catch(() => undefined);
    // Whoever awaits it is told; nobody may do so before it fails.
    done.catch(() => undefined);
    return done;
  };
}

/** Marks a submission as the grader does, and keeps what happened for the table. */
export class Attacks {
  private readonly rows: Row[] = [];
  private readonly course: HostileCourse;

  constructor(
    private readonly kind: string,
    course?: HostileCourse,
  ) {
    this.course = course ?? new HostileCourse();
  }

  async mark(
    attack: string,
    notebook: Notebook | string | Buffer,
    limits?: { seconds?: number; memoryMiB?: number },
  ): Promise<Marked> {
    return this.markFile(attack, this.course.submit(attack.replace(/\W+/g, "-").slice(0, 40), notebook), limits);
  }

  async markFile(attack: string, path: string, limits?: { seconds?: number; memoryMiB?: number }): Promise<Marked> {
    const started = performance.now();
    const results = await gradeSubmission({ sheet, notebook: path, root: projectRoot, limits });
    const seconds = (performance.now() - started) / 1000;
    if (process.env.VITRINE_DEBUG) console.log(JSON.stringify(results.vitrine.tasks, null, 1));
    const tasks = results.vitrine.tasks,
      reason = (results.vitrine.reason ?? tasks.map((task) => task.reason).find(Boolean) ?? "").split("\n")[0];
    const happened =
      results.vitrine.status === "error" ? `not graded: ${reason}` : reason || "nothing: graded like any other";
    this.rows.push({
      attack,
      happened,
      points: `${results.score} of ${results.max_score}${results.vitrine.status === "error" ? " (error)" : ""}`,
      seconds,
    });
    return { results, seconds, tasks, task: (name) => tasks.find(({ task }) => task === name)! };
  }

  add(row: Row): void {
    this.rows.push(row);
  }

  /** What else was seen, for the table. */
  note(words: string): void {
    const row = this.rows[this.rows.length - 1];
    row.happened += ` [${words}]`;
  }

  /** Writes the table of all kinds. */
  finish(): void {
    const folder = join(projectRoot, "test", "output", "hostile");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${this.kind}.json`), JSON.stringify(this.rows));
    const kinds = readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .sort();
    const cell = (text: string): string =>
      text
        .replace(/[\u0000-\u001f]+/g, " ")
        .replaceAll("|", "\\|")
        .replaceAll("<", "&lt;")
        .slice(0, 300);
    const table = kinds.flatMap((name) => [
      `\n## ${name.replace(".json", "")}\n`,
      "| attack | what happened | points | seconds |",
      "|---|---|---|---|",
      ...(JSON.parse(readFileSync(join(folder, name), "utf8")) as Row[]).map(
        (row) => `| ${cell(row.attack)} | ${cell(row.happened)} | ${row.points} | ${row.seconds.toFixed(1)} |`,
      ),
    ]);
    writeFileSync(join(folder, "..", "hostile.md"), `# Hostile submissions\n${table.join("\n")}\n`);
  }
}

export interface Marked {
  readonly results: Results;
  readonly seconds: number;
  readonly tasks: readonly TaskResult[];
  task(name: string): TaskResult;
}

/** Processes of this machine whose command line or environment has the text. */
export function processesWith(text: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return ["cmdline", "environ"].some(
          (file) => existsSync(`/proc/${pid}/${file}`) && readFileSync(`/proc/${pid}/${file}`, "latin1").includes(text),
        );
      } catch {
        return false;
      }
    });
}
