// Measures how FGSM fools the deep network while it is trained on Fashion-MNIST, and what training on FGSM's images changes, and writes it
// into CARD.md: `npx tsx models/fashion-deep/adversaries.ts`. The committed weights stay as they are.
import { ready } from "../../lib/backend";
import { deepNetwork } from "../../lib/model/architectures/deep-network";
import { adversariesRun } from "../adversaries-run";
import { fashionData, main } from "../training-run";

main(async () => {
  await ready();
  const settings = { batchSize: 64, augment: { flip: true, shift: 1 } };
  await adversariesRun({
    folder: __dirname, data: await fashionData(), epsilon: [0.01, 0.03, 0.1], attacked: 2000,
    untrained: deepNetwork({ inputShape: [28, 28, 1], classes: 10, poolings: 2, dropout: 0.3 }),
    anew: { ...settings, epochs: 4, learningRate: 2e-3 }, further: { ...settings, epochs: 2, learningRate: 5e-4 },
  });
});
