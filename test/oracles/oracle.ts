import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Context, Runnable } from "mocha";
import type { NdArray } from "../../lib/data/nd-array";
import { encodeNpy, readNpy } from "../../lib/data/npy";
import { MissingDataError } from "../../lib/data/obtain";
import { readPth } from "../../lib/data/pth";
import { relativeError } from "../helpers/finite-difference";

/** Arrays by file name (`images.npy`); a string is the path of a file that is copied as it is. */
export type Inputs = Record<string, NdArray | string>;

/** What a reference, which is not ours (PyTorch, Captum, Foolbox), is asked by one script. */
export interface Question {
  /** Of the folder test/oracles/NAME, where inputs and answers are kept. */
  readonly name: string;
  /** In test/oracles. It gets the folder of its inputs, job.json among them, and an empty one for its answers. */
  readonly script: string;
  /** What else decides on the answers: modules of the script, weights. From the project's root. */
  readonly files: readonly string[];
  /** Becomes job.json: the cases. Paths in it are from the project's root, where the script runs. */
  readonly job: object;
  /** Arrays whose last bits differ between backends and processors: kept beside the answers, and read from there. */
  readonly keptInputs?: () => Promise<Inputs>;
  /** Others: the same on every machine, or not ours to keep. The job says what they are. */
  readonly inputs?: () => Promise<Inputs>;
  /** How far an answer may be from the one that is kept: as far as the tests let ours be. */
  readonly allowed: (file: string) => number;
  /** How far it is. Default: the largest difference, relative to the largest value. */
  readonly error?: (file: string, asked: ArrayLike<number>, kept: ArrayLike<number>) => number;
}

/** test/oracles/NAME/oracle.json. */
export interface OracleRecord {
  /** When the reference was asked, and in which versions. */
  asked: string;
  versions: Record<string, string>;
  /** SHA-256 of each part of the question, and of each answer. */
  question: Record<string, string>;
  answers: Record<string, string>;
}

/** PyTorch may live in another Python than the course's own. */
const python =
  process.env.VITRINE_PYTHON ?? (process.platform === "win32" ? ".venv/Scripts/python.exe" : ".venv/bin/python");
const root = join(__dirname, "..", "..");

/** The reference, or what it needs, is not on this machine. */
export class NoReferenceError extends Error {
  constructor(reason: string) {
    super(`the reference cannot be run (${reason}); npm run setup -- --with bench installs it`);
  }
}

/** A reference's answers, kept or fresh, beside the inputs that they belong to. */
export class Answers {
  /** @param versions of the reference, in words */
  constructor(
    readonly folder: string,
    readonly versions: string,
    private readonly temporary = false,
  ) {}

  /** The path of an answer. */
  file(name: string): string {
    return join(this.folder, "answers", name);
  }

  array(name: string): Promise<NdArray> {
    return readNpy(this.file(name));
  }

  async numbers(name: string): Promise<Float32Array> {
    return (await this.array(name)).data as Float32Array;
  }

  input(name: string): Promise<NdArray> {
    return readNpy(join(this.folder, "inputs", name));
  }

