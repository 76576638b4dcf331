import * as tf from "@tensorflow/tfjs";
import { repeated } from "../backend/graph/model-graphs";
import type { Inputs, Model, Values } from "../model/vision-model";
import { random } from "../core/random";
import { boolean, checkOptions, integer, number, type Schema } from "../core/options";
import { attackOptions, epsilonOption, resultFor, type AttackOptions, type Epsilon, type ResultFor } from "./attack";
import { lossGradient, cutBack, perInput, unitStep, type EpsilonNorm } from "./norms";
import { noiseLike } from "../core/noise";
import { normOption } from "./random-noise";
import { runAttack, type AttackBlock } from "./run-attack";

export interface PgdOptions<E extends Epsilon = Epsilon> extends AttackOptions {
  /**
   * The perturbation stays within this size, absolute, on the images' own scale (of bounds [0, 255] it is 255 times
   * what it is of [0, 1]); several for one result each. 0 to the bounds' width (`linf`), or that times the root of the
   * number of values (`l2`).
   */
  epsilon: E;
  /** What epsilon measures: the largest change (sign steps) or the L2 length (normed gradients). Default: "linf". */
  norm?: EpsilonNorm;
  /** How many steps. Integer ≥ 1. Default: 40. */
  steps?: number;
  /** Size of one step, in the units of epsilon. Number above 0. Default: epsilon / 30 (linf), epsilon / 40 (l2). */
  stepSize?: number;
  /** Begin at a random place within epsilon (Madry et al.), not at the image (Kurakin et al.). Default: true. */
  randomStart?: boolean;
  /** Of the random start, which is the same for every image. Integer ≥ 0. Default: 0. */
  seed?: number;
}

export const pgdOptions = {
  ...attackOptions,
  epsilon: epsilonOption,
  norm: normOption,
  steps: integer({ least: 1, default: 40, help: "how many steps", traced: "input" }),
  stepSize: number({
    above: 0,
    rule: "epsilon / 30 (linf), epsilon / 40 (l2)",
    unit: "in the units of epsilon",
    help: "size of one step",
    traced: "input",
  }),
  randomStart: boolean({
    default: true,
    help: "begin at a random place within epsilon, not at the image",
    traced: "input",
  }),
  seed: integer({ least: 0, default: 0, help: "of the random start, the same for every image", traced: "input" }),
} satisfies Schema<PgdOptions>;

/**
 * Projected gradient descent: many small steps of `fgsm` (or `normedGradient`), each followed by cutting the
 * perturbation back to epsilon and the image to its bounds (Madry et al. 2018, "Towards Deep Learning Models Resistant
 * to Adversarial Attacks", arXiv:1706.06083; without the random start the basic iterative method, Kurakin, Goodfellow &
 * Bengio 2017, arXiv:1607.02533). An input that fulfils the criterion already is left as it is, without a random start
 * either.
 * @param inputs images or inputs of another shape, with or without the batch, in the model's bounds
 * @returns distances in `norm`; for a list of epsilons one result each
 * @throws BadInputError, InterruptedError
 */
export async function pgd<E extends Epsilon, M extends Model>(
  model: M,
  inputs: Inputs,
  options: PgdOptions<E>,
): Promise<ResultFor<E, PgdOptions, Values<M>>> {
  const checked = checkOptions(pgdOptions, options),
    { norm, steps, randomStart, seed, stepSize: given } = checked;
  const results = await runAttack<PgdOptions, M>(model, inputs, {
    method: "pgd",
    norm,
    schema: pgdOptions,
    options: checked,
    epsilon: checked.epsilon,
    steps,
    perturb: async (block, epsilon) => {
      const [limit, size] = [tf.scalar(epsilon), tf.scalar(given ?? epsilon / (norm === "linf" ? 30 : 40))];
      const { model, inputs, rows, goal, fooledBefore } = block;
      const count = fooledBefore.length,
        open = fooledBefore.filter((fooled) => !fooled).length;
      if (open === 0) {
        tf.dispose([limit, size]);
        return { raw: tf.clone(inputs), iterations: new Array<number>(count).fill(0) };
      }
      const descent = repeated(
        model,
        { times: steps, key: block.stepKey },
        (at: tf.Tensor, start: tf.Tensor, each: tf.Tensor2D, by: tf.Scalar, most: tf.Scalar) =>
          descend({ model, inputs: start, rows: each, goal }, at, norm, by, most),
      );
      let x: tf.Tensor = randomStart
        ? tf.tidy(() => within(block, startNoise(block, norm, seed), norm, limit))
        : tf.clone(block.inputs);
      try {
        for (let step = 0; step < steps; step++) {
          await block.checkpoint();
          const before = x;
          x = tf.tidy(() => descent.run(before, inputs, rows, size, limit));
          before.dispose();
          block.advance(open);
        }
        const raw =
          open === count
            ? tf.clone(x)
            : tf.tidy(() => tf.where(perInput(tf.tensor1d([...fooledBefore], "bool"), inputs), inputs, x));
        return { raw, iterations: fooledBefore.map((fooled) => (fooled ? 0 : steps)) };
      } finally {
        tf.dispose([x, limit, size]);
        descent.dispose();
      }
    },
  });
  return resultFor(options.epsilon, results);
}

/** One step, cut back to epsilon and the bounds. */
function descend(
  { model, inputs, rows, goal }: Pick<AttackBlock, "model" | "inputs" | "rows" | "goal">,
  x: tf.Tensor,
  norm: EpsilonNorm,
  size: tf.Scalar,
  limit: tf.Scalar,
): tf.Tensor {
  const step = tf.mul(unitStep(lossGradient(model, x, rows, goal.targeted), norm), size);
  const [low, high] = model.bounds;
  return tf.clipByValue(tf.add(inputs, cutBack(tf.sub(tf.add(x, step), inputs), norm, limit)), low, high);
}

/** Input + epsilon × noise of at most size 1, within the bounds. */
function within({ model, inputs }: AttackBlock, noise: tf.Tensor, norm: EpsilonNorm, limit: tf.Scalar): tf.Tensor {
  const [low, high] = model.bounds;
  return tf.clipByValue(tf.add(inputs, cutBack(tf.mul(noise, limit), norm, limit)), low, high);
}

/**
 * Uniform in the cube of side 2, or in the ball of radius 1: a random direction, and a radius whose power of the
 * dimension is uniform.
 */
function startNoise(block: AttackBlock, norm: EpsilonNorm, seed: number): tf.Tensor {
  if (norm === "linf") return noiseLike(block, seed, (source) => 2 * source.uniform() - 1);
  const values = block.inputs.size / block.inputs.shape[0];
  const radius = random(seed, 0, 1).uniform() ** (1 / values);
  return tf.mul(
    unitStep(
      noiseLike(block, seed, (source) => source.normal()),
      "l2",
    ),
    radius,
  );
}
