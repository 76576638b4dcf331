import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { relativeError } from "../helpers/finite-difference";
import {
  ask,
  copyFiles,
  errorBetween,
  folderOf,
  numbersIn,
  readRecord,
  whatIsNotKept,
  type Answers,
  type OracleRecord,
  type Question,
} from "./oracle";

export interface Checked {
  /** One line for each thing that is wrong. */
  wrong: string[];
  /** How it went, in one line. */
  summary: string;
}

/** How far inputs that the library makes may be from those kept: rounding. */
const allowedInput = 1e-4;

/**
 * Asks the reference once more, and compares its answers with those kept.
 * @param write in place of comparing, keeps what it answers now
 * @throws NoReferenceError, MissingDataError
 */
export async function check(question: Question, { write = false } = {}): Promise<Checked> {
  const folder = folderOf(question),
    kept = readRecord(question);
  if (write || !kept) {
    const { answers, record } = await ask(question);
    keep(question, folder, answers, record);
    answers.dispose();
    return { wrong: [], summary: `${Object.keys(record.answers).length} answers written (${answers.versions})` };
  }
  const stale = whatIsNotKept(question),
    wrong = stale ? [stale] : [];
  const { answers, record } = await ask(question, join(folder, "inputs"));
  try {
    const files = Object.keys(kept.answers),
      now = Object.keys(record.answers);
    for (const file of [...files, ...now].filter((each) => !(files.includes(each) && now.includes(each)))) {
      wrong.push(`${file} is ${files.includes(file) ? "kept, but no answer any more" : "an answer, but not kept"}`);
    }
    let most = { file: "", error: 0, share: -1 };
    for (const file of files.filter((each) => now.includes(each))) {
      const allowed = question.allowed(file);
      const error = await errorBetween(question, file, answers.file(""), join(folder, "answers"));
      if (!(error <= allowed)) wrong.push(`${file} differs by ${error.toExponential(1)}; allowed: ${allowed}`);
      const share = allowed === 0 ? (error === 0 ? 0 : Infinity) : error / allowed;
      if (share > most.share) most = { file, error, share };
    }
    wrong.push(...(await otherInputs(question, folder)));
    const largest = `${most.error.toExponential(1)} in ${most.file}, of ${question.allowed(most.file)} allowed`;
    return { wrong, summary: `${files.length} answers, the largest difference ${largest} (${answers.versions})` };
  } finally {
    answers.dispose();
  }
}

/** Whether the library would make other inputs today. */
async function otherInputs(question: Question, folder: string): Promise<string[]> {
  const wrong: string[] = [];
  for (const [name, input] of Object.entries((await question.keptInputs?.()) ?? {})) {
    if (typeof input === "string") continue;
    const error = relativeError(input.data as Float32Array, await numbersIn(join(folder, "inputs", name)));
    if (error <= allowedInput) continue;
    wrong.push(`inputs/${name}, which the library makes, differs by ${error.toExponential(1)}, over ${allowedInput}`);
  }
  return wrong;
}

function keep(question: Question, folder: string, answers: Answers, record: OracleRecord): void {
  rmSync(folder, { recursive: true, force: true });
  const parts = question.keptInputs ? ["inputs", "answers"] : ["answers"];
  for (const part of parts) {
    mkdirSync(join(folder, part), { recursive: true });
    const named = Object.keys(part === "answers" ? record.answers : record.question);
    const wanted = (file: string): boolean => named.includes(part === "answers" ? file : `inputs/${file}`);
    copyFiles(join(answers.folder, part), join(folder, part), wanted);
  }
  writeFileSync(join(folder, "oracle.json"), `${JSON.stringify(record, null, 2)}\n`);
}
