import * as tf from "@tensorflow/tfjs";
import { oncePerProcess } from "../core/once";

/**
 * What passes backward through a ReLU with input x and incoming gradient dy:
 * - `standard`: dy where x > 0, the derivative;
 * - `guided`: dy where x > 0 and dy > 0 (Springenberg et al. 2015, Striving for Simplicity);
 * - `deconvolution`: dy where dy > 0, whatever x was (Zeiler & Fergus 2014, Visualizing and Understanding
 *   Convolutional Networks).
 */
export type ReluRule = "standard" | "guided" | "deconvolution";

/** Rectifiers that a gradient went through under another rule than `standard`. */
export interface RectifiersMet {
  /** Those the rule was applied to. */
  readonly ruled: number;
  /** Those it is not defined for, since they let something pass below 0. */
  readonly leaky: number;
}

interface State {
  rule: ReluRule;
  met: RectifiersMet;
}

const state = oncePerProcess("vitrine.relu-rule", (): State => ({ rule: "standard", met: { ruled: 0, leaky: 0 } }));

/** The rule in force: `standard`, except while `inputGradient` runs with another. */
export function reluRule(): ReluRule {
  return state().rule;
}

export function setReluRule(rule: ReluRule): void {
  state().rule = rule;
}

/** Counted since the process began; a graph that is replayed counts where it was made, not again. */
export function rectifiersMet(): RectifiersMet {
  return state().met;
}

/** To be called by a rectifier's gradient. */
export function meetRectifier(kind: keyof RectifiersMet): void {
  if (reluRule() === "standard") return;
  const { met } = state();
  state().met = { ...met, [kind]: met[kind] + 1 };
}

/**
 * What the rule in force lets through a rectifier. Here and nowhere else: the sandbox's library, where a task may ask
 * for a rule, has another file in place of this one.
 * @param masked what of a gradient comes to where the rectifier is open; deconvolution ignores the forward pass
 */
export function throughRectifier(dy: tf.Tensor, masked: (dy: tf.Tensor) => tf.Tensor): tf.Tensor {
  meetRectifier("ruled");
  if (reluRule() === "standard") return masked(dy);
  const positive = tf.relu(dy);
  return reluRule() === "deconvolution" ? positive : masked(positive);
}
