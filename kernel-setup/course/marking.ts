import { notebookHost, VitrineError } from "vitrine/dist/kit";

interface Marked {
  readonly task: string;
  /** The cell's. Another cell has another one: what an interrupted check left set has no say there. */
  readonly signal: AbortSignal | undefined;
}

let marked: Marked | undefined;

/** The words for a call of the library from code that is to do the work itself; the grading sandbox has the same. */
export const absentWords = (name: string, task: string): string =>
  `${name} is not there when ${task} is marked: what the task asks for is yours to write.`;

/**
 * Calls the student's function; meanwhile the library's methods refuse, so that no task is solved by calling the
 * answer.
 */
export async function withoutMethods<Result>(task: string, call: () => Result | Promise<Result>): Promise<Result> {
  const mine: Marked = { task: task.toLowerCase(), signal: notebookHost()?.signal };
  marked = mine;
  try {
    return await call();
  } finally {
    if (marked === mine) marked = undefined;
  }
}

/**
 * @param name an export of `vitrine`
 * @throws VitrineError while a check runs the student's function in this cell
 */
export function refuseWhileMarked(name: string): void {
  if (marked === undefined || marked.signal !== notebookHost()?.signal) return;
  throw new VitrineError(absentWords(name, marked.task));
}
