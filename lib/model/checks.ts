// What is checked of a model and its inputs before a method works on them, and that what it says is finite: NaN is
// refused by name, in place of being handed on as a map.
import { badInput } from "../core/errors";
import type { Model, Inputs, ImageInput } from "./vision-model";
import * as tf from "@tensorflow/tfjs";
import { pack } from "./packed-inputs";

/** The commonest slip in a notebook is a forgotten `await` before `loadModel`. */
export function checkModel(model: Model): void {
  if (typeof model?.logits === "function") return;
  const pending = typeof (model as { then?: unknown } | undefined)?.then === "function";
  badInput({
    what: "model",
    got: pending ? "a promise" : model,
    allowed: "a model",
    remedy: pending ? "Put await before loadModel." : "loadModel(name) or fromLayersModel(model, …) makes one.",
  });
}

/** @throws BadInputError for a network whose inputs are not images */
export function checkTakesImages({ name, inputShape }: Model, method: string): void {
  if (inputShape.length !== 3) {
    badInput({
      what: "model",
      got: `${name}, whose inputs are [${inputShape.join(", ")}]`,
      allowed: `for ${method} a model of images [height, width, channels]`,
      remedy: "saliency, integratedGradients, smoothGrad and occlusion take inputs of any shape.",
    });
  }
}

// Inputs of any shape, checked before a method works on them; images have checks of their own.

/** Inputs and what they are for; the part of a {@link Model} that the check needs. */
type InputDemands = Pick<Model, "name" | "inputShape" | "bounds" | "inputs">;

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

/** Images and what they are for; the part of a model that the check needs. */
export interface ImageDemands extends Pick<Model, "name" | "bounds"> {
  readonly inputShape: readonly [number, number, number];
}

/**
 * Refuses images that `model` would silently misread. Every public function that takes images calls this first.
 * Reads the values once per batch.
 * @param images [height, width, channels] or [batch, height, width, channels], float32 in the model's bounds
 * @returns [batch, height, width, channels]: a new tensor that shares the images' memory. The caller disposes of it,
 *   and still owns `images`.
 * @throws BadInputError
 */
export async function checkImages(images: ImageInput, model: ImageDemands, what = "images"): Promise<tf.Tensor4D> {
  checkImageShape(images, model, what);
  const [low, high] = model.bounds;
  const summary = tf.tidy(() => tf.stack([tf.min(images), tf.max(images), tf.sum(tf.mul(images, 0))]));
  let min: number, max: number, notFinite: number;
  try {
    [min, max, notFinite] = await summary.data();
  } finally {
    summary.dispose();
  }
  const allowed = `values in [${low}, ${high}]`;
  if (Number.isNaN(notFinite))
    badInput({
      what: `a value of ${what}`,
      got: Number.isFinite(min) && Number.isFinite(max) ? NaN : "NaN or infinite",
      allowed,
      remedy: "Look for a division by zero where the images were made.",
    });
  // Resampling oversteps by rounding.
  const slack = 1e-5 * (high - low);
  if (min < low - slack || max > high + slack) {
    badInput({
      what: `the range of ${what}`,
      got: `${shortNumber(min)} to ${shortNumber(max)}`,
      allowed,
      remedy: rangeRemedy(min, max, low, high),
    });
  }
  return images.rank === 3 ? (tf.expandDims(images as tf.Tensor3D, 0) as tf.Tensor4D) : tf.clone(images as tf.Tensor4D);
}

/** The part of {@link checkImages} that reads no values, for synchronous functions. */
function checkImageShape(images: tf.Tensor, model: ImageDemands, what = "images"): void {
  const [height, width, channels] = model.inputShape;
  const wanted = `[${height}, ${width}, ${channels}] or [batch, ${height}, ${width}, ${channels}] for ${model.name}`;
  if (!(images instanceof tf.Tensor))
    badInput({ what, got: images, allowed: `a tensor ${wanted}`, remedy: "tf.tensor4d(values, shape) makes one." });
  if (images.isDisposed) badInput({ what, got: "a disposed tensor", allowed: `a tensor ${wanted}` });
  const seen = images.shape;
  const image = seen.slice(-3);
  const fits =
    (seen.length === 3 || seen.length === 4) && image[0] === height && image[1] === width && image[2] === channels;
  if (!fits)
    badInput({ what: `the shape of ${what}`, got: seen, allowed: wanted, remedy: shapeRemedy(seen, model.inputShape) });
  if (seen.length === 4 && seen[0] === 0)
    badInput({ what: `the shape of ${what}`, got: seen, allowed: "at least one image" });
  if (images.dtype !== "float32") {
    const [low, high] = model.bounds;
    badInput({
      what: `the dtype of ${what}`,
      got: images.dtype,
      allowed: `float32 in [${low}, ${high}]`,
      remedy: "Integers 0 to 255: images.toFloat().div(255).",
    });
  }
}

