import { backendState } from "./choice";

/**
 * What passes backward through a ReLU with input x and incoming gradient dy:
 * - `standard`: dy where x > 0, the derivative;
 * - `guided`: dy where x > 0 and dy > 0 (Springenberg et al. 2015, Striving for Simplicity);
 * - `deconvolution`: dy where dy > 0, whatever x was (Zeiler & Fergus 2014, Visualizing and Understanding
 *   Convolutional Networks).
 */
export type ReluRule = "standard" | "guided" | "deconvolution";

/** The rule in force: `standard`, except while `inputGradient` runs with another. */
export function reluRule(): ReluRule {
  return backendState().reluRule;
}

export function setReluRule(rule: ReluRule): void {
  backendState().reluRule = rule;
}
