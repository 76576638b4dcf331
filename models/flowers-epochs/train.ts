// Trains a slim form of the deep network on the flower photographs for 40 epochs and keeps its weights on the way, so
// that a sheet can show what becomes of its gradients: `npx tsx models/flowers-epochs/train.ts`. Stopped by Ctrl-C, it
// goes on when it is run again.
import * as fs from "node:fs";
import * as path from "node:path";
import type * as tf from "@tensorflow/tfjs";
import { ready } from "../../lib/backend";
import { deepNetwork } from "../../lib/model/architectures/deep-network";
import { readLayersModel } from "../../lib/data/read-layers-model";
import { saveModel } from "../../lib/model/save-model";
import { evaluate, writeModelCard } from "../../lib/training/model-card";
import { foldNormalizations } from "../../lib/training/fold-normalizations";
import { flowersData, main, trainingRun } from "../training-run";
import { augment } from "../flowers-deep/network";

const size = 96,
  filters = [16, 24, 32, 48, 64, 96] as const,
  total = 40;
/** Epochs after which the weights are kept; 0 is before training. */
const kept = [0, 1, 2, 5, 10, 20, 30, total];

const network = (classes: number, normalized: boolean): tf.LayersModel =>
  deepNetwork({ inputShape: [size, size, 3], classes, poolings: 5, filters, dropout: 0.3, normalized });

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const folderOf = (epoch: number): string => path.join(__dirname, `epoch-${epoch}`);

main(async () => {
  await ready();
  const data = await flowersData({ size }),
    { classNames } = data;
  const model = network(classNames.length, true),
    plain = network(classNames.length, false);
  const keep = async (epoch: number): Promise<void> => {
    if (!kept.includes(epoch)) return;
    foldNormalizations(model, plain);
    fs.mkdirSync(folderOf(epoch), { recursive: true });
    await saveModel(
      plain,
      folderOf(epoch),
      { name: `flowers-epochs, after ${epoch}`, classNames, bounds: [0, 1] },
      { quantization: "uint8" },
    );
  };
  // Normalizations that have seen nothing change nothing: before training the network is the plain one.
  await keep(0);
  const { time, timePerEpoch, peakMemory, epochs, seed } = await trainingRun(model, __dirname, data, {
    epochs: total,
    batchSize: 32,
    learningRate: 2e-3,
    labelSmoothing: 0.1,
    augment,
    onEpoch: keep,
  });
  const rows: string[] = [];
  let last = await evaluate(await readLayersModel(folderOf(0)), data.test);
  for (const epoch of kept) {
    last = await evaluate(await readLayersModel(folderOf(epoch)), data.test);
    rows.push(`| ${epoch} | ${percent(last.accuracy)} | ${last.loss.toFixed(3)} |`);
  }
  await writeModelCard(__dirname, {
    name: "flowers-epochs",
    description:
      `A slim form of the deep network (filters ${filters.join(", ")}; five poolings) at ${size}×${size}, as it is ` +
      (`after ${kept.join(", ")} epochs of one training: \`loadModel("flowers-epochs:epoch-5")\`. Alone, the name ` +
        `stands for the last.`),
    parameters: plain.countParams(),
    data:
      `TensorFlow's flower photographs (CC-BY 2.0 each), ${data.train.labels.length.toLocaleString("en-US")} to ` +
      `train and ` +
      (`${data.test.labels.length.toLocaleString("en-US")} to test, of other photographers (\`openFlowers\`), ` +
        `middle square at ${size} px`),
    settings: [
      `${epochs} epochs of minibatches of 32`,
      "Adam at 2e-3 with a cosine to 0",
      "label smoothing 0.1",
      `mirrored, cropped to between ${Math.round(100 * augment.crop)} % and all of the side, saturation, ` +
        `contrast and brightness ` +
        `changed by up to ${Math.round(100 * augment.colour)} %`,
      "batch normalization before each ReLU, folded into the convolutions wherever weights are kept",
      "dropout 0.3",
      `seed ${seed}`,
    ],
    time,
    timePerEpoch,
    peakMemory,
    classNames,
    evaluation: last,
    notes: [
      "The weights are committed in 8-bit form, one scale and offset per tensor. On the photographs held out:\n\n" +
        `| after epoch | right | loss, nats |\n|---:|---:|---:|\n${rows.join("\n")}`,
    ],
  });
  console.log(rows.join("\n"));
});
