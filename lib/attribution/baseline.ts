import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { checkInputs } from "../model/checks";
import type { Inputs, Model } from "../model/vision-model";

/**
 * What stands for "nothing there": one number for every value, one input, or one for each of the inputs.
 * In the model's `bounds`.
 */
export type Baseline = number | Inputs;

/**
 * @param count number of inputs explained
 * @returns [1, …] for all, or [count, …]; the caller disposes of it
 * @throws BadInputError
 */
export async function checkBaseline(baseline: Baseline, model: Model, count: number): Promise<tf.Tensor> {
  const [low, high] = model.bounds,
    images = model.inputShape.length === 3;
  const [one, each] = images ? ["an image", "image"] : ["an input", "input"];
  if (typeof baseline === "number") {
    if (!(baseline >= low && baseline <= high && Number.isFinite(baseline))) {
      const allowed = Number.isFinite(low) ? `a number in [${low}, ${high}]` : "a finite number";
      badInput({
        what: "baseline",
        got: baseline,
        allowed: `${allowed}, ${one}, or one per ${each}`,
        remedy: images ? "It is a pixel value, before any preprocessing." : undefined,
      });
    }
    return tf.fill([1, ...model.inputShape], baseline);
  }
  const given = await checkInputs(baseline, model, "baseline");
  if (given.shape[0] === 1 || given.shape[0] === count) return given;
  const got = given.shape;
  given.dispose();
  return badInput({
    what: "the shape of baseline",
    got,
    allowed: `${images ? "one image" : "one input"}, or one for each of the ${count} ${each}s`,
  });
}
