/** What became of one submission: Gradescope's `results.json`, with a part of our own. */
export interface Results {
  readonly score: number;
  readonly max_score: number;
  /** Seconds. */
  readonly execution_time: number;
  readonly output: string;
  readonly tests: readonly ResultTest[];
  readonly vitrine: VitrineResults;
}

export interface ResultTest {
  readonly name: string;
  readonly number: string;
  readonly score: number;
  readonly max_score: number;
  readonly status: "passed" | "failed";
  /** Plain text, words for the student. */
  readonly output: string;
  readonly visibility: "visible";
}

export interface VitrineResults {
  readonly sheet: string;
  readonly student?: string;
  /** Marking again with it gives the same inputs. */
  readonly seed: number;
  /** "error": nobody knows how many points it is worth. That is not 0 points. */
  readonly status: "graded" | "error";
  readonly reason?: string;
  /** The sheet that was handed in in place of the one asked for. */
  readonly otherSheet?: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly notebookSha256: string;
  readonly tasks: readonly TaskResult[];
  /** MiB of memory that the grader and its sandbox had at the most. */
  readonly memoryMiB?: number;
  /** The student's code ran with the grader's rights. */
  readonly unsafe?: true;
}

export interface TaskResult {
  /** grade_id of the solution. */
  readonly task: string;
  /** grade_id of the cell with the points. */
  readonly cell: string;
  readonly points: number;
  readonly max: number;
  readonly status: "passed" | "partial" | "failed" | "error";
  /** Why points were lost, "" if none were. */
  readonly reason: string;
  readonly seconds: number;
}
