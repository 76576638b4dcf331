// Measures how FGSM fools the deep network while it is trained on Fashion-MNIST, and what training on FGSM's images
// changes, and writes it into CARD.md: `npx tsx models/fashion-deep/adversaries.ts`. The committed weights stay as they
// are.
import { ready } from "../../lib/backend";
import { deepNetwork } from "../../lib/model/architectures/deep-network";
import type { LabelledPixels } from "../../lib/training/recording/training-data";
import { adversariesRun } from "../adversaries-run";
import { fashionData, main } from "../training-run";

/** Of the 60,000, so that it takes minutes. */
const pictures = 8_000;

const first = ({ pixels, labels, shape }: LabelledPixels, count: number): LabelledPixels => ({
  pixels: pixels.subarray(0, count * shape[0] * shape[1] * shape[2]),
  labels: Array.from(labels).slice(0, count),
  shape,
});

main(async () => {
  await ready();
  const data = await fashionData(),
    settings = { batchSize: 64, augment: { flip: true, shift: 1 } };
  await adversariesRun({
    folder: __dirname,
    data: { ...data, train: first(data.train, pictures) },
    epsilon: [0.01, 0.03, 0.1],
    attacked: 1000,
    untrained: deepNetwork({ inputShape: [28, 28, 1], classes: 10, poolings: 2, dropout: 0.3 }),
    fromStart: { ...settings, epochs: 4, learningRate: 2e-3 },
    further: { ...settings, epochs: 2, learningRate: 5e-4 },
  });
});
