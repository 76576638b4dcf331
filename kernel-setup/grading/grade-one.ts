import { writeAtomically } from "vitrine/dist/kit";
import type { gradeSubmission as Grade } from "./grade-submission";

const usage = `Usage: node kernel-setup/dist/grading/grade-one.js SHEET NOTEBOOK OUT.json [--seed N] [--course DIR]
           [--unsafe]

Grades one submission in a sandbox. Exits with 0 once OUT.json is written, also for a submission that cannot be graded;
with 1 where nothing can be graded at all, and says why in one line; with 2 on wrong usage.`;

/** One idempotent job: a notebook in, results.json out, whole or not at all. */
async function main(args: readonly string[]): Promise<number> {
  const words: string[] = [];
  let seed: number | undefined,
    course: string | undefined,
    unsafe = false;
  for (let i = 0; i < args.length; i++) {
    if (args[i] === "--unsafe") unsafe = true;
    else if (args[i] === "--seed") seed = Number(args[++i]);
    else if (args[i] === "--course") course = args[++i];
    else words.push(args[i]);
  }
  if (args.includes("--help")) {
    console.log(usage);
    return 0;
  }
  if (
    words.length !== 3 ||
    words.some((word) => word.startsWith("--")) ||
    (seed !== undefined && !Number.isInteger(seed))
  ) {
    console.error(usage);
    return 2;
  }
  const [sheet, notebook, out] = words;
  // The references are small; nothing is gained by the native library, which takes a second to load.
  process.env.VITRINE_BACKEND ??= "cpu";
  const { gradeSubmission } = require("./grade-submission") as { gradeSubmission: typeof Grade };
  try {
    const results = await gradeSubmission({
      sheet,
      notebook,
      unsafe,
      ...(seed !== undefined && { seed }),
      ...(course !== undefined && { course }),
    });
    await writeAtomically(out, `${JSON.stringify(results, null, 1)}\n`);
    return 0;
  } catch (error) {
    console.error(
      process.env.VITRINE_DEBUG
        ? (error as Error).stack
        : `Cannot grade: ${(error as Error).message.replace(/\s*\n\s*/g, " ")}`,
    );
    return 1;
  }
}

void main(process.argv.slice(2)).then((code) => process.exit(code));
