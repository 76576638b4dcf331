import * as tf from "@tensorflow/tfjs";
import type { Inputs, Model, Values } from "../model/vision-model";
import { checkOptions, integer, oneOf, type Schema } from "../core/options";
import { attackOptions, epsilonOption, resultFor, type AttackOptions, type Epsilon, type ResultFor } from "./attack";
import { noiseLike } from "../core/noise";
import { unitStep, type EpsilonNorm } from "./norms";
import { runAttack } from "./run-attack";

export const epsilonNorms: readonly EpsilonNorm[] = ["linf", "l2"];

export interface RandomNoiseOptions<E extends Epsilon = Epsilon> extends AttackOptions {
  /**
   * Size of the noise, absolute, on the images' own scale (of bounds [0, 255] it is 255 times what it is of [0, 1]);
   * several for one result each. 0 to the bounds' width (`linf`), or that times the root of the number of values
   * (`l2`).
   */
  epsilon: E;
  /**
   * `linf`: every value moves by epsilon up or down, as a sign step does (and has its L2 length too); `l2`: a random
   * direction of length epsilon, as the normed gradient has. Default: "linf".
   */
  norm?: EpsilonNorm;
  /** The same seed gives the same noise, to every image. Integer ≥ 0. Default: 0. */
  seed?: number;
}

/** What epsilon measures. */
export const normOption = oneOf(epsilonNorms, {
  default: "linf",
  help: "what epsilon measures: the largest change, or the L2 length",
});

export const randomNoiseOptions = {
  ...attackOptions,
  epsilon: epsilonOption,
  norm: normOption,
  seed: integer({ least: 0, default: 0, help: "the same seed gives the same noise, to every image", traced: "input" }),
} satisfies Schema<RandomNoiseOptions>;

/**
 * Noise of the same size as an attack, as a control: it knows nothing of the model.
 * @param inputs images or inputs of another shape, with or without the batch, in the model's bounds
 * @returns distances in `norm`; for a list of epsilons one result each, the same noise scaled
 * @throws BadInputError, InterruptedError
 */
export async function randomNoise<E extends Epsilon, M extends Model>(
  model: M,
  inputs: Inputs,
  options: RandomNoiseOptions<E>,
): Promise<ResultFor<E, RandomNoiseOptions, Values<M>>> {
  const checked = checkOptions(randomNoiseOptions, options),
    { norm, seed, epsilon } = checked;
  const results = await runAttack<RandomNoiseOptions, M>(model, inputs, {
    method: "random-noise",
    norm,
    schema: randomNoiseOptions,
    options: checked,
    epsilon,
    direction: (block) =>
      unitStep(
        noiseLike(block, seed, (source) => source.normal()),
        norm,
      ),
    perturb: async ({ inputs, direction, advance }, epsilon) => {
      const raw = tf.tidy(() => tf.add(inputs, tf.mul(direction!, epsilon)));
      advance(inputs.shape[0]);
      return { raw, iterations: new Array<number>(inputs.shape[0]).fill(1) };
    },
  });
  return resultFor(options.epsilon, results);
}
