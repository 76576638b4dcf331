// Inputs of any shape, checked before a method works on them; images have checks of their own.
import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { checkImages, checkImageShape, type ImageDemands } from "./check-images";
import { pack } from "./packed-inputs";
import type { Inputs, Model } from "./vision-model";

/** Inputs and what they are for; the part of a {@link Model} that the check needs. */
export type InputDemands = Pick<Model, "name" | "inputShape" | "bounds" | "inputs">;

const takesImages = (model: InputDemands): model is ImageDemands => model.inputShape.length === 3;

/**
 * Refuses inputs that `model` would silently misread. Every public function that takes inputs calls this first.
 * Reads the values once per batch.
 * @param inputs with or without the batch, in the model's bounds; of a network of several inputs a list
 * @returns [batch, …inputShape], float32: a new tensor, which may share the inputs' memory. The caller disposes of it,
 *   and still owns `inputs`.
 * @throws BadInputError
 */
export async function checkInputs(
  inputs: Inputs,
  model: InputDemands,
  what = takesImages(model) ? "images" : "inputs",
): Promise<tf.Tensor> {
  if (Array.isArray(inputs)) {
    if (!model.inputs)
      badInput({
        what,
        got: "a list",
        allowed: `a tensor ${shapes(model)}`,
        remedy: "tf.stack(list) makes a batch of them.",
      });
    return checkValues(pack(model.inputs, inputs as readonly tf.Tensor[], what), model, what);
  }
  const given = inputs as tf.Tensor;
  if (takesImages(model)) return checkImages(given as tf.Tensor4D, model, what);
  checkInputShape(given, model, what);
  const batch = tf.tidy(() =>
    tf.cast(given.rank === model.inputShape.length ? tf.expandDims(given, 0) : tf.clone(given), "float32"),
  );
  return checkValues(batch, model, what);
}

/** @param batch freed where it is refused */
async function checkValues(batch: tf.Tensor, { bounds: [low, high] }: InputDemands, what: string): Promise<tf.Tensor> {
  try {
    const summary = tf.tidy(() => tf.stack([tf.min(batch), tf.max(batch), tf.sum(tf.mul(batch, 0))]));
    const [min, max, notFinite] = await summary.data().finally(() => summary.dispose());
    const allowed = Number.isFinite(low) ? `values in [${low}, ${high}]` : "finite numbers";
    if (Number.isNaN(notFinite))
      badInput({
        what: `a value of ${what}`,
        got: "NaN or infinite",
        allowed,
        remedy: "Look for a division by zero, or a value that is missing.",
      });
    const slack = Number.isFinite(high - low) ? 1e-5 * (high - low) : 0;
    if (min < low - slack || max > high + slack)
      badInput({
        what: `the range of ${what}`,
        got: `${Number(min.toPrecision(6))} to ${Number(max.toPrecision(6))}`,
        allowed,
      });
    return batch;
  } catch (error) {
    batch.dispose();
    throw error;
  }
}

/** The part of {@link checkInputs} that reads no values, for synchronous functions. */
export function checkInputShape(
  inputs: tf.Tensor,
  model: InputDemands,
  what = takesImages(model) ? "images" : "inputs",
): void {
  if (takesImages(model)) return checkImageShape(inputs, model, what);
  const { inputShape: shape } = model,
    seen = inputs instanceof tf.Tensor ? inputs.shape : undefined;
  const remedy = model.inputs
    ? `Give a list, one tensor for each of ${model.inputs.map(({ name }) => name).join(", ")}.`
    : undefined;
  if (!seen)
    return badInput({
      what,
      got: inputs,
      allowed: `a tensor ${shapes(model)}`,
      remedy: remedy ?? "tf.tensor(values, shape) makes one.",
    });
  if (inputs.isDisposed) badInput({ what, got: "a disposed tensor", allowed: `a tensor ${shapes(model)}` });
  const own = seen.slice(seen.length - shape.length);
  const fits =
    (seen.length === shape.length || seen.length === shape.length + 1) &&
    own.every((side, axis) => side === shape[axis]);
  if (!fits) badInput({ what: `the shape of ${what}`, got: seen, allowed: shapes(model), remedy });
  if (seen.length > shape.length && seen[0] === 0)
    badInput({ what: `the shape of ${what}`, got: seen, allowed: "at least one input" });
  if (inputs.dtype !== "float32" && inputs.dtype !== "int32")
    badInput({ what: `the dtype of ${what}`, got: inputs.dtype, allowed: "float32 or int32" });
}

const shapes = ({ inputShape, name }: InputDemands): string =>
  `[${inputShape.join(", ")}] or [batch, ${inputShape.join(", ")}] for ${name}`;
