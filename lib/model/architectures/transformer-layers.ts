import * as tf from "@tensorflow/tfjs";
import type { Kernel } from "./weight-source";

const epsilon = 1e-6;

/** A function with its gradient written out. */
const differentiable = <Inputs extends tf.Tensor[]>(
  made: (
    inputs: Inputs,
    save: tf.GradSaveFunc,
  ) => { value: tf.Tensor; gradient: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor | tf.Tensor[] },
): ((...inputs: Inputs) => tf.Tensor) =>
  tf.customGrad((...given) => {
    const save = given.pop() as tf.GradSaveFunc,
      { value, gradient } = made(given as Inputs, save);
    return { value, gradFunc: gradient };
  }) as (...inputs: Inputs) => tf.Tensor;

/**
 * Layer normalization without its scale and offset: x̂ = (x − mean) / √(variance + ε) on the last axis. Op by op, its
 * gradient would pass
 * over the values twice as often as (dy − mean(dy) − x̂ mean(dy x̂)) / √(variance + ε).
 */
export const normalize = differentiable(([x]: [tf.Tensor], save) => {
  const mean = (values: tf.Tensor): tf.Tensor => tf.mean(values, -1, true);
  const centred = tf.sub(x, mean(x)),
    inverse = tf.rsqrt(tf.add(mean(tf.square(centred)), epsilon)),
    value = tf.mul(centred, inverse);
  save([value, inverse]);
  return {
    value,
    gradient: (dy, [y, scale]) => tf.mul(tf.sub(tf.sub(dy, mean(dy)), tf.mul(y, mean(tf.mul(dy, y)))), scale),
  };
});

/**
 * GELU, exact (not the tanh approximation), between scaled layers: x Φ(x) = u (1 + erf(u)) / √2 of u = x / √2; this is
 * u (1 + erf(u)), and the
 * layers before and after have the factors ({@link aroundGelu}). Gradient: 1 + erf(u) + u · 2/√π · exp(−u²).
 */
const scaledGelu = differentiable(([u]: [tf.Tensor], save) => {
  const twice = tf.add(1, tf.erf(u));
  save([u, twice]);
  return {
    value: tf.mul(u, twice),
    gradient: (dy, [at, doubled]) =>
      tf.mul(dy, tf.add(doubled, tf.mul(at, tf.exp(tf.sub(Math.log(2 / Math.sqrt(Math.PI)), tf.square(at)))))),
  };
});

/** What the layers around a GELU are multiplied by: the one before with its bias, the one after without. */
export const aroundGelu = Math.SQRT1_2;

/**
 * Attention of queries to keys: softmax(q kᵀ) v. In the gradient the sum over all keys of dp · p is that over a head's
 * width of dy · y
 * (Dao and others 2022, arXiv:2205.14135), which is shorter. All [batch, heads, tokens, width of a head].
 */
const attend = differentiable(([q, k, v]: [tf.Tensor, tf.Tensor, tf.Tensor], save) => {
  const shares = tf.softmax(tf.matMul(q, k, false, true)),
    value = tf.matMul(shares, v);
  save([q, k, v, shares, value]);
  return {
    value,
    gradient: (dy, [queries, keys, values, p, y]) => {
      const ofScores = tf.mul(p, tf.sub(tf.matMul(dy, values, false, true), tf.sum(tf.mul(dy, y), -1, true)));
      return [tf.matMul(ofScores, keys), tf.matMul(ofScores, queries, true), tf.matMul(p, dy, true)];
    },
  };
});

/** On the last axis, whatever the others. */
export function dense(x: tf.Tensor, { kernel, bias, filters }: Kernel<tf.Tensor2D>): tf.Tensor {
  return tf.reshape(rows(x, { kernel, bias, filters }), [...x.shape.slice(0, -1), filters]);
}

/** The same as a matrix. */
function rows(x: tf.Tensor, { kernel, bias }: Kernel<tf.Tensor2D>): tf.Tensor2D {
  return tf.add(tf.matMul(tf.reshape(x, [-1, kernel.shape[0]]) as tf.Tensor2D, kernel), bias);
}

/**
 * Two dense layers with a GELU between them, row by row. @param widen with its factor of {@link aroundGelu} @param
 * narrow too
 */
export function perceptron(x: tf.Tensor, widen: Kernel<tf.Tensor2D>, narrow: Kernel<tf.Tensor2D>): tf.Tensor {
  return tf.reshape(rows(scaledGelu(rows(x, widen)), narrow), x.shape);
}

export interface AttentionWeights {
  /** With the scores' factor 1 / √(width of a head) in it. */
  readonly queries: Kernel<tf.Tensor2D>;
  readonly keys: Kernel<tf.Tensor2D>;
  readonly values: Kernel<tf.Tensor2D>;
  readonly out: Kernel<tf.Tensor2D>;
  readonly heads: number;
}

/**
 * Multi-head attention of some tokens to all.
 * @param asking [batch, some, width] @param x [batch, tokens, width] @returns [batch, some, width]
 */
export function attention(
  asking: tf.Tensor,
  x: tf.Tensor,
  { queries, keys, values, out, heads }: AttentionWeights,
): tf.Tensor {
  const split = (from: tf.Tensor, by: Kernel<tf.Tensor2D>): tf.Tensor => {
    const [batch, tokens] = from.shape;
    return tf.transpose(tf.reshape(rows(from, by), [batch, tokens, heads, by.filters / heads]), [0, 2, 1, 3]);
  };
  const mixed = tf.transpose(attend(split(asking, queries), split(x, keys), split(x, values)), [0, 2, 1, 3]);
  return dense(tf.reshape(mixed, asking.shape), out);
}
