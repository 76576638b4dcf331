import * as tf from "@tensorflow/tfjs";
import type { PlanBuilder, Slot } from "./plan-builder";
import { aroundGelu, attention, dense, normalize, perceptron, type AttentionWeights } from "./transformer-layers";
import type { Kernel, WeightSource } from "./weight-source";

/** Width of one attention head, in every DeiT. */
const headWidth = 64;

/**
 * DeiT, a vision transformer (Touvron and others 2021, arXiv:2012.12877; Dosovitskiy and others 2021,
 * arXiv:2010.11929), of any
 * width and depth: the file decides. Layers: `patch_embed` [tokens + 1, width], `block1/attention`, `block1` …, `norm`,
 * `head`.
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
