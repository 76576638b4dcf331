import * as tf from "@tensorflow/tfjs";
import { checkpoint } from "../runtime/checkpoint";
import type { ClassLatents } from "../data/fashion-mnist";
import { latentSize } from "../model/architectures/garment-decoder";
import type { LabelledPixels } from "./labelled-pixels";

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
