import { badInput } from "../core/errors";
import type { AttackResult } from "./attack";

/** One point of a robustness curve. */
export interface RobustnessPoint {
  /** Size of the perturbation, in the attack's norm. */
  readonly epsilon: number;
  /** Share of the inputs that stay unfooled, 0 to 1. */
  readonly share: number;
}

/** The share of images that an attack fooled, 0 to 1. */
export function successRate({ success }: Pick<AttackResult, "success">): number {
  return success.filter(Boolean).length / success.length;
}

/**
 * The share of inputs that stay unfooled, over the size of the perturbation. Under `misclassified(labels)` with the
 * true labels it is the
 * accuracy under attack, and at epsilon 0 the plain accuracy.
 * @param results of one attack with a list of epsilons, or of several
 * @returns one point for each, by growing epsilon
 */
export function robustAccuracy(results: readonly Pick<AttackResult, "success" | "epsilon">[]): RobustnessPoint[] {
  if (!Array.isArray(results) || results.length === 0)
    badInput({ what: "results", got: results, allowed: "the results of an attack with a list of epsilons" });
  return results
    .map(({ epsilon, success }: Pick<AttackResult, "success" | "epsilon">) => {
      if (epsilon === undefined)
        badInput({ what: "the epsilon of a result", got: epsilon, allowed: "results of an attack with epsilons" });
      return { epsilon, share: success.filter((fooled) => !fooled).length / success.length };
    })
    .sort((a, b) => a.epsilon - b.epsilon);
}
