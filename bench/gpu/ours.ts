// Vitrine's side on a graphics card: each workload as a user calls it, on the backend webgpu. Arguments: FOLDER
// OUT.json [quick].
// FOLDER has photographs.npy (uint8, five photographs), squeezenet1_1.safetensors and deit_tiny.safetensors.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { pgd } from "../../lib/attack/pgd";
import { integratedGradients } from "../../lib/attribution/integrated-gradients";
import { occlusion } from "../../lib/attribution/occlusion";
import { saliency } from "../../lib/attribution/saliency";
import { smoothGrad } from "../../lib/attribution/smooth-grad";
import { inputGradient, ready } from "../../lib/backend";
import { readNpy, writeNpy } from "../../lib/data/npy";
import { fromWeights } from "../../lib/model/from-weights";
import type { VisionModel } from "../../lib/model/vision-model";
import { classVisualization } from "../../lib/visualize/class-visualization";
import { sizes, type Row } from "./rows";

const [folder, out, speed] = process.argv.slice(2),
  quick = speed === "quick",
  size = sizes(quick);

/** @returns the values on the host: only then is the work of the device done */
type Run = () => Promise<{ values: ArrayLike<number>; shape: readonly number[] }>;

async function read(result: {
  values: tf.Tensor;
  dispose(): void;
}): Promise<{ values: ArrayLike<number>; shape: readonly number[] }> {
  const values = await result.values.data(),
    { shape } = result.values;
  result.dispose();
  return { values: Float32Array.from(values), shape };
}
const one = (values: tf.Tensor) => read({ values, dispose: () => values.dispose() });

async function main(): Promise<void> {
  const choice = await ready(),
    rows: Row[] = [];
  const report = { device: choice.device, version: choice.version, node: process.version, quick, rows };
  const save = (): void => writeFileSync(out, JSON.stringify(report, null, 1));
  save();
  const photographs = await readNpy(join(folder, "photographs.npy"));
  const five = tf.tidy(() =>
    tf.div<tf.Tensor4D>(
      tf.tensor4d(
        Float32Array.from(photographs.data as Uint8Array),
        photographs.shape as [number, number, number, number],
      ),
      255,
    ),
  );
  /** The five over and over again. */
  const images = (count: number): tf.Tensor4D =>
    tf.tidy(
      () => tf.slice(tf.concat(Array.from({ length: Math.ceil(count / 5) }, () => five)), 0, count) as tf.Tensor4D,
    );
  const target = (count: number): number[] => Array.from({ length: count }, (_, i) => (i % 5) * 100);

  const measure = async (name: string, repetitions: number, run: Run, settings: object = {}): Promise<void> => {
    const row: Row = { name, settings, ms: [], cpuMs: [] };
    rows.push(row);
    const startedAll = performance.now();
    try {
      for (let i = 0; i <= repetitions; i++) {
        const cpu = process.cpuUsage(),
          started = performance.now();
        const made = await run();
        const ms = performance.now() - started,
          { user, system } = process.cpuUsage(cpu);
        if (i === 0) {
          row.firstMs = ms;
          await writeNpy(join(folder, `ours-${name}.npy`), {
            dtype: "float32",
            shape: [...made.shape],
            data: Float32Array.from(made.values),
          });
        } else {
          row.ms.push(ms);
          row.cpuMs.push((user + system) / 1000);
        }
        // What is slow is measured less often, so that every row has its turn.
        if (i > 0 && performance.now() - startedAll > 12_000) break;
      }
      row.tensors = tf.memory().numTensors;
    } catch (error) {
      row.error = (error as Error).stack ?? String(error);
    }
    console.log(JSON.stringify({ ...row, error: row.error?.split("\n")[0] }));
    save();
  };

  const squeezenet = await fromWeights(join(folder, "squeezenet1_1.safetensors"));
  const gradientOf = (model: VisionModel, x: tf.Tensor4D, count: number): tf.Tensor =>
    tf.tidy(() => {
      const oneHot = tf.oneHot(tf.tensor1d(target(count), "int32"), model.classNames.length);
      return inputGradient((at) => tf.sum(tf.mul(model.logits(at), oneHot)), x);
    });
  for (const count of [1, size.many]) {
    const x = images(count),
      name = count === 1 ? "1" : "25";
    await measure(`forward-${name}`, 20, () => one(squeezenet.logits(x)));
    await measure(`gradient-${name}`, 20, () => one(gradientOf(squeezenet, x, count)));
    if (count !== 1)
      await measure("saliency-25", 10, async () => read(await saliency(squeezenet, x, { target: target(count) })));
    x.dispose();
  }
  const few = images(size.few),
    fewTargets = target(size.few);
  const inBatches = async (batchSize: number): Promise<void> => {
    const suffix = batchSize === size.batches[0] ? "" : `-batch-${batchSize}`,
      options = { target: fewTargets, batchSize };
    await measure(
      `ig-50x5${suffix}`,
      3,
      async () => read(await integratedGradients(squeezenet, few, { ...options, steps: size.steps })),
      { batchSize },
    );
    await measure(
      `smoothgrad-50x5${suffix}`,
      3,
      async () => read(await smoothGrad(squeezenet, few, { ...options, samples: size.steps, sigma: 0.15, seed: 1 })),
      { batchSize },
    );
    await measure(
      `occlusion-32-16x5${suffix}`,
      3,
      async () => read(await occlusion(squeezenet, few, { ...options, window: size.window, stride: size.stride })),
      { batchSize },
    );
  };
  await inBatches(size.batches[0]);
  await measure("class-visualization-200", 2, async () => {
    const made = await classVisualization(squeezenet, 76, { iterations: size.iterations, seed: 3 });
    return read({ values: made.image, dispose: () => made.dispose() });
  });
  const many = images(size.many);
  await measure("pgd-40x25", 2, async () => {
    const made = await pgd(squeezenet, many, {
      epsilon: 8 / 255,
      steps: size.pgdSteps,
      stepSize: 8 / 255 / 30,
      randomStart: true,
      seed: 1,
    });
    return read({ values: made.raw, dispose: () => made.dispose() });
  });
  many.dispose();
  const deit = await fromWeights(join(folder, "deit_tiny.safetensors"));
  await measure("deit-saliency-5", 10, async () => read(await saliency(deit, few, { target: fewTargets })));
  for (const larger of size.batches.slice(1)) await inBatches(larger);
  save();
}

void main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error.stack);
    process.exit(1);
  },
);
