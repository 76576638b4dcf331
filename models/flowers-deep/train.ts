// Trains the deep network on the flower photographs: `npx tsx models/flowers-deep/train.ts [--epochs N] [--seed N]`.
// Stopped by Ctrl-C, it goes on from its last whole epoch when it is run again.
import { ready } from "../../lib/backend";
import { readLayersModel } from "../../lib/model/read-layers-model";
import { saveModel } from "../../lib/model/save-model";
import { evaluate } from "../../lib/training/evaluate";
import { writeModelCard } from "../../lib/training/model-card";
import { flowersData, main, trainingRun } from "../training-run";
import { augment, filters, size, untrained } from "./network";

main(async () => {
  await ready();
  const data = await flowersData({ size }), { classNames } = data;
  const model = untrained(classNames.length);
  const { evaluation, time, timePerEpoch, peakMemory, epochs, seed } = await trainingRun(model, __dirname, data, {
    epochs: 50, batchSize: 32, learningRate: 1e-3, labelSmoothing: 0.1, augment,
  });
  await saveModel(model, __dirname, { name: "flowers-deep", classNames, bounds: [0, 1] }, { quantization: "uint8" });
  const rounded = await evaluate(await readLayersModel(__dirname), data.test);
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  const count = (pictures: { labels: ArrayLike<number> }): string => pictures.labels.length.toLocaleString("en-US");
  await writeModelCard(__dirname, {
    name: "flowers-deep",
    description: `The deep network: six 3×3 convolutions with ReLU and one dense layer, written for 256×256 photographs and here, at ${size}×${size}, with its first five max-poolings and other filters (${filters.join(", ")}).`,
    parameters: model.countParams(),
    data: `TensorFlow's flower photographs (CC-BY 2.0 each), the ${count(data.train)} + ${count(data.test)} that the archive at hand holds, middle square at ${size} px; trained on the first, tested on the second number: a fifth of each class, drawn by seed 1`,
    settings: [`${epochs} epochs of minibatches of 32`, "Adam at 1e-3 with a cosine to 0", "label smoothing 0.1", "mirrored, cropped to between 60 % and all of the side, saturation, contrast and brightness changed by up to 30 %", "dropout 0.5", `seed ${seed}`],
    time, timePerEpoch, peakMemory, classNames, evaluation: rounded,
    notes: [
      `The weights are committed in 8-bit form, one scale and offset per tensor: **${percent(evaluation.accuracy)} before rounding, ${percent(rounded.accuracy)} after**. The table is of the rounded weights.`,
      "The settings were chosen once: a first network with more filters in its first four layers was given up after 24 of 90 epochs, at 77 % on the held-out fifth, because it took too long. The weights are the last epoch's, whatever the held-out fifth said on the way.",
    ],
  });
  console.log(`flowers-deep: ${percent(evaluation.accuracy)} on the held-out fifth, ${percent(rounded.accuracy)} after rounding to 8 bits, ${model.countParams()} parameters.`);
});
