// Trains the deep network on the flower photographs: `npx tsx models/flowers-deep/train.ts [--epochs N] [--seed N]`.
// Stopped by Ctrl-C, it goes on from its last whole epoch when it is run again.
import { ready } from "../../lib/backend";
import { readLayersModel } from "../../lib/data/read-layers-model";
import { saveModel } from "../../lib/model/save-model";
import { evaluate, writeModelCard } from "../../lib/training/model-card";
import { foldNormalizations } from "../../lib/training/fold-normalizations";
import { flowersData, main, trainingRun } from "../training-run";
import { augment, filters, normalized, size, untrained } from "./network";

main(async () => {
  await ready();
  const data = await flowersData({ size }),
    { classNames } = data;
  const model = normalized(classNames.length),
    plain = untrained(classNames.length);
  const { evaluation, time, timePerEpoch, peakMemory, epochs, seed } = await trainingRun(model, __dirname, data, {
    epochs: 55,
    batchSize: 32,
    learningRate: 2e-3,
    labelSmoothing: 0.1,
    augment,
  });
  foldNormalizations(model, plain);
  await saveModel(plain, __dirname, { name: "flowers-deep", classNames, bounds: [0, 1] }, { quantization: "uint8" });
  const rounded = await evaluate(await readLayersModel(__dirname), data.test);
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  const count = (pictures: { labels: ArrayLike<number> }): string => pictures.labels.length.toLocaleString("en-US");
  await writeModelCard(__dirname, {
    name: "flowers-deep",
    description:
      "The deep network: six 3×3 convolutions with ReLU and one dense layer, written for 256×256 " +
      (`photographs and here, at ${size}×${size}, with its first five max-poolings and other filters ` +
        `(${filters.join(", ")}).`),
    parameters: plain.countParams(),
    data:
      `TensorFlow's flower photographs (CC-BY 2.0 each), the ${count(data.train)} + ${count(data.test)} that the ` +
      (`archive at hand holds, middle square at ${size} px; trained on the first, tested on the second number: ` +
        `those of `) +
      "about a fifth of the photographers (`openFlowers`)",
    settings: [
      `${epochs} epochs of minibatches of 32`,
      "Adam at 2e-3 with a cosine to 0",
      "label smoothing 0.1",
      `mirrored, cropped to between ${Math.round(100 * augment.crop)} % and all of the side, saturation, contrast ` +
        `and brightness changed by up to ${Math.round(100 * augment.colour)} %`,
      "batch normalization before each ReLU, folded into the convolutions afterwards",
      "dropout 0.5",
      `seed ${seed}`,
    ],
    time,
    timePerEpoch,
    peakMemory,
    classNames,
    evaluation: rounded,
    notes: [
      "The weights are committed in 8-bit form, one scale and offset per tensor: " +
        `**${percent(evaluation.accuracy)} before rounding, ${percent(rounded.accuracy)} after**. ` +
        "The table is of the rounded weights.",
      "The weights are the last epoch's, whatever the held-out part said on the way. Of so many photographs a " +
        "share has a " +
        "standard error of 1.6 points.",
      "No photographer is on both sides of the split, and so none of the 12 pairs of near-duplicates that " +
        ("`near-duplicates.ts` finds (256 bits of a difference hash, at most 39 apart; looked at). The network " +
          "before this ") +
        "one, 80.93 %, had a fifth held out by chance: two of those pairs lay across, and 364 of the 540 held-out " +
        ("photographs had their photographer in training. It did not gain by that: it was right about 80.8 % of " +
          "these and ") +
        "81.3 % of the others. But of 300 photographs from elsewhere it was right about 74.7 % (two standard errors " +
        "less): others seem to be harder than those held out here, and this network has not been tried on any.",
    ],
  });
  console.log(
    `flowers-deep: ${percent(evaluation.accuracy)} on the held-out part, ${percent(rounded.accuracy)} ` +
      `after rounding to 8 bits, ${plain.countParams()} parameters.`,
  );
});
