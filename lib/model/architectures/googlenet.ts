import * as tf from "@tensorflow/tfjs";
import type { PlanBuilder, Slot } from "./plan-builder";

/** Neighbouring channels, α and β of the local response normalization. */
const neighbours = 5,
  alpha = 1e-4,
  beta = 0.75;

const blocks = [
  ["3a", "3b"],
  ["4a", "4b", "4c", "4d", "4e"],
  ["5a", "5b"],
];

/**
 * GoogLeNet, Inception v1 (Szegedy and others 2015, arXiv:1409.4842). Layers: `conv1/7x7_s2`, `conv2/3x3_reduce`,
 * `conv2/3x3`, `inception_3a` … `inception_5b` with their parts (`inception_3a/1x1`, `/3x3_reduce`, `/3x3`,
 * `/5x5_reduce`, `/5x5`, `/pool`, `/pool_proj`), `pool1` … `pool5`, `loss3/classifier`.
 * @param form `caffe`: as published, trained on BGR; `torchvision`: batch normalization in place of local response
 *   normalization, and 3×3 windows where the paper has 5×5
 */
export function googlenet(plan: PlanBuilder, form: "caffe" | "torchvision"): Slot {
  const caffe = form === "caffe";
  const inception = (name: string, input: Slot): Slot => {
    const part = (size: string, from: Slot, window: number): Slot =>
      plan.convolution(`${name}/${size}`, from, { size: window });
    const ones = part("1x1", input, 1);
    const threes = part("3x3", part("3x3_reduce", input, 1), 3);
    const fives = part("5x5", part("5x5_reduce", input, 1), caffe ? 5 : 3);
    const pooled = plan.add(`${name}/pool`, "MaxPooling2D", [input], input.channels, ([x]) =>
      tf.maxPool(x as tf.Tensor4D, 3, 1, "same"),
    );
    return plan.concat(name, "inception", [ones, threes, fives, part("pool_proj", pooled, 1)]);
  };
  let x = plan.convolution("conv1/7x7_s2", plan.image, { size: 7, stride: 2, padding: 3, reversed: caffe });
  x = plan.maxPool("pool1", x, 3, 2);
  if (caffe) x = normalized(plan, "norm1", x);
  x = plan.convolution("conv2/3x3", plan.convolution("conv2/3x3_reduce", x, { size: 1 }), { size: 3 });
  if (caffe) x = normalized(plan, "norm2", x);
  x = plan.maxPool("pool2", x, 3, 2);
  blocks.forEach((names, stage) => {
    for (const name of names) x = inception(`inception_${name}`, x);
    // torchvision pools the last time over 2×2.
    if (stage < 2) x = plan.maxPool(`pool${stage + 3}`, x, !caffe && stage === 1 ? 2 : 3, 2);
  });
  return plan.dense("loss3/classifier", plan.globalAveragePool("pool5", x));
}

function normalized(plan: PlanBuilder, name: string, input: Slot): Slot {
  const band = channelBand(input.channels, neighbours);
  plan.weights.made.push(band);
  return plan.add(name, "LRN", [input], input.channels, ([x]) =>
    localResponse(x as tf.Tensor4D, band, alpha, beta, neighbours),
  );
}

const stem: Record<string, string> = {
  "conv1/7x7_s2": "conv1",
  "conv2/3x3_reduce": "conv2",
  "conv2/3x3": "conv3",
  "loss3/classifier": "fc",
};
const branches: Record<string, string> = {
  "1x1": "branch1",
  "3x3_reduce": "branch2.0",
  "3x3": "branch2.1",
  "5x5_reduce": "branch3.0",
  "5x5": "branch3.1",
  pool_proj: "branch4.1",
};

/** torchvision's names: `inception3a.branch2.0` for `inception_3a/3x3_reduce`. */
export function torchvisionGooglenetKey(layer: string): string {
  if (stem[layer]) return stem[layer];
  const [block, part] = layer.split("/");
  return `${block.replace("_", "")}.${branches[part]}`;
}

/**
 * Local response normalization across channels (Krizhevsky and others 2012), as Caffe defines it: x / (1 + α/n · Σ
 * x²)^β over the n nearest channels. Written with a product of matrices, since TF.js differentiates its own on some
 * backends only.
 * @param x [batch, height, width, channels]
 * @param band from {@link channelBand}
 */
function localResponse(x: tf.Tensor4D, band: tf.Tensor2D, alpha: number, beta: number, size: number): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const energy = tf.matMul(tf.reshape(tf.square(x), [-1, channels]) as tf.Tensor2D, band);
  const scale = tf.exp(tf.mul(-beta, tf.log(tf.add(1, tf.mul(alpha / size, energy)))));
  return tf.mul(x, tf.reshape(scale, [batch, height, width, channels]));
}

/** [channels, channels], 1 where two channels are at most size/2 apart. */
function channelBand(channels: number, size: number): tf.Tensor2D {
  const near = (i: number, j: number): number => (Math.abs(i - j) <= (size - 1) / 2 ? 1 : 0);
  return tf.tensor2d(
    Array.from({ length: channels }, (_, i) => Array.from({ length: channels }, (_, j) => near(i, j))),
  );
}
