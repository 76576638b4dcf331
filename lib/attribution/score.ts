// What a method explains: the logit of a class, its probability, or a number of the caller's own.
import * as tf from "@tensorflow/tfjs";
import { modelStep } from "../backend/compile/model-graphs";
import { inputGradient } from "../backend/input-gradient";
import type { ReluRule } from "../backend/relu-rule";
import { badInput } from "../core/errors";
import { nearNames } from "../core/text";
import { logProbability } from "../model/outputs";
import type { LayerTap, Model } from "../model/vision-model";
import { targetGradient, targetLogit } from "../model/target-logit";

/**
 * What of a class is explained: its `logit`; its `probability`, which also rises when another class becomes less likely
 * and hardly
 * moves where the network is certain; or that one's logarithm, the negative cross-entropy loss.
 */
export type ClassScore = "logit" | "probability" | "log-probability";
export const classScores: readonly ClassScore[] = ["logit", "probability", "log-probability"];

/**
 * A number for each input, of the network's outputs: a difference of two logits, a sum over a mask, a similarity.
 * Differentiable, a pure function of tensors; it reads no data back. Each number depends on its own row alone.
 * @param outputs `model.logits`, [rows, …], or a layer's activations
 * @param input which of the inputs that were given each row comes from, int32 [rows]: methods look at an input more
 * than once. For what
 *   differs from input to input: `tf.gather(masks, input)`
 * @returns [rows]
 * @example score: (logits) => tf.sub(logits.gather(3, 1), logits.gather(5, 1))
 */
export type ScoreFunction = (outputs: tf.Tensor, input: tf.Tensor1D) => tf.Tensor;

/** A score of a layer's activations. */
export interface LayerScore {
  /** `model.layers()` lists them. */
  readonly layer: string;
  /** @param outputs the layer's, [rows, …] */
  readonly of: ScoreFunction;
}

export type Score = ClassScore | ScoreFunction | LayerScore;

/** What is explained, as methods use it. Its functions are synchronous; pure where `key` is given. */
export interface Explained {
  /**
   * The same text means the same function. Undefined for a function of the caller's, of which nobody knows what else it
   * depends on.
   */
  readonly key?: string;
  /** Whether it is one of what comes before the network's softmax or sigmoid, and not of a layer's own output. */
  readonly ofLogits: boolean;
  /** @param rows the target's ([batch, units]), or which input each row comes from ([batch, 1]) @returns [batch] */
  value(inputs: tf.Tensor, rows: tf.Tensor2D, tap?: LayerTap): tf.Tensor1D;
  /** With respect to the inputs, each input's own. @returns in the shape of `inputs` */
  gradient(inputs: tf.Tensor, rows: tf.Tensor2D, rule?: ReluRule): tf.Tensor;
}

export const isClassScore = (score: Score): score is ClassScore => typeof score === "string";

/** @throws BadInputError unless it is one that the model has */
export function checkScore(score: Score | undefined, model: Model): Score {
  if (score === undefined || classScores.includes(score as ClassScore) || typeof score === "function")
    return score ?? "logit";
  const { layer, of } = (score ?? {}) as Partial<LayerScore>;
  if (typeof of !== "function") {
    badInput({
      what: "score",
      got: score,
      allowed: `${classScores.join(", ")}, a function of the outputs, or { layer, of: a function of its activations }`,
    });
  }
  const names = model.layers().map(({ name }) => name);
  if (!names.includes(layer!))
    badInput({
      what: "score.layer",
      got: layer,
      allowed: `a layer of ${model.name}, for instance ${nearNames(String(layer), names).join(", ")}`,
    });
  return score as LayerScore;
}

export function explained(model: Model, score: Score): Explained {
  if (score === "logit") {
    return {
      key: "logit",
      ofLogits: true,
      value: (inputs, rows, tap) =>
        tap ? tf.tidy(() => ofTarget(model.logits(inputs, tap), rows)) : targetLogit(model, inputs, rows),
      gradient: (inputs, rows, rule) => targetGradient(model, inputs, rows, rule),
    };
  }
  const value = isClassScore(score) ? classValue(model, score) : ownValue(model, score);
  const key = isClassScore(score) ? score : undefined,
    ofLogits = isClassScore(score) || typeof score === "function";
  const gradient =
    (rule: ReluRule) =>
    (at: tf.Tensor, rows: tf.Tensor2D): tf.Tensor =>
      inputGradient((x) => value(x, rows), at, rule);
  return {
    key,
    ofLogits,
    value,
    gradient: (inputs, rows, rule = "standard") =>
      (key === undefined ? gradient(rule) : modelStep(model, `${rule} ${key} gradient`, gradient(rule)))(inputs, rows),
  };
}

const ofTarget = (logits: tf.Tensor, rows: tf.Tensor2D): tf.Tensor1D => tf.sum(tf.mul(logits, rows), 1);

const classValue =
  (model: Model, score: ClassScore): Explained["value"] =>
  (inputs, rows, tap) =>
    tf.tidy(() => {
      const logarithm = logProbability(model, model.logits(inputs, tap), rows);
      return score === "probability" ? tf.exp(logarithm) : logarithm;
    });

const ownValue =
  (model: Model, score: ScoreFunction | LayerScore): Explained["value"] =>
  (inputs, rows, tap) =>
    tf.tidy(() => {
      const [batch] = inputs.shape,
        of = typeof score === "function" ? score : score.of;
      const outputs =
        typeof score === "function" ? model.logits(inputs, tap) : model.activations(inputs, score.layer, { tap });
      const value = of(outputs, tf.cast(tf.reshape(rows, [-1]), "int32") as tf.Tensor1D);
      if (!(value instanceof tf.Tensor) || value.size !== batch) {
        badInput({
          what: "what score returned",
          got: value instanceof tf.Tensor ? value.shape : value,
          allowed: `a tensor [${batch}], one number for each row of its outputs`,
          remedy: "For instance (outputs) => tf.sum(outputs, 1).",
        });
      }
      return tf.reshape(value, [batch]) as tf.Tensor1D;
    });
