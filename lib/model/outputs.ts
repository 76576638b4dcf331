// What the numbers at a network's end are, and what follows from it: probabilities, which class is meant, how far an
// input is from another answer.

import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { checkOptions } from "../core/options";
import { predictOptions, type Model, type Prediction, type PredictOptions } from "./vision-model";
import { refuseNotFinite } from "./checks";
import type { OutputKind } from "./network-options";

/** The part of a {@link Model} that says what its outputs are. */
export type Outputs = Pick<Model, "name" | "classNames" | "output" | "units">;

export const outputOf = ({ output = "softmax" }: Outputs): OutputKind => output;
/** Columns of the logits. */
export const unitsOf = ({ units, classNames }: Outputs): number => units ?? classNames.length;
/** One sigmoid unit, two classes: the second's probability is the unit's, the first's what is left of 1. */
export const tellsTwoApart = (model: Outputs): boolean =>
  outputOf(model) === "sigmoid" && unitsOf(model) === 1 && model.classNames.length === 2;

/**
 * Each input's class as a row that, times the logits, gives that class's own: 1 at its unit; −1 for the first class of
 * a single sigmoid unit.
 * @param classes indices
 * @returns [classes, units]
 */
export function targetRows(model: Outputs, classes: readonly number[]): tf.Tensor2D {
  const units = unitsOf(model),
    two = tellsTwoApart(model);
  const rows = new Float32Array(classes.length * units);
  classes.forEach((index, row) => {
    rows[row * units + (two ? 0 : index)] = two && index === 0 ? -1 : 1;
  });
  return tf.tensor2d(rows, [classes.length, units]);
}

/** @param logits [batch, units] @returns [batch, classes] @throws BadInputError for a linear output, which has none */
export function probabilitiesOf(model: Outputs, logits: tf.Tensor): tf.Tensor {
  switch (outputOf(model)) {
    case "softmax":
      return tf.softmax(logits);
    case "sigmoid":
      return tellsTwoApart(model) ? tf.sigmoid(tf.concat([tf.neg(logits), logits], -1)) : tf.sigmoid(logits);
    case "linear":
      return badInput({
        what: `the output of ${model.name}`,
        got: "linear",
        allowed: "softmax or sigmoid, for probabilities",
        remedy: 'If its numbers are the logits of classes, load it with output: "softmax".',
      });
  }
}

/**
 * The logarithm of the class's probability: the negative of the cross-entropy that the network was trained on.
 * @param logits [batch, units]
 * @param rows as {@link targetRows}
 * @returns [batch]
 */
export function logProbability(model: Outputs, logits: tf.Tensor, rows: tf.Tensor2D): tf.Tensor1D {
  checkOneRow(model, logits);
  if (outputOf(model) === "softmax") return tf.sum(tf.mul(tf.logSoftmax(logits), rows), 1) as tf.Tensor1D;
  checkClasses(model, "log-probability");
  return tf.neg(tf.softplus(tf.neg(tf.sum(tf.mul(logits, rows), 1)))) as tf.Tensor1D;
}

/** @throws BadInputError unless there is one row of outputs for each input */
export function checkOneRow(model: Outputs, logits: tf.Tensor): tf.Tensor2D {
  if (logits.rank === 2) return logits as tf.Tensor2D;
  return badInput({
    what: `the output of ${model.name}`,
    got: logits.shape,
    allowed: "[batch, classes]",
    remedy: "Say what is explained of it: score: (outputs) => one number for each input.",
  });
}

/** @throws BadInputError for a linear output, which is explained but classifies nothing */
export function checkClasses(model: Outputs, method: string): void {
  if (outputOf(model) !== "linear") return;
  badInput({
    what: `the output of ${model.name}`,
    got: "linear",
    allowed: `softmax or sigmoid, for ${method}`,
    remedy: 'A regression has no classes; if its numbers are the logits of classes, load it with output: "softmax".',
  });
}

/** Which class is predicted, by one input's logits; of several equals the first. */
export function decide(model: Outputs, logits: ArrayLike<number>): number {
  return tellsTwoApart(model) ? Number(logits[0] > 0) : firstMaximum(logits);
}

/** The index of the largest value, of several the first. */
export function firstMaximum(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/** A name for each class, where a network has none. */
export function defaultClassNames(kind: OutputKind, units: number): string[] {
  if (kind === "sigmoid" && units === 1) return ["class 0", "class 1"];
  return Array.from({ length: units }, (_, i) => `${kind === "linear" ? "output" : "class"} ${i}`);
}

/**
 * @param given as a caller gave them; for a single sigmoid unit both classes, or only the one that it says yes to
 * @throws BadInputError unless there is one for each output
 */
export function checkClassNames(
  given: readonly string[] | undefined,
  kind: OutputKind,
  units: number,
  network: string,
): string[] {
  const names = given ?? defaultClassNames(kind, units),
    two = kind === "sigmoid" && units === 1;
  if (two && names.length === 1) return [`not ${names[0]}`, names[0]];
  const allowed = two
    ? "2, what the sigmoid says no to and what it says yes to"
    : `${units}, one for each output of ${network}`;
  if (names.length !== (two ? 2 : units)) badInput({ what: "classNames", got: `${names.length} names`, allowed });
  return [...names];
}

/** Most inputs that go forward in one pass, where nobody says how many: bounds memory. */
export const forwardBatchSize = 32;

/**
 * @param inputs [batch, …], checked
 * @returns one array per input, most probable first; ties: the lowest index first. Of a linear output its numbers, in
 * their order
 */
export async function topPredictions(
  model: Model,
  inputs: tf.Tensor,
  options: PredictOptions = {},
): Promise<Prediction[][]> {
  const { classNames } = model,
    linear = outputOf(model) === "linear";
  const { top = linear ? classNames.length : Math.min(5, classNames.length) } = checkOptions(predictOptions, options);
  const predictions: Prediction[][] = [];
  for (let start = 0; start < inputs.shape[0]; start += forwardBatchSize) {
    const size = Math.min(forwardBatchSize, inputs.shape[0] - start);
    const batch = tf.tidy(() => {
      const logits = model.logits(tf.slice(inputs, start, size));
      if (logits.rank > 2)
        badInput({
          what: `the output of ${model.name}`,
          got: logits.shape,
          allowed: "[batch, classes], for predict",
          remedy: "Take model.probabilities or model.logits, which have the places.",
        });
      return linear ? logits : probabilitiesOf(model, logits);
    });
    try {
      const values = (await batch.data()) as Float32Array,
        count = batch.shape[1]!;
      const odd = values.findIndex((value) => !Number.isFinite(value));
      if (odd >= 0) await refuse(model, inputs, start + Math.floor(odd / count));
      for (let i = 0; i < size; i++)
        predictions.push(named(values.subarray(i * count, (i + 1) * count), classNames, linear).slice(0, top));
    } finally {
      batch.dispose();
    }
  }
  return predictions;
}

function named(values: Float32Array, classNames: readonly string[], linear: boolean): Prediction[] {
  const each = Array.from(values, (value, index) => ({
    index,
    name: classNames[index],
    probability: linear ? NaN : value,
    value,
  }));
  return linear ? each : each.sort((a, b) => b.value - a.value || a.index - b.index);
}

async function refuse(model: Model, inputs: tf.Tensor, index: number): Promise<never> {
  const input = tf.slice(inputs, index, 1);
  return refuseNotFinite(model, input, `what is predicted for input ${index}`).finally(() => input.dispose());
}
