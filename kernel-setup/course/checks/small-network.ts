import * as tf from "@tensorflow/tfjs";
import { fashionClassNames, fromLayersModel, type VisionModel } from "vitrine";
import { random } from "vitrine/dist/kit";
import type { Tried } from "./tried-on";

/** The values of one image, row by row; channels innermost. */
export type Pixels = ArrayLike<number>;

/**
 * A network small enough that its derivative can be written down: logits = W₂ᵀ tanh(W₁ᵀ x + b). It exists twice, as
 * a TF.js model for the student's code and as plain double-precision arithmetic to compare with, so that a check
 * never trusts the automatic differentiation that it judges.
 */
export interface SmallNetwork {
  readonly model: VisionModel;
  readonly weights: SmallNetworkWeights;
  /** The ten logits of one image. */
  logits(pixels: Pixels): Float64Array;
  /** The ten softmax probabilities of one image. */
  probabilities(pixels: Pixels): Float64Array;
  /** The derivative of Σ weights[c] · logit[c] with respect to each pixel. */
  derivative(pixels: Pixels, weights: ArrayLike<number>): Float64Array;
  /** Its sizes, for people. */
  readonly tried: Tried & { readonly classes: number };
  dispose(): void;
}

type Shape = readonly [height: number, width: number, channels: number];

export interface SmallNetworkWeights {
  readonly shape: Shape;
  /** W₁, [pixels, hidden] */
  readonly first: Float32Array;
  readonly bias: Float32Array;
  /** W₂, [hidden, classes] */
  readonly second: Float32Array;
}

const hidden = 12,
  classes = fashionClassNames.length;

/**
 * @param seed the same seed makes the same network
 * @param shape [height, width, channels] of its images. Default: garments'.
 */
export function smallNetwork(seed: number, shape: Shape = [28, 28, 1]): SmallNetwork {
  const chance = random(seed, 28),
    pixelCount = shape[0] * shape[1] * shape[2];
  const draw = (count: number, scale: number): Float32Array =>
    Float32Array.from({ length: count }, () => scale * chance.normal());
  // Hidden units are driven well into the bend of tanh by a picture, and by half a picture less so: the gradient
  // changes along a path.
  const first = draw(pixelCount * hidden, 0.25),
    bias = draw(hidden, 0.5),
    second = draw(hidden * classes, 1);
  const weights: SmallNetworkWeights = { shape, first, bias, second };
  const model = asModel(weights);

  const units = (pixels: Pixels): Float64Array => {
    const sums = Float64Array.from(bias);
    for (let p = 0; p < pixelCount; p++) {
      if (pixels[p] !== 0) for (let h = 0; h < hidden; h++) sums[h] += pixels[p] * first[p * hidden + h];
    }
    return sums.map(Math.tanh);
  };
  const logits = (pixels: Pixels): Float64Array => {
    const values = new Float64Array(classes);
    units(pixels).forEach((unit, h) =>
      values.forEach((_, c) => {
        values[c] += unit * second[h * classes + c];
      }),
    );
    return values;
  };
  const derivative = (pixels: Pixels, weights: ArrayLike<number>): Float64Array => {
    const slopes = units(pixels).map((unit, h) => {
      let sum = 0;
      for (let c = 0; c < classes; c++) sum += weights[c] * second[h * classes + c];
      return (1 - unit * unit) * sum;
    });
    return Float64Array.from({ length: pixelCount }, (_, p) =>
      slopes.reduce((sum, slope, h) => sum + slope * first[p * hidden + h], 0),
    );
  };
  return {
    model,
    weights,
    tried: { classes, shape },
    logits,
    derivative,
    probabilities: (pixels) => softmax(logits(pixels)),
    dispose: () => model.dispose(),
  };
}

/** Softmax in double precision. */
export function softmax(logits: Float64Array): Float64Array {
  const top = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

function asModel({ shape, first, bias, second }: SmallNetworkWeights): VisionModel {
  const network = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [...shape] }),
      tf.layers.dense({ units: hidden, activation: "tanh" }),
      tf.layers.dense({ units: classes, useBias: false }),
      tf.layers.softmax(),
    ],
  });
  const tensors = [
    tf.tensor2d(first, [shape[0] * shape[1] * shape[2], hidden]),
    tf.tensor1d(bias),
    tf.tensor2d(second, [hidden, classes]),
  ];
  network.setWeights(tensors);
  tf.dispose(tensors);
  return fromLayersModel(network, { name: "a small random network", classNames: fashionClassNames });
}
