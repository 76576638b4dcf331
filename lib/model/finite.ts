// What a network with NaN or infinite weights says is refused by name, in place of being handed on as a map.
import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import type { Model } from "./vision-model";

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
