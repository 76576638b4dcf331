// Trains the deep network on pairs of flowers, and writes its weights and what came of it into this folder:
// `npx tsx models/flowers-pairs/train.ts [--pair roses-dandelion] [--epochs N] [--seed N]`; without a pair all three,
// one after another.
// Stopped by Ctrl-C, it goes on from its last whole epoch when it is run again.
import * as path from "node:path";
import { ready } from "../../lib/backend";
import { deepNetwork } from "../../lib/model/architectures/deep-network";
import { readLayersModel } from "../../lib/data/read-layers-model";
import { saveModel } from "../../lib/model/save-model";
import { badInput } from "../../lib/core/errors";
import { evaluate, writeCardSection } from "../../lib/training/model-card";
import { foldNormalizations } from "../../lib/training/fold-normalizations";
import { augment, size } from "../flowers-deep/network";
import { flowersData, main, takeFlag, trainingRun } from "../training-run";

interface Pair {
  readonly classes: readonly [string, string];
  readonly epochs: number;
}
const pairs: Readonly<Record<string, Pair>> = {
  "roses-dandelion": { classes: ["roses", "dandelion"], epochs: 45 },
  "sunflowers-tulips": { classes: ["sunflowers", "tulips"], epochs: 30 },
  "tulips-roses": { classes: ["tulips", "roses"], epochs: 45 },
};
/** Fewer than flowers-deep has: a pair has two fifths of its pictures. */
const filters = [16, 32, 64, 96, 128, 128] as const;

async function trainPair(name: string, { classes, epochs }: Pair): Promise<void> {
  const folder = path.join(__dirname, name),
    data = await flowersData({ size, classes: [...classes] }),
    { classNames } = data;
  const network = (normalized: boolean) =>
    deepNetwork({
      inputShape: [size, size, 3],
      classes: classNames.length,
      poolings: 5,
      filters,
      dropout: 0.5,
      normalized,
    });
  const model = network(true),
    plain = network(false);
  console.log(`${name}: ${data.train.labels.length} photographs to train with, ${data.test.labels.length} held out`);
  const run = await trainingRun(model, folder, data, {
    epochs,
    batchSize: 32,
    learningRate: 2e-3,
    labelSmoothing: 0.1,
    augment,
  });
  foldNormalizations(model, plain);
  await saveModel(plain, folder, { name: `flowers-${name}`, classNames, bounds: [0, 1] }, { quantization: "uint8" });
  const rounded = await evaluate(await readLayersModel(folder), data.test),
    percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const rights = classNames.map((label, i) => {
    const counts = rounded.confusion[i];
    return `${counts[i]} of ${counts.reduce((a, b) => a + b, 0)} ${label}`;
  });
  await writeCardSection(
    __dirname,
    classes.join(" and "),
    [
      `**${percent(rounded.accuracy)}** of ${data.test.labels.length} photographs held out are right ` +
        `(${rights.join(", ")}; ` +
        (`${percent(run.evaluation.accuracy)} before rounding to 8 bits), after ${run.epochs} epochs on ` +
          `${data.train.labels.length} `) +
        `photographs, ${run.time}, seed ${run.seed}. ${plain.countParams().toLocaleString("en-US")} parameters.`,
      `Trained again by \`npx tsx models/flowers-pairs/train.ts --pair ${name}\`.`,
    ].join("\n\n"),
  );
  console.log(
    `${name}: ${percent(run.evaluation.accuracy)} on the held-out part, ${percent(rounded.accuracy)} in 8 bits`,
  );
  model.dispose();
  plain.dispose();
}

main(async () => {
  await ready();
  const asked = takeFlag("--pair"),
    all = Object.keys(pairs);
  if (asked !== undefined && !all.includes(asked)) badInput({ what: "--pair", got: asked, allowed: all.join(", ") });
  for (const name of asked === undefined ? all : [asked]) await trainPair(name, pairs[name]);
});
