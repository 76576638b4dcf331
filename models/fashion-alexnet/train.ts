// Trains the AlexNet clone on Fashion-MNIST: `npx tsx models/fashion-alexnet/train.ts [--epochs N] [--seed N]`.
// Stopped by Ctrl-C, it goes on from its last whole epoch when it is run again.
import { ready } from "../../lib/backend";
import { alexNet } from "../../lib/model/architectures/alexnet";
import { readLayersModel } from "../../lib/data/read-layers-model";
import { saveModel } from "../../lib/model/save-model";
import { evaluate, writeModelCard } from "../../lib/training/model-card";
import { fashionData, main, trainingRun } from "../training-run";

main(async () => {
  await ready();
  const model = alexNet({ inputShape: [28, 28, 1], classes: 10 });
  const data = await fashionData(),
    { classNames } = data;
  const { evaluation, time, timePerEpoch, peakMemory, epochs, seed } = await trainingRun(model, __dirname, data, {
    epochs: 6,
    batchSize: 128,
    learningRate: 0.01,
    optimizer: "momentum",
  });
  await saveModel(model, __dirname, { name: "fashion-alexnet", classNames, bounds: [0, 1] }, { quantization: "uint8" });
  const rounded = await evaluate(await readLayersModel(__dirname), data.test);
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  await writeModelCard(__dirname, {
    name: "fashion-alexnet",
    description:
      "The AlexNet clone: AlexNet's five convolutions without its last two max-poolings, and smaller dense layers.",
    parameters: model.countParams(),
    data: "Fashion-MNIST (Zalando SE, MIT): 60,000 training pictures; tested on the 10,000 test pictures",
    settings: [
      `${epochs} epochs of minibatches of 128`,
      "momentum 0.9 at 0.01 with a cosine to 0",
      "dropout 0.5",
      `seed ${seed}`,
      "no augmentation, no tuning",
    ],
    time,
    timePerEpoch,
    peakMemory,
    classNames,
    evaluation: rounded,
    notes: [
      `The weights are committed in 8-bit form, one scale and offset per tensor: ` +
        `**${percent(evaluation.accuracy)} before rounding, ${percent(rounded.accuracy)} after**. The table is of ` +
        `the rounded weights.`,
    ],
  });
  console.log(
    `fashion-alexnet: ${percent(evaluation.accuracy)} on the test set, ${percent(rounded.accuracy)} after ` +
      `rounding to 8 bits, ${model.countParams()} parameters.`,
  );
});
