// Trains a small form of the deep network on pairs of flowers, and on all five in colour and in grey, and writes what came of it into
// CARD.md: `npx tsx models/flowers-deep/compare.ts`. Stopped by Ctrl-C, it goes on from its last whole epoch when it is run again.
import * as path from "node:path";
import { ready } from "../../lib/backend";
import { deepNetwork } from "../../lib/model/architectures/deep-network";
import { writeCardSection } from "../../lib/training/model-card";
import { flowersData, main, trainingRun } from "../training-run";

const size = 64, pairEpochs = 25, colourEpochs = 8;
const augment = { flip: true, crop: 0.6, colour: 0.3 };

/** @returns a row of the table */
async function run(name: string, options: { classes?: string[]; channels?: 1 | 3; epochs: number }): Promise<string> {
  const { classes, channels = 3, epochs: wanted } = options;
  const data = await flowersData({ size, channels, classes });
  const model = deepNetwork({ inputShape: [size, size, channels], classes: data.classNames.length, poolings: 4, dropout: 0.5 });
  console.log(`${name}:`);
  const { evaluation, seconds, epochs } = await trainingRun(model, path.join(__dirname, "checkpoint", name.replaceAll(" ", "-")), data, {
    epochs: wanted, batchSize: 32, learningRate: 1e-3, labelSmoothing: 0.1, augment,
  });
  model.dispose();
  return `| ${name} | **${(100 * evaluation.accuracy).toFixed(1)} %** of ${data.test.labels.length} | ${epochs} | ${(seconds / 60).toFixed(1)} minutes |`;
}

const table = (rows: readonly string[]): string => ["| | right, held-out part | epochs | time |", "|---|---:|---:|---:|", ...rows].join("\n");
const network = `the deep network with its own filters at ${size}×${size}, with four poolings, mirrored, cropped to between ` +
  "60 % and all of the side, colours changed by up to 30 %";

main(async () => {
  await ready();
  const pairs: string[] = [];
  for (const classes of [["roses", "dandelion"], ["sunflowers", "tulips"], ["tulips", "roses"]]) {
    pairs.push(await run(classes.join(" and "), { classes, epochs: pairEpochs }));
  }
  const again = "Written by `compare.ts` beside this card; trained again by `npx tsx models/flowers-deep/compare.ts`.";
  await writeCardSection(__dirname, "Pairs of classes", `Two classes alone: ${network}. Published for 256×256 and 15 minutes a pair: 91 % for some.\n\n${table(pairs)}\n\n${again}`);
  const colours = [await run("colour", { epochs: colourEpochs }), await run("grey", { channels: 1, epochs: colourEpochs })];
  await writeCardSection(__dirname, "Colour against grey", `All five classes on the same budget: ${network}. Published: colour is better than grey.\n\n${table(colours)}\n\n${again}`);
  console.log([...pairs, ...colours].join("\n"));
});
