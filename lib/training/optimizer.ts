import * as tf from "@tensorflow/tfjs";
import { adamDirection, beta1, beta2, nextMeans } from "../core/adam";

export const optimizerNames = ["adam", "momentum"] as const;
export type OptimizerName = (typeof optimizerNames)[number];

/** How one weight changes: a pure function of tensors. */
interface Rule {
  /** What is kept for each weight from step to step; zeros at first. */
  readonly slots: number;
  /** Factors whose powers tell how many steps there were. */
  readonly betas: readonly number[];
  /** The numbers of one step. @param powers of the betas: to the first power in the first step */
  factors(learningRate: number, powers: readonly number[]): number[];
  /** @returns the new weight, then the new slots */
  next(weight: tf.Tensor, gradient: tf.Tensor, slots: readonly tf.Tensor[], factors: readonly tf.Scalar[]): tf.Tensor[];
}

/** Kingma & Ba 2015, as TensorFlow.js computes it. */
const adam: Rule = {
  slots: 2,
  betas: [beta1, beta2],
  factors: (learningRate, [first, second]) => [-learningRate, 1 - first, 1 - second],
  next(weight, gradient, [mean, square], [rate, ...corrected]) {
    const means = nextMeans({ mean, square }, gradient),
      direction = adamDirection(means, corrected, 1e-7);
    return [tf.add(tf.mul(direction, rate), weight), means.mean, means.square];
  },
};

/** Velocities are sums of gradients, of which each step leaves 0.9. */
const momentum: Rule = {
  slots: 1,
  betas: [],
  factors: (learningRate) => [-learningRate],
  next(weight, gradient, [velocity], [rate]) {
    const faster = tf.add(tf.mul(velocity, 0.9), gradient);
    return [tf.add(tf.mul(rate, faster), weight), faster];
  },
};

/**
 * TensorFlow.js's optimizers of the same names, whose step is a pure function of tensors here, so that it can be part
 * of a compiled one:
 * `next` computes what `assign` then takes over.
 */
export class Optimizer {
  /** Those of the first weight, then those of the second, … */
  readonly slots: readonly tf.Variable[];
  /** Of Adam's betas, in single precision, as TensorFlow.js multiplies them up. */
  powers: number[];
  private readonly rule: Rule;

  /** @param weights are changed by `assign` */
  constructor(
    name: OptimizerName,
    readonly weights: readonly tf.Variable[],
  ) {
    const rule = (this.rule = name === "momentum" ? momentum : adam);
    this.slots = weights.flatMap(({ shape }) =>
      Array.from({ length: rule.slots }, () => tf.tidy(() => tf.variable(tf.zeros(shape), false))),
    );
    this.powers = rule.betas.map(Math.fround);
  }

  /** What changes from step to step, to be handed to `next` as tensors. */
  factors(learningRate: number): number[] {
    return this.rule.factors(learningRate, this.powers);
  }

  /** @param gradients in the order of the weights @returns the new weights and slots; the caller owns them */
  next(gradients: readonly tf.Tensor[], factors: readonly tf.Scalar[]): tf.Tensor[] {
    const { slots } = this.rule;
    return tf.tidy(() =>
      this.weights.flatMap((weight, i) =>
        this.rule.next(weight, gradients[i], this.slots.slice(i * slots, (i + 1) * slots), factors),
      ),
    );
  }

  /** Ends a step with what `next` gave. */
  assign(values: readonly tf.Tensor[]): void {
    const { slots } = this.rule;
    const variables = this.weights.flatMap((weight, i) => [weight, ...this.slots.slice(i * slots, (i + 1) * slots)]);
    variables.forEach((variable, i) => variable.assign(values[i]));
    this.powers = this.powers.map((power, i) => Math.fround(power * Math.fround(this.rule.betas[i])));
  }

  dispose(): void {
    tf.dispose([...this.slots]);
  }
}
