import * as tf from "@tensorflow/tfjs";
import type { PlanBuilder, Slot } from "./plan-builder";
import type { Kernel, WeightSource } from "./weight-source";

/** Width of one attention head, in every DeiT. */
const headWidth = 64;

/**
 * DeiT, a vision transformer (Touvron and others 2021, arXiv:2012.12877; Dosovitskiy and others 2021,
 * arXiv:2010.11929), of any width and depth: the file decides. Layers: `patch_embed` [tokens + 1, width],
 * `block1/attention`, `block1` …, `norm`, `head`.
 */
export function visionTransformer(plan: PlanBuilder): Slot {
  const { weights } = plan;
  const [, , patch] = weights.shapeOf("patch_embed.proj.weight");
  const { kernel, bias, filters: width } = weights.convolution("patch_embed.proj", patch, 3);
  const classToken = weights.tensor<tf.Tensor3D>("cls_token", [1, 1, width]);
  const position = weights.tensor<tf.Tensor3D>("pos_embed", [1, undefined, width]);
  let x = plan.add("patch_embed", "PatchEmbedding", [plan.image], width, ([image]) => {
    const patches = tf.add(tf.conv2d(image as tf.Tensor4D, kernel, patch, "valid"), bias);
    const [batch] = image.shape;
    const tokens = tf.reshape(patches, [batch, -1, width]);
    return tf.add(tf.concat([tf.tile(classToken, [batch, 1, 1]), tokens], 1), position);
  });
  let before = "patch_embed",
    last: Block | undefined;
  for (let number = 1; weights.has(`blocks.${number - 1}.norm1.weight`); number++) {
    const block = blockOf(weights, `blocks.${number - 1}`, width),
      name = `block${number}`;
    if (last) before = `block${number - 1}`;
    last = block;
    x = plan.add(`${name}/attention`, "Attention", [x], width, ([tokens]) => attended(tokens, tokens, block));
    x = plan.add(name, "TransformerBlock", [x], width, ([tokens]) => thoughtOver(tokens, block));
  }
  const scale = weights.tensor<tf.Tensor1D>("norm.weight", [width]),
    offset = weights.tensor<tf.Tensor1D>("norm.bias", [width]);
  const normalized = (tokens: tf.Tensor): tf.Tensor => tf.add(tf.mul(normalize(tokens), scale), offset);
  x = plan.add("norm", "LayerNormalization", [x], width, ([tokens]) => normalized(tokens));
  const head = weights.dense("head", width);
  // The class token alone is read out.
  const logits = (tokens: tf.Tensor): tf.Tensor => tf.squeeze(dense(firstOf(tokens), head), [1]);
  if (last) {
    const block = last;
    // For a logit, the last block need not compute what becomes of the other tokens.
    plan.readout = {
      after: before,
      logit: (tokens, oneHot) =>
        tf.sum(tf.mul(logits(normalized(thoughtOver(attended(firstOf(tokens), tokens, block), block))), oneHot), 1),
    };
  }
  return plan.add("head", "Dense", [x], head.filters, ([tokens]) => logits(tokens));
}

/** What a block learnt. */
interface Block extends AttentionWeights {
  readonly widen: Kernel<tf.Tensor2D>;
  readonly narrow: Kernel<tf.Tensor2D>;
}

function blockOf(weights: WeightSource, key: string, width: number): Block {
  const [unscaled, keys, values] = weights.denseAfterNorm(`${key}.norm1`, `${key}.attn.qkv`, width, 3);
  const queries = weights.scaled(unscaled, 1 / Math.sqrt(headWidth));
  const out = weights.dense(`${key}.attn.proj`, width);
  const [before] = weights.denseAfterNorm(`${key}.norm2`, `${key}.mlp.fc1`, width),
    after = weights.dense(`${key}.mlp.fc2`, before.filters);
  const widen = weights.scaled(before, aroundGelu),
    narrow = weights.scaled(after, aroundGelu, 1);
  return { queries, keys, values, out, heads: width / headWidth, widen, narrow };
}

const firstOf = (tokens: tf.Tensor): tf.Tensor => tf.slice(tokens, [0, 0, 0], [-1, 1, -1]);

/** A block's first half, for some tokens or all. */
function attended(some: tf.Tensor, all: tf.Tensor, block: Block): tf.Tensor {
  const normed = normalize(all);
  return tf.add(some, attention(some === all ? normed : normalize(some), normed, block));
}

/** Its second half. */
function thoughtOver(tokens: tf.Tensor, { widen, narrow }: Block): tf.Tensor {
  return tf.add(tokens, perceptron(normalize(tokens), widen, narrow));
}

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
 * gradient would pass over the values twice as often as (dy − mean(dy) − x̂ mean(dy x̂)) / √(variance + ε).
 */
const normalize = differentiable(([x]: [tf.Tensor], save) => {
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
 * u (1 + erf(u)), and the layers before and after have the factors ({@link aroundGelu}). Gradient: 1 + erf(u) + u ·
 * 2/√π · exp(−u²).
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
const aroundGelu = Math.SQRT1_2;

/**
 * Attention of queries to keys: softmax(q kᵀ) v. In the gradient the sum over all keys of dp · p is that over a head's
 * width of dy · y (Dao and others 2022, arXiv:2205.14135), which is shorter. All [batch, heads, tokens, width of a
 * head].
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
function dense(x: tf.Tensor, { kernel, bias, filters }: Kernel<tf.Tensor2D>): tf.Tensor {
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
function perceptron(x: tf.Tensor, widen: Kernel<tf.Tensor2D>, narrow: Kernel<tf.Tensor2D>): tf.Tensor {
  return tf.reshape(rows(scaledGelu(rows(x, widen)), narrow), x.shape);
}

interface AttentionWeights {
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
function attention(
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
