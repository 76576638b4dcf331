// Times SqueezeNet forward and its input gradient at batch 1, and a step of training the deep Fashion-MNIST network on
// 64 pictures, on the backend that VITRINE_BACKEND names: `npx tsx bench/backends.ts`. Prints the smallest of the runs:
// elapsed, and processor time of all threads, in ms.
import * as tf from "@tensorflow/tfjs";
import { backendChoice, compile, inputGradient, ready } from "../lib/backend";
import { deepNetwork } from "../lib/model/architectures/deep-network";
import { loadModel } from "../lib/model/load-model";
import { Optimizer } from "../lib/training/optimizer";
import { TrainingStep } from "../lib/training/training-step";

const runs = Number(process.argv[2] ?? 15);

async function smallest(name: string, work: () => unknown): Promise<void> {
  let elapsed = Infinity,
    processor = Infinity;
  for (let run = 0; run < runs; run++) {
    const cpu = process.cpuUsage(),
      start = performance.now();
    const result = await work();
    if (result instanceof tf.Tensor) {
      result.dataSync();
      result.dispose();
    }
    elapsed = Math.min(elapsed, performance.now() - start);
    const { user, system } = process.cpuUsage(cpu);
    processor = Math.min(processor, (user + system) / 1000);
  }
  console.log(
    `${backendChoice().name.padEnd(10)} ${name.padEnd(14)} ${elapsed.toFixed(1).padStart(8)} ` +
      `${processor.toFixed(1).padStart(8)}`,
  );
}

async function main(): Promise<void> {
  await ready();
  const model = await loadModel("squeezenet1_1"),
    image = tf.randomUniform<tf.Rank.R4>([1, 224, 224, 3], 0, 1, "float32", 1);
  // Compiled where the backend can.
  const forward = compile((x: tf.Tensor4D) => model.logits(x)),
    gradient = compile((x: tf.Tensor4D) => inputGradient((y) => model.logits(y).slice([0, 5], [1, 1]), x));
  for (const compiled of [forward, gradient]) compiled.prepare(image);
  await smallest("forward", () => forward(image));
  await smallest("gradient", () => gradient(image));
  const shape = [64, 28, 28, 1] as const,
    logits = deepNetwork({ inputShape: [28, 28, 1], classes: 10, poolings: 2 });
  const step = new TrainingStep({
    logits: tf.model({ inputs: logits.inputs, outputs: logits.getLayer("logits").output as tf.SymbolicTensor }),
    shape,
    classes: 10,
    labelSmoothing: 0,
    total: 1000,
    optimizer: new Optimizer(
      "adam",
      logits.trainableWeights.map((weight) => weight.read() as tf.Variable),
    ),
  });
  step.prepare();
  const pixels = Float32Array.from({ length: 64 * 784 }, (_, i) => Math.sin(i * i) ** 2),
    labels = Array.from({ length: 64 }, (_, i) => i % 10);
  await smallest("training step", () => step.run({ pixels, labels, learningRate: 1e-3, seeds: [7] }));
}

void main();
