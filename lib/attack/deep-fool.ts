import * as tf from "@tensorflow/tfjs";
import { checkInteger } from "../core/check-options";
import { checkModel } from "../model/check-model";
import { withTensors } from "../core/tensors";
import { repeated } from "../backend/compile/repeated";
import { valueAndInputGradient } from "../backend/input-gradient";
import { badInput } from "../core/errors";
import { outputOf } from "../model/outputs";
import type { Inputs, Model, Values } from "../model/vision-model";
import { resultFor, type AttackOptions, type Epsilon, type ResultFor } from "./attack";
import { perInput, sizes } from "./norms";
import { runAttack, type AttackBlock } from "./run-attack";
import { untilReached } from "./until-reached";

export interface DeepFoolOptions<E extends Epsilon | undefined = Epsilon | undefined> extends AttackOptions {
  /** Most steps. Integer ≥ 1. Default: 50. */
  steps?: number;
  /**
   * Among how many of the most probable classes the nearest is sought, the predicted one counted. Integer ≥ 2. Default:
   * 10.
   */
  candidates?: number;
  /** How far beyond the boundary to go, as a part of the way. A number ≥ 0. Default: 0.02. */
  overshoot?: number;
  /** Cuts the perturbation back to this L2 length; several for one result each. Default: none. */
  epsilon?: E;
}

/** Added to each distance to the boundary, in pixel values, as the authors do: no step is 0. */
const beyond = 1e-4;

/**
 * DeepFool: again and again the shortest step that would reach the nearest class boundary if the network were linear,
 * until the
 * prediction changes (Moosavi-Dezfooli, Fawzi & Frossard 2016, "DeepFool: A Simple and Accurate Method to Fool Deep
 * Neural Networks",
 * arXiv:1511.04599, algorithm 2 for L2).
 * @param inputs images or inputs of another shape, with or without the batch, in the model's bounds
 * @returns distances in `l2`: how near the boundary is
 * @throws BadInputError, also for a targeted criterion; InterruptedError
 */
export async function deepFool<E extends Epsilon | undefined = undefined, M extends Model = Model>(
  model: M,
  inputs: Inputs,
  options: DeepFoolOptions<E> = {},
): Promise<ResultFor<E, DeepFoolOptions, Values<M>>> {
  const steps = checkInteger("steps", options.steps ?? 50);
  const asked = checkInteger("candidates", options.candidates ?? 10, 2);
  checkModel(model);
  const candidates = outputOf(model) === "sigmoid" ? 2 : Math.min(asked, model.classNames.length);
  const { overshoot = 0.02 } = options;
  if (!(typeof overshoot === "number" && overshoot >= 0 && overshoot < Infinity))
    badInput({ what: "overshoot", got: overshoot, allowed: "a number ≥ 0" });
  const results = await runAttack<DeepFoolOptions, M>(model, inputs, {
    method: "deepfool",
    norm: "l2",
    options: { ...options, steps, candidates, overshoot },
    epsilon: options.epsilon,
    minimizes: true,
    only: "misclassified",
    passes: candidates - 1,
    steps,
    perturb: (block) =>
      withTensors(async (own) => {
        const differences = own(await classDifferences(block, candidates));
        let total: tf.Tensor = own(tf.zerosLike(block.inputs));
        const nearer = repeated(
          block.model,
          { times: steps * block.passes.length, key: "deepfool" },
          (x: tf.Tensor, some: tf.Tensor3D, before: Nearest) => nearerOf(block.model, x, some, before),
        );
        return await untilReached(block, steps, {
          step: async (x) => {
            const { step, distance } = await nearest(block, x, differences, nearer.run);
            const before = total;
            total = own(tf.tidy(() => tf.add(before, step)));
            tf.dispose([before, step, distance]);
            const [low, high] = block.model.bounds;
            return tf.tidy(() => tf.clipByValue(tf.add(block.inputs, tf.mul(total, 1 + overshoot)), low, high));
          },
        }).finally(() => nearer.dispose());
      }),
  });
  return resultFor(options.epsilon as E, results);
}

/**
 * What leads to each candidate class, nearest in probability first: its row of one-hots minus the predicted class's. A
 * label has one other side.
 * @returns [candidates − 1, block, units]
 */
async function classDifferences({ model, inputs, rows: own }: AttackBlock, candidates: number): Promise<tf.Tensor3D> {
  if (outputOf(model) === "sigmoid") return tf.tidy(() => tf.expandDims(tf.neg(own), 0) as tf.Tensor3D);
  const logits = tf.tidy(() => model.logits(inputs) as tf.Tensor2D);
  const rows = await logits.array().finally(() => logits.dispose());
  const orders = rows.map((row) => row.map((_, c) => c).sort((a, b) => row[b] - row[a] || a - b));
  const differences = Array.from({ length: candidates - 1 }, (_, k) =>
    rows.map((row, i) => row.map((_, c) => Number(c === orders[i][k + 1]) - Number(c === orders[i][0]))),
  );
  return tf.tensor3d(differences);
}

/** The shortest step to a boundary found so far, and its length but for `beyond`. */
type Nearest = {
  /** [block, …] */
  step: tf.Tensor;
  /** [block] */
  distance: tf.Tensor1D;
};

/** The caller owns what it returns. @param nearer as `nearerOf` */
async function nearest(
  block: AttackBlock,
  x: tf.Tensor,
  differences: tf.Tensor3D,
  nearer: (x: tf.Tensor, differences: tf.Tensor3D, before: Nearest) => Nearest,
): Promise<Nearest> {
  let best: Nearest = { step: tf.zerosLike(x), distance: tf.fill([x.shape[0]], Infinity) };
  try {
    for (const { first, count } of block.passes) {
      await block.checkpoint();
      const before = best;
      best = tf.tidy(() => nearer(x, tf.slice(differences, first, count), before));
      tf.dispose([before.step, before.distance]);
    }
    return { step: tf.clone(best.step), distance: tf.clone(best.distance) };
  } finally {
    tf.dispose([best.step, best.distance]);
  }
}

/** The best of some candidates and of what was best before. @param differences [run, block, units] */
function nearerOf(model: Model, x: tf.Tensor, differences: tf.Tensor3D, before: Nearest): Nearest {
  const [run, block, units] = differences.shape;
  const rows = tf.reshape(differences, [run * block, units]);
  const { value, gradient } = valueAndInputGradient(
    (tiled) => tf.sum(tf.mul(model.logits(tiled), rows), 1),
    tf.tile(x, [run, ...x.shape.slice(1).map(() => 1)]),
  );
  const slopes = tf.add(sizes(gradient, "l2"), 1e-8);
  const distances = tf.reshape(tf.div(tf.abs(value), slopes), [run, block]);
  const steps = tf.mul(gradient, perInput(tf.div(tf.add(tf.reshape(distances, [-1]), beyond), slopes), gradient));
  const chosen = tf.cast(
    tf.equal(tf.reshape(tf.range(0, run, 1, "int32"), [run, 1]), tf.argMin(distances, 0)),
    "float32",
  ) as tf.Tensor2D;
  const distance = tf.sum(tf.mul(distances, chosen), 0) as tf.Tensor1D;
  const step = tf.sum(tf.reshape(tf.mul(steps, perInput(chosen, steps)), [run, ...x.shape]), 0);
  const closer = tf.less(distance, before.distance);
  return {
    step: tf.where(perInput(closer, step), step, before.step),
    distance: tf.where(closer, distance, before.distance),
  };
}