function shapeRemedy(
  seen: readonly number[],
  [height, width, channels]: readonly [number, number, number],
): string | undefined {
  const is = (...shape: number[]): boolean =>
    shape.length === seen.length && shape.every((size, i) => size === seen[i]);
  const last = seen.slice(-3);
  if (channels !== height && last[0] === channels && last[1] === height && last[2] === width) {
    return `The channels come first here: tf.transpose(images, ${seen.length === 4 ? "[0, 2, 3, 1]" : "[1, 2, 0]"}).`;
  }
  if (channels === 1 && (is(height, width) || (seen.length === 3 && seen[1] === height && seen[2] === width))) {
    return "The channel dimension is missing: tf.expandDims(images, -1).";
  }
  if (last[0] === height && last[1] === width && last.length === 3) {
    if (channels === 3 && last[2] === 1) return "These are grey: tf.tile along the last axis makes three channels.";
    if (channels === 1 && last[2] === 3) return "These are in colour: tf.mean(images, -1, true) makes them grey.";
    if (last[2] === 4) return "The fourth channel is transparency: slice it off.";
  }
  if (seen.length >= 3 && seen.length <= 4 && last[2] === channels)
    return `Resize them: tf.image.resizeBilinear(images, [${height}, ${width}]).`;
  if (seen.length === 5) return "One dimension too many: tf.squeeze or tf.reshape.";
  return undefined;
}

function rangeRemedy(min: number, max: number, low: number, high: number): string {
  if (min >= 0 && max > 2 * high && max <= 255.5) return "These look like 0 to 255: images.div(255).";
  if (min < low && min >= -1.001 && max <= 1.001) return "These look like [-1, 1]: images.add(1).div(2).";
  if (min < low) return "Give images without mean or std subtracted: the model does that itself.";
  return `images.clipByValue(${low}, ${high}) if overshoot is meant to be cut off.`;
}

const shortNumber = (value: number): string => String(Number(value.toPrecision(6)));

/**
 * Each input's largest absolute value; NaN where one of its values is NaN or infinite.
 * @param values [batch, …]
 * @returns [batch]
 */
export async function largestValues(values: tf.Tensor): Promise<number[]> {
  const [batch] = values.shape;
  const each = tf.tidy(() => {
    const rows = tf.reshape(values, [batch, -1]);
    // 0 · infinity is NaN; a maximum alone would pass NaN over on some backends.
    return tf.add(tf.max(tf.abs(rows), 1), tf.sum(tf.mul(rows, 0), 1));
  });
  return Array.from(await each.data().finally(() => each.dispose()));
}

const checked = new WeakSet<object>();

/**
 * Looks at a network's weights when it is first used: on some backends a ReLU makes 0 of NaN, and nothing else would
 * tell.
 * @throws BadInputError that names the first weight that is not finite
 */
export async function checkWeights(model: Model): Promise<void> {
  if (checked.has(model) || !model.namedWeights) return;
  const weights = model.namedWeights().filter(({ tensor }) => tensor.dtype === "float32");
  if (weights.length > 0) {
    const sums = tf.tidy(() => tf.stack(weights.map(({ tensor }) => tf.sum(tf.mul(tensor, 0)))));
    const odd = (await sums.data().finally(() => sums.dispose())).findIndex(Number.isNaN);
    if (odd >= 0) {
      badInput({
        what: `weight ${weights[odd].name} of ${model.name}`,
        got: "NaN or infinite",
        allowed: "finite numbers",
        remedy: "A training that diverged leaves such weights: take an earlier checkpoint, or a smaller learning rate.",
      });
    }
  }
  checked.add(model);
}

/**
 * @param input the one whose values are not finite, [1, …]
 * @param what what was asked for, for people: "the logits of an input"
 * @throws BadInputError that names the first layer whose output is not finite, where it is the network that is at fault
 */
export async function refuseNotFinite(model: Model, input: tf.Tensor, what: string): Promise<never> {
  const layer = await firstNotFinite(model, input);
  return badInput({
    what: `${what} of ${model.name}`,
    got: "NaN or infinite",
    allowed: "finite numbers",
    remedy:
      layer === undefined
        ? "Every layer's output is finite: its gradient is not, as that of a root or a quotient at 0."
        : `The first layer with such an output is ${layer}.`,
  });
}

async function firstNotFinite(model: Model, input: tf.Tensor): Promise<string | undefined> {
  const seen: Array<[string, tf.Tensor]> = [];
  try {
    tf.tidy(() => {
      model.logits(input, (name, output) => {
        seen.push([name, tf.keep(tf.sum(tf.mul(output, 0)))]);
        return output;
      });
    });
    for (const [name, sum] of seen) if (Number.isNaN((await sum.data())[0])) return name;
    return undefined;
  } finally {
    tf.dispose(seen.map(([, sum]) => sum));
  }
}
