// The network that draws stand-in garments, and the codes that it draws them from.
import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { checkpoint } from "../runtime/host";
import { latentSize } from "../model/architectures/garment-decoder";
import { callback, checkOptions, integer, number, progressAndSignal, type Schema } from "../core/options";
import { random } from "../core/random";
import { copyAugmented } from "./augment";
import type { LabelledPixels } from "./recording/training-data";
import { cosineSchedule } from "./train";
import type { ClassLatents } from "../data/fashion-mnist";

export interface TrainDecoderOptions {
  /** Passes over the data. Integer ≥ 1. */
  epochs: number;
  /** Pictures in a minibatch. Integer ≥ 1. Default: 128. */
  batchSize?: number;
  /** Highest learning rate of Adam. Number above 0. Default: 0.002. */
  learningRate?: number;
  /** Makes a run repeatable. Integer. Default: 1. */
  seed?: number;
  /** Called every 20 minibatches with the running mean of the bound, in nats a picture. Default: nothing. */
  onStep?: (done: number, total: number, bound: number) => void;
  /** Stops the run with an `InterruptedError`. Default: the running cell's own interrupt. */
  signal?: AbortSignal;
}

export const trainDecoderOptions = {
  epochs: integer({ least: 1, required: true, help: "passes over the data" }),
  batchSize: integer({ least: 1, default: 128, help: "pictures in a minibatch" }),
  learningRate: number({ above: 0, default: 2e-3, help: "the highest of Adam" }),
  seed: integer({ default: 1, help: "makes a run repeatable" }),
  onStep: callback<(done: number, total: number, bound: number) => void>({ help: "called every 20 minibatches" }),
  signal: progressAndSignal().signal,
} satisfies Schema<TrainDecoderOptions>;

/**
 * Trains encoder and decoder, in place, on the evidence lower bound of a conditional variational autoencoder:
 * pixelwise cross-entropy plus the divergence of the latent numbers from the normal they are drawn from later.
 */
export async function trainDecoder(
  encoder: tf.LayersModel,
  decoder: tf.LayersModel,
  data: LabelledPixels,
  options: TrainDecoderOptions,
): Promise<void> {
  const { epochs, batchSize, learningRate, seed, onStep, signal } = checkOptions(trainDecoderOptions, options);
  await ready();
  const [height, width, channels] = data.shape,
    size = height * width * channels;
  const classes = (decoder.inputs[0].shape as number[])[1] - latentSize;
  const steps = Math.ceil(data.labels.length / batchSize),
    total = steps * epochs;
  const optimizer = tf.train.adam(learningRate);
  let mean = 0,
    order: Int32Array = new Int32Array(0);
  try {
    for (let done = 0; done < total; done++) {
      await checkpoint(signal);
      const epoch = Math.floor(done / steps),
        step = done % steps;
      const chance = random(seed, epoch, step);
      if (step === 0) order = random(seed, epoch).permutation(data.labels.length);
      const picked = order.subarray(step * batchSize, (step + 1) * batchSize);
      const pixels = new Float32Array(picked.length * size);
      picked.forEach((index, i) =>
        copyAugmented(data.pixels, index * size, pixels, i * size, data.shape, { flip: true }, chance),
      );
      const noise = Float32Array.from({ length: picked.length * latentSize }, () => chance.normal());
      const labels = Array.from(picked, (index) => data.labels[index]);
      (optimizer as unknown as { learningRate: number }).learningRate = cosineSchedule(learningRate, done / total);
      const cost = tf.tidy(() => {
        const x = tf.tensor4d(pixels, [picked.length, height, width, channels]);
        const y = tf.oneHot(tf.tensor1d(labels, "int32"), classes).toFloat() as tf.Tensor2D;
        const z = tf.tensor2d(noise, [picked.length, latentSize]);
        return optimizer.minimize(() => negativeBound(encoder, decoder, x, y, z), true) as tf.Scalar;
      });
      const bound = (await cost.data())[0];
      cost.dispose();
      mean = done === 0 ? bound : 0.98 * mean + 0.02 * bound;
      if ((done + 1) % 20 === 0 || done + 1 === total) onStep?.(done + 1, total, mean);
    }
  } finally {
    optimizer.dispose();
  }
}

function negativeBound(
  encoder: tf.LayersModel,
  decoder: tf.LayersModel,
  x: tf.Tensor4D,
  y: tf.Tensor2D,
  noise: tf.Tensor2D,
): tf.Scalar {
  const [mean, logVariance] = tf.split(encoder.apply([x, y]) as tf.Tensor2D, 2, 1);
  const latent = mean.add(logVariance.mul(0.5).exp().mul(noise));
  const drawn = (decoder.apply(tf.concat([latent, y], 1)) as tf.Tensor).clipByValue(1e-6, 1 - 1e-6);
  const crossEntropy = x
    .mul(drawn.log())
    .add(tf.sub(1, x).mul(tf.sub(1, drawn).log()))
    .neg()
    .sum([1, 2, 3]);
  const divergence = mean.square().add(logVariance.exp()).sub(logVariance).sub(1).sum(1).mul(0.5);
  return crossEntropy.add(divergence).mean() as tf.Scalar;
}

/**
 * Fits a normal distribution to each class's latent numbers. Training pulls them towards the standard normal only on
 * the whole; drawing a class from the prior gives garments that are between classes.
 */
export async function fitLatents(
  encoder: tf.LayersModel,
  data: LabelledPixels,
  classes: number,
): Promise<ClassLatents[]> {
  const size = data.shape[0] * data.shape[1] * data.shape[2],
    n = latentSize;
  const count = new Array<number>(classes).fill(0);
  const sum = Array.from({ length: classes }, () => new Float64Array(n));
  const products = Array.from({ length: classes }, () => new Float64Array(n * n));
  for (let start = 0; start < data.labels.length; start += 500) {
    await checkpoint();
    const labels = Array.from({ length: Math.min(500, data.labels.length - start) }, (_, i) => data.labels[start + i]);
    const encoded = tf.tidy(
      () =>
        encoder.apply([
          tf.tensor4d(data.pixels.subarray(start * size, (start + labels.length) * size), [
            labels.length,
            ...data.shape,
          ]),
          tf.oneHot(tf.tensor1d(labels, "int32"), classes).toFloat(),
        ]) as tf.Tensor,
    );
    const values = await encoded.data();
    encoded.dispose();
    labels.forEach((label, row) => {
      count[label]++;
      for (let i = 0; i < n; i++) {
        const mean = values[row * 2 * n + i];
        sum[label][i] += mean;
        for (let j = 0; j < n; j++) products[label][i * n + j] += mean * values[row * 2 * n + j];
        products[label][i * n + i] += Math.exp(values[row * 2 * n + n + i]);
      }
    });
  }
  return sum.map((totals, label) => {
    const mean = Array.from(totals, (total) => total / count[label]);
    const covariance = mean.map((a, i) => mean.map((b, j) => products[label][i * n + j] / count[label] - a * b));
    return { mean, factor: cholesky(covariance) };
  });
}

/** Lower triangular L with L·Lᵀ = a, for a symmetric positive definite a. */
export function cholesky(a: readonly (readonly number[])[]): number[][] {
  const factor: number[][] = [];
  a.forEach((row, i) => {
    factor.push([]);
    for (let j = 0; j <= i; j++) {
      let rest = row[j];
      for (let k = 0; k < j; k++) rest -= factor[i][k] * factor[j][k];
      factor[i].push(i === j ? Math.sqrt(rest) : rest / factor[j][j]);
    }
  });
  return factor;
}
