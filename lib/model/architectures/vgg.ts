import * as tf from "@tensorflow/tfjs";
import type { PlanBuilder, Slot } from "./plan-builder";

/** Convolutions in each of the five blocks. */
const depths = [2, 2, 3, 3, 3];
/** Side of what the last pooling leaves of 224 pixels. */
const side = 7;

/**
 * VGG-16 (Simonyan & Zisserman 2015, arXiv:1409.1556), of any width: the file's kernels decide. Layers: `conv1_1` …
 * `conv5_3`, `pool1` … `pool5`, `fc6`, `fc7`, `fc8`.
 */
export function vgg16(plan: PlanBuilder): Slot {
  let x = plan.image;
  depths.forEach((depth, block) => {
    for (let i = 1; i <= depth; i++) x = plan.convolution(`conv${block + 1}_${i}`, x, { size: 3 });
    x = plan.maxPool(`pool${block + 1}`, x, 2, 2);
  });
  const { channels } = x;
  // PyTorch flattens channel by channel, we pixel by pixel.
  const pixelsFirst = (matrix: tf.Tensor2D): tf.Tensor2D =>
    tf.reshape(tf.transpose(tf.reshape(matrix, [channels, side, side, -1]), [1, 2, 0, 3]), [
      channels * side * side,
      -1,
    ]);
  x = plan.dense("fc6", x, { inputs: channels * side * side, relu: true, rearrange: pixelsFirst });
  x = plan.dense("fc7", x, { relu: true });
  return plan.dense("fc8", x);
}

/** torchvision's names: convolutions are numbered with the ReLUs and poolings between them. */
export function torchvisionVgg16Key(layer: string): string {
  const dense = ["fc6", "fc7", "fc8"].indexOf(layer);
  if (dense >= 0) return `classifier.${3 * dense}`;
  const [block, position] = layer.slice("conv".length).split("_").map(Number);
  const before = depths.slice(0, block - 1).reduce((sum, depth) => sum + 2 * depth + 1, 0);
  return `features.${before + 2 * (position - 1)}`;
}
