/** How far some long work has come. */
export interface ProgressReport {
  /** What is being done, for people: `integrated gradients`. */
  label: string;
  done: number;
  /** Infinity where it is not known. */
  total: number;
  /** Anything worth showing beside the bar: `loss 0.31`. */
  note?: string;
}
