import type { Random } from "vitrine/dist/kit";
import type { ExpectClose } from "./expect";
import type { Student } from "./student";
import { faultOf, shown } from "./task-faults";

/** What a part's test is given. */
export interface PartTools {
  /** The student's functions, which run in the sandbox. */
  readonly student: Student;
  /** Inputs are drawn from it: its seed is recorded, so that marking again gives the same points. */
  readonly random: Random;
  /** Ends the part without points unless the values agree. */
  readonly expectClose: ExpectClose;
  /** Ends the part without points. @param words what is wrong, for the student */
  fail(words: string): never;
}

/** A share of a task's points. */
export interface TaskPart {
  readonly name: string;
  readonly points: number;
  /** Points beyond the cell's own. Default: false. */
  readonly extra?: boolean;
  /** Throws where the answer is wrong; passes by returning. */
  test(tools: PartTools): Promise<void> | void;
}

/** A broken solution, which the parts must catch. */
export interface Mutant {
  readonly name: string;
  /** Takes the place of the solution cell's text. */
  readonly code: string;
  /** Points. */
  readonly losesAtLeast: number;
}

export interface TaskLimits {
  /**
   * Seconds for all the parts' calls together, in which the code computes or sleeps while it should answer. Starting
   * the sandbox does not count, nor what it waits for a processor while the machine has others to serve. Default: 10.
   */
  readonly seconds?: number;
  /**
   * MiB that the student's processes may have together, beside what the compiler and TensorFlow.js need. A task that
   * may have another number than the task before it gets a fresh sandbox, which takes some seconds. Default: 1024.
   */
  readonly memoryMiB?: number;
}

/** The hidden test of one task: the default export of `notebooks/source/SHEET/judge/TASK.ts`. */
export interface TaskDefinition {
  /** grade_id of the cell with the student's solution. */
  readonly task: string;
  /** grade_id of the cell that carries the points. */
  readonly points: string;
  /** What the student's cell must define. */
  readonly functions: readonly string[];
  /** Exports of vitrine by which the answer could be called: the student's code must do without them. */
  readonly teaches: readonly string[];
  /**
   * Attribution methods, attacks, metrics and the like are not there when a task is marked, except those named here,
   * which the student's code may call. Default: none.
   */
  readonly uses?: readonly string[];
  readonly limits?: TaskLimits;
  readonly parts: readonly TaskPart[];
  readonly mutants?: readonly Mutant[];
}

/** @throws Error in one line if a part of the definition cannot be meant */
export function defineTask(definition: TaskDefinition): TaskDefinition {
  const wrong = faultOf(definition);
  if (wrong) throw new Error(`defineTask(${shown(taskOf(definition))}): ${wrong}.`);
  return definition;
}

function taskOf(definition: TaskDefinition): unknown {
  try {
    return definition?.task;
  } catch {
    return undefined;
  }
}

export const regularPoints = ({ parts }: TaskDefinition): number => pointsOf(parts.filter(({ extra }) => !extra));

/** Their sum as a person adds it up: 0.1 and 0.2 are 0.3. */
export const pointsOf = (parts: readonly TaskPart[]): number =>
  Number(parts.reduce((sum, { points }) => sum + points, 0).toFixed(9));
