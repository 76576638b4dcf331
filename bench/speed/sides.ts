import type { Contestant } from "./contestant";
import type { MethodOptions, Workload } from "./workloads";

/** The sides of a row, in the order in which they take turns. */
export const sides = ["ours", "theirs", "theirsUsual"] as const;
export type Side = (typeof sides)[number];
export type Each<T> = Record<Side, T>;

/** What starts a process for each side. */
export interface Sides {
  ours(): Contestant;
  theirs(): Contestant;
}

export const whole: MethodOptions = {};
/** What is enough where a run takes long; half an epoch's accuracy says nothing. */
export const pieceOf = ({ tuning, check }: Workload): MethodOptions =>
  tuning && check.by !== "accuracy" ? tuning : whole;