  /** Removes what was made for the one run. */
  dispose(): void {
    if (this.temporary) fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

export const folderOf = ({ name }: Question): string => join(__dirname, name);

/** The answers in the repository. @throws Error where they are to another question, or not what was kept */
export function keptAnswers(question: Question): Answers {
  const wrong = whatIsNotKept(question);
  if (wrong) throw new Error(`test/oracles/${question.name}: ${wrong}; run: npm run oracles`);
  return new Answers(folderOf(question), inWords((readRecord(question) as OracleRecord).versions));
}

/** One line, or undefined where the kept answers are those to this question. */
export function whatIsNotKept(question: Question): string | undefined {
  const record = readRecord(question);
  if (!record) return "no answers are kept";
  const folder = folderOf(question),
    now = hashesOf(question, folder);
  const parts = new Set([...Object.keys(now), ...Object.keys(record.question)]);
  const changed = [...parts].filter((part) => now[part] !== record.question[part]);
  if (changed.length) return `the question has changed since it was asked (${changed.join(", ")})`;
  const lost = Object.entries(record.answers).find(([file, hash]) => hashOf(join(folder, "answers", file)) !== hash);
  return lost && `answers/${lost[0]} is not what was kept`;
}

export function readRecord(question: Question): OracleRecord | undefined {
  const file = join(folderOf(question), "oracle.json");
  return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as OracleRecord) : undefined;
}

/** The same from the reference itself. Without one the hook's suite is skipped, and its title says why. */
export async function askedAnswers(context: Context, question: Question): Promise<Answers> {
  try {
    return (await ask(question)).answers;
  } catch (error) {
    return skipWithout(context, error);
  }
}

/**
 * Runs a script of test/oracles, which ends with status 3 where what it needs cannot be imported: the hook's suite or
 * the test is then skipped, and its title says why.
 * @returns what the script printed
 */
export function runReference(context: Context, script: string, ...args: string[]): string {
  try {
    return run(script, args);
  } catch (error) {
    return skipWithout(context, error);
  }
}

/** @param kept a folder that holds the kept inputs, which are then not made again */
export async function ask(question: Question, kept?: string): Promise<{ answers: Answers; record: OracleRecord }> {
  const folder = fs.mkdtempSync(join(tmpdir(), `vitrine-${question.name}-`));
  try {
    const inputs = join(folder, "inputs"),
      outputs = join(folder, "answers");
    for (const each of [inputs, outputs]) fs.mkdirSync(each);
    if (kept) copyFiles(kept, inputs);
    else writeInputs(inputs, await question.keptInputs?.());
    const hashes = hashesOf(question, folder);
    writeInputs(inputs, await question.inputs?.());
    fs.writeFileSync(join(inputs, "job.json"), JSON.stringify(question.job));
    const versions = JSON.parse(run(question.script, [inputs, outputs])) as Record<string, string>;
    const hashed = fs
      .readdirSync(outputs)
      .sort()
      .map((file) => [file, hashOf(join(outputs, file)) as string]);
    const answers = Object.fromEntries(hashed) as Record<string, string>;
    const record = { asked: new Date().toISOString().slice(0, 10), versions, question: hashes, answers };
    return { answers: new Answers(folder, inWords(versions), true), record };
  } catch (error) {
    fs.rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** An answer's numbers; a checkpoint's are all its tensors', in the order of their names. */
export async function numbersIn(file: string): Promise<Float32Array> {
  if (!file.endsWith(".pth")) return Float32Array.from((await readNpy(file)).data as Float32Array);
  const tensors = [...(await readPth(file))].sort(([a], [b]) => (a < b ? -1 : 1));
  return Float32Array.from(tensors.flatMap(([, { data }]) => Array.from(data as Float32Array, Number)));
}

/** How far two folders' files of one name are from each other. */
export async function errorBetween(question: Question, file: string, asked: string, kept: string): Promise<number> {
  const [ours, theirs] = await Promise.all([asked, kept].map((folder) => numbersIn(join(folder, file))));
  return (question.error ?? ((_, a, b) => relativeError(a, b)))(file, ours, theirs);
}

export function copyFiles(from: string, to: string, wanted: (file: string) => boolean = () => true): void {
  const files = fs.existsSync(from) ? fs.readdirSync(from).filter(wanted) : [];
  for (const file of files) fs.copyFileSync(join(from, file), join(to, file));
}

/** The parts of a question whose change asks for new answers; `folder` holds its kept inputs. */
function hashesOf(question: Question, folder: string): Record<string, string> {
  const inputs = join(folder, "inputs"),
    parts: Record<string, string> = { job: sha256(JSON.stringify(question.job)) };
  const files = [`test/oracles/${question.script}`, ...question.files];
  const arrays = fs.existsSync(inputs) ? fs.readdirSync(inputs).sort() : [];
  for (const file of files) parts[file] = hashOf(join(root, file)) ?? "missing";
  for (const file of arrays) parts[`inputs/${file}`] = hashOf(join(inputs, file)) as string;
  return parts;
}

/** Of a text file whatever its line ends, which git writes as the machine has them. */
function hashOf(file: string): string | undefined {
  if (!fs.existsSync(file)) return undefined;
  const isText = /\.(py|json)$/.test(file);
  return sha256(isText ? fs.readFileSync(file, "utf8").replaceAll("\r\n", "\n") : fs.readFileSync(file));
}

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

function writeInputs(folder: string, inputs: Inputs = {}): void {
  for (const [name, input] of Object.entries(inputs)) {
    if (typeof input === "string") fs.copyFileSync(input, join(folder, name));
    else fs.writeFileSync(join(folder, name), encodeNpy(input));
  }
}

function run(script: string, args: readonly string[]): string {
  const options = { cwd: root, encoding: "utf8", maxBuffer: 1e8 } as const;
  const { error, status, stdout, stderr } = spawnSync(python, [join("test", "oracles", script), ...args], options);
  if (error) throw new NoReferenceError(`${python} cannot be started: ${error.message}`);
  if (status === 3) throw new NoReferenceError(stderr.trim());
  if (status !== 0) throw new Error(`${basename(script)}: ${stderr}`);
  return stdout.trim();
}

function skipWithout(context: Context, error: unknown): never {
  if (!(error instanceof NoReferenceError || error instanceof MissingDataError)) throw error;
  const reason = `skipped: ${error.message.split("\n")[0]}`;
  const test = context.test as (Runnable & { type: string }) | undefined;
  // A hook's suite is skipped with it.
  const skipped = test?.type === "hook" ? test.parent : test;
  if (skipped) skipped.title += ` (${reason})`;
  console.log(`    ${reason}`);
  return context.skip();
}

const inWords = (versions: Record<string, string>): string =>
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
