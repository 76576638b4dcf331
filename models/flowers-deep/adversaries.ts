// Measures how FGSM fools the deep network while it is trained on the flower photographs, and what training on FGSM's
// images changes, and writes it into CARD.md: `npx tsx models/flowers-deep/adversaries.ts`. The committed weights stay
// as they are.
import { ready } from "../../lib/backend";
import { adversariesRun } from "../adversaries-run";
import { flowersData, main } from "../training-run";
import { augment, size, untrained } from "./network";

main(async () => {
  await ready();
  const data = await flowersData({ size }),
    settings = { batchSize: 32, augment, labelSmoothing: 0.1 };
  await adversariesRun({
    folder: __dirname,
    data,
    epsilon: [0.003, 0.01, 0.03],
    attacked: 500,
    untrained: untrained(data.classNames.length),
    fromStart: { ...settings, epochs: 6, learningRate: 1e-3 },
    further: { ...settings, epochs: 4, learningRate: 3e-4 },
  });
});
