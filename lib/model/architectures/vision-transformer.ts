import * as tf from "@tensorflow/tfjs";
import type { PlanBuilder, Slot } from "./plan-builder";
import type { Kernel, WeightSource } from "./weight-source";

/** Width of one attention head, in every DeiT. */
const headWidth = 64;
const epsilon = 1e-6;

/**
 * DeiT, a vision transformer (Touvron and others 2021, arXiv:2012.12877; Dosovitskiy and others 2021, arXiv:2010.11929), of any
 * width and depth: the file decides. Layers: `patch_embed` [tokens + 1, width], `block1/attention`, `block1` …, `norm`, `head`.
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
  for (let block = 0; weights.has(`blocks.${block}.norm1.weight`); block++) {
    const key = `blocks.${block}`, name = `block${block + 1}`;
    const before = layerNorm(weights, `${key}.norm1`, width), between = layerNorm(weights, `${key}.norm2`, width);
    const attend = attention(weights, `${key}.attn`, width);
    const widen = weights.dense(`${key}.mlp.fc1`, width), narrow = weights.dense(`${key}.mlp.fc2`, widen.filters);
    x = plan.add(`${name}/attention`, "Attention", [x], width, ([tokens]) => tf.add(tokens, attend(before(tokens))));
    x = plan.add(name, "TransformerBlock", [x], width, ([tokens]) => tf.add(tokens, dense(gelu(dense(between(tokens), widen)), narrow)));
  }
  const last = layerNorm(weights, "norm", width);
  x = plan.add("norm", "LayerNormalization", [x], width, ([tokens]) => last(tokens));
  const head = weights.dense("head", width);
  // The class token alone is read out.
  return plan.add("head", "Dense", [x], head.filters, ([tokens]) => tf.squeeze(dense(tf.slice(tokens, [0, 0, 0], [-1, 1, -1]), head), [1]));
}

type Layer = (x: tf.Tensor) => tf.Tensor;

/** On the last axis, whatever the others. */
function dense(x: tf.Tensor, { kernel, bias }: Kernel<tf.Tensor2D>): tf.Tensor {
  const [inputs, outputs] = kernel.shape;
  const rows = tf.add(tf.matMul(tf.reshape(x, [-1, inputs]) as tf.Tensor2D, kernel), bias);
  return tf.reshape(rows, [...x.shape.slice(0, -1), outputs]);
}

function layerNorm(weights: WeightSource, key: string, width: number): Layer {
  const scale = weights.tensor<tf.Tensor1D>(`${key}.weight`, [width]), offset = weights.tensor<tf.Tensor1D>(`${key}.bias`, [width]);
  return (x) => {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const variance = tf.mean(tf.square(centred), -1, true);
    return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), scale), offset);
  };
}

/** Multi-head self-attention. [batch, tokens, width] → the same */
function attention(weights: WeightSource, key: string, width: number): Layer {
  const heads = width / headWidth;
  const all = weights.dense(`${key}.qkv`, width), out = weights.dense(`${key}.proj`, width);
  return (x) => {
    const [batch, tokens] = x.shape;
    const split = tf.transpose(tf.reshape(dense(x, all), [batch, tokens, 3, heads, headWidth]), [2, 0, 3, 1, 4]);
    const [queries, keys, values] = tf.split(split, 3, 0).map((part) => tf.reshape(part, [batch, heads, tokens, headWidth]));
    const shares = tf.softmax(tf.mul(tf.matMul(queries, keys, false, true), 1 / Math.sqrt(headWidth)));
    const mixed = tf.transpose(tf.matMul(shares, values), [0, 2, 1, 3]);
    return dense(tf.reshape(mixed, [batch, tokens, width]), out);
  };
}

/** Exact, not the tanh approximation. */
const gelu: Layer = (x) => tf.mul(tf.mul(0.5, x), tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2))));
