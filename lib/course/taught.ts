import { VitrineError } from "../core/errors";
import { notebookHost } from "../runtime/host";

interface Marked {
  readonly task: string;
  /** The cell's. Another cell has another one: what an interrupted check left set has no say there. */
  readonly signal: AbortSignal | undefined;
}

let marked: Marked | undefined;

/** The words for a call of the library from code that is to do the work itself; the grading sandbox has the same. */
export const absentWords = (name: string, task: string): string => `${name} is not there when ${task} is marked: what the task asks for is yours to write.`;

/** Calls the student's function; meanwhile the library's own methods refuse, so that a task is not solved by calling the answer. */
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
 * To be called by every method that does what a sheet may ask students to write.
 * @param name of the export, or in kebab-case
 * @throws VitrineError while a check runs the student's function
 */
export function refuseWhileMarked(name: string): void {
  if (marked === undefined || marked.signal !== notebookHost()?.signal) return;
  throw new VitrineError(absentWords(name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()), marked.task));
}
