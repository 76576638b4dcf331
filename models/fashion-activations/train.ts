// Trains three small networks on Fashion-MNIST that differ in nothing but their activation, and the first of them
// further on images just beyond its boundary, with noise as a control: `npx tsx models/fashion-activations/train.ts`.
import * as fs from "node:fs";
import * as path from "node:path";
import type * as tf from "@tensorflow/tfjs";
import { ready } from "../../lib/backend";
import { readLayersModel } from "../../lib/data/read-layers-model";
import { saveModel } from "../../lib/model/save-model";
import { evaluate, type Evaluation, writeModelCard } from "../../lib/training/model-card";
import type { LabelledPixels } from "../../lib/training/recording/training-data";
import { train } from "../../lib/training/train";
import { fashionData, main } from "../training-run";
import { besideNoise, nearBoundary } from "./near-boundary";
import { smallNetwork, type Activation } from "./network";

const activations: readonly Activation[] = ["relu", "tanh", "sigmoid"];
const epochs = 4,
  rounds = 3,
  sampled = 12_000,
  epsilon = 0.1;
const folderOf = (name: string): string => path.join(__dirname, name);

/** Some pictures of `data` and the same number made of them, as one set. */
function doubled(data: LabelledPixels, made: Float32Array): LabelledPixels {
  const pixels = new Float32Array(2 * data.pixels.length);
  pixels.set(data.pixels);
  pixels.set(made, data.pixels.length);
  return { ...data, pixels, labels: Uint8Array.from([...Array.from(data.labels), ...Array.from(data.labels)]) };
}

main(async () => {
  await ready();
  const { train: all, test, classNames } = await fashionData(),
    size = all.shape.reduce((a, b) => a * b);
  const results: Record<string, Evaluation> = {},
    started = Date.now();
  const keep = async (name: string, model: tf.LayersModel): Promise<void> => {
    fs.mkdirSync(folderOf(name), { recursive: true });
    await saveModel(
      model,
      folderOf(name),
      { name: `fashion-activations, ${name}`, classNames, bounds: [0, 1] },
      { quantization: "uint8" },
    );
    results[name] = await evaluate(await readLayersModel(folderOf(name)), test);
    console.log(
      `${name}: ${(100 * results[name].accuracy).toFixed(2)} % after ` +
        `${((Date.now() - started) / 60_000).toFixed(1)} minutes`,
    );
  };
  let parameters = 0;
  for (const activation of activations) {
    const model = smallNetwork(activation);
    parameters = model.countParams();
    await train(model, all, { epochs, batchSize: 64, learningRate: activation === "relu" ? 2e-3 : 4e-3, seed: 1 });
    await keep(activation, model);
  }
  for (const kind of ["boundary", "noise"] as const) {
    const model = await readLayersModel(folderOf("relu"));
    for (let round = 0; round < rounds; round++) {
      const some = {
        ...all,
        pixels: all.pixels.subarray(round * sampled * size, (round + 1) * sampled * size),
        labels: Array.from(all.labels).slice(round * sampled, (round + 1) * sampled),
      };
      const made = kind === "boundary" ? await nearBoundary(model, some, epsilon) : besideNoise(some, epsilon, round);
      await train(model, doubled(some, made), { epochs: 1, batchSize: 64, learningRate: 1e-3, seed: 2 + round });
    }
    await keep(kind, model);
  }
  await writeModelCard(__dirname, {
    name: "fashion-activations",
    description:
      "Small networks for Fashion-MNIST, three 3×3 convolutions (16, 32, 32) and a dense layer, that differ in " +
      "their activation: " +
      ('`loadModel("fashion-activations:relu")`, `:tanh`, `:sigmoid`. `:boundary` is the first trained on with ' +
        "images just beyond its own ") +
      "boundary, `:noise` its control.",
    parameters,
    data: "Fashion-MNIST (Zalando SE, MIT): 60,000 training pictures; tested on the 10,000 test pictures",
    settings: [
      `${epochs} epochs of minibatches of 64`,
      "Adam at 2e-3 (ReLU) or 4e-3 with a cosine to 0",
      "seed 1",
      `boundary and noise: ${rounds} rounds of ${sampled.toLocaleString("en-US")} training pictures, an epoch ` +
        `each, with as many made of them ` +
        `(at most ${epsilon} from each value), at 1e-3`,
    ],
    time: `${((Date.now() - started) / 60_000).toFixed(0)} minutes on 2 cores, all five together`,
    classNames,
    evaluation: results.relu,
    notes: [
      "Accuracy and confusion are the ReLU network's. The weights are in 8-bit form. On the test pictures:\n\n| " +
        "network | right | loss, nats |\n|---|---:|---:|\n" +
        Object.entries(results)
          .map(([name, { accuracy, loss }]) => `| ${name} | ${(100 * accuracy).toFixed(2)} % | ${loss.toFixed(3)} |`)
          .join("\n"),
    ],
  });
});
