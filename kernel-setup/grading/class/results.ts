import { readFileSync } from "node:fs";
import { join } from "node:path";
import sumBy from "lodash/sumBy";
import { VitrineError, writeAtomically } from "vitrine/dist/kit";
import type { Results as JudgeResults, TaskResult, VitrineResults } from "../results";
import type { Course } from "./course";

export type { TaskResult };

/** One submission's `results.json`: the judge's, with the student and what tells whether it is still true. */
export interface Results extends Omit<JudgeResults, "vitrine"> {
  readonly vitrine: Omit<VitrineResults, "seed" | "versions" | "notebookSha256"> &
    Partial<Pick<VitrineResults, "seed" | "versions" | "notebookSha256">> & {
      /** Of what these results were made; with the same print nothing is graded again. */
      readonly print?: string;
      /** The cause lies with the machine, not with the submission: to be graded again. */
      readonly again?: boolean;
      /** Nobody has graded it yet. */
      readonly waiting?: boolean;
    };
}

export class ResultsError extends VitrineError {
  override name = "ResultsError";
}

export const resultsFile = (course: Course, student: string, sheet: string): string =>
  join(course.results(student, sheet), "results.json");

/** @throws ResultsError if it is missing, or not what the judge writes */
export function readResults(path: string): Results {
  let value: Partial<Results>;
  try {
    value = JSON.parse(readFileSync(path, "utf8")) as Partial<Results>;
  } catch (error) {
    throw new ResultsError(
      `${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? "it is not JSON"}. ${remedy}`,
    );
  }
  const { vitrine } = value;
  const points = (number: unknown): boolean => typeof number === "number" && Number.isFinite(number) && number >= 0;
  const right =
    vitrine &&
    Array.isArray(vitrine.tasks) &&
    Array.isArray(value.tests) &&
    (vitrine.status === "graded" || vitrine.status === "error") &&
    points(value.score) &&
    (vitrine.tasks as Results["vitrine"]["tasks"]).every(
      (task) => typeof task.cell === "string" && points(task.points) && points(task.max),
    );
  return right ? (value as Results) : fail(`${path} is not what the judge writes. ${remedy}`);
}

const remedy = "npx vitrine grade makes it again.";
const fail = (message: string): never => {
  throw new ResultsError(message);
};

/** What is there, if it can be used. */
export function resultsIfAny(path: string): Results | undefined {
  try {
    return readResults(path);
  } catch {
    return undefined;
  }
}

export async function writeResults(course: Course, student: string, sheet: string, results: Results): Promise<void> {
  await writeAtomically(resultsFile(course, student, sheet), `${JSON.stringify(results, null, 1)}\n`);
}

/** No points, and not because of wrong answers: the submission could not be graded. */
export function errorResults(
  sheet: string,
  student: string,
  reason: string,
  cells: readonly { cell: string; task: string; points: number }[],
  print?: string,
): Results {
  return {
    score: 0,
    max_score: sumBy(cells, ({ points }) => points),
    execution_time: 0,
    output: reason,
    tests: [],
    vitrine: {
      sheet,
      student,
      status: "error",
      reason,
      ...(print && { print }),
      tasks: cells.map(({ cell, task, points }) => ({
        task,
        cell,
        points: 0,
        max: points,
        status: "error",
        reason,
        seconds: 0,
      })),
    },
  };
}
