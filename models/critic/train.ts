// Trains the critic, which tells photographs from SqueezeNet's visualizations: `npx tsx models/critic/train.ts`. In two
// rounds: the second critic also learns from visualizations that were made to please the first.
import { mkdirSync } from "node:fs";
import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { ready } from "../../lib/backend";
import { fromLayersModel } from "../../lib/model/adapters";
import { readLayersModel } from "../../lib/data/read-layers-model";
import { saveModel } from "../../lib/model/save-model";
import { evaluate, writeModelCard } from "../../lib/training/model-card";
import type { LabelledPixels } from "../../lib/training/recording/training-data";
import { train } from "../../lib/training/train";
import { main } from "../training-run";
import { classNames, folder, labelled, photographs, untrained, visualizations } from "./network";

/** The critic's weight while the second round's visualizations are made: the larger of those that measure.ts tries. */
const weight = 30;
const settings = { epochs: 16, batchSize: 32, learningRate: 2e-3, augment: { flip: true, crop: 0.7, colour: 0.1 } };

main(async () => {
  await ready();
  mkdirSync(path.join(folder, "checkpoint"), { recursive: true });
  const started = Date.now(),
    photos = await photographs({ train: 200, test: 60 });
  const plain = [
    await visualizations("plain", { count: 20, from: 0 }),
    await visualizations("recipe", { count: 10, from: 50, recipe: true }),
  ];
  const unseen = await visualizations("unseen", { count: 8, from: 100 });
  const first = await learnt(labelled([[photos.train, 1], ...plain.map((pixels) => [pixels, 0] as const)]), 1);
  await saveModel(first, path.join(folder, "checkpoint", "first"), {
    name: "first critic",
    classNames,
    bounds: [0, 1],
  });
  const share = async (model: tf.LayersModel, pixels: Float32Array, label: 0 | 1): Promise<number> =>
    (await evaluate(model, labelled([[pixels, label]]))).accuracy;
  const critic = fromLayersModel(first, { name: "first critic", classNames });
  const pleasing = [
    await visualizations("pleasing-a", { count: 12, from: 130, critic, weight }),
    await visualizations("pleasing-b", { count: 4, from: 160, critic, weight }),
  ];
  const data = labelled([[photos.train, 1], ...[...plain, pleasing[0]].map((pixels) => [pixels, 0] as const)]);
  const second = await learnt(data, 1),
    judge = await learnt(data, 2);
  await saveModel(second, folder, { name: "critic", classNames, bounds: [0, 1] }, { quantization: "uint8" });
  await saveModel(judge, path.join(folder, "checkpoint", "judge"), { name: "judge", classNames, bounds: [0, 1] });
  const rounded = await readLayersModel(folder),
    percent = (value: number): string => `${(100 * value).toFixed(0)} %`;
  const rows: string[] = [];
  for (const [name, model] of [
    ["first round", first],
    ["second round (this one)", rounded],
    ["second round, another seed: the judge", judge],
  ] as const) {
    rows.push(
      `${name}: ${[
        `flowers of other photographers ${percent(await share(model, photos.test, 1))}`,
        `ImageNet's photographs ${percent(await share(model, photos.elsewhere, 1))}`,
        `visualizations of other classes ${percent(await share(model, unseen, 0))}`,
        `those made to please the first critic ${percent(await share(model, pleasing[1], 0))}`,
      ].join(", ")}`,
    );
    console.log(rows[rows.length - 1]);
  }
  const evaluation = await evaluate(
    rounded,
    labelled([
      [photos.test, 1],
      [photos.elsewhere, 1],
      [unseen, 0],
      [pleasing[1], 0],
    ]),
  );
  await writeModelCard(folder, {
    name: "critic",
    classNames,
    evaluation,
    parameters: second.countParams(),
    description:
      "Tells photographs from SqueezeNet's visualizations, at 112×112: four convolutions, their mean over all " +
      "places, and one dense layer.",
    data:
      "200 of TensorFlow's flower photographs (CC-BY 2.0 each) and 126 of SqueezeNet's visualizations, 42 classes " +
      "after 10, 20 and 40 steps: 20 classes by `maximize`, 10 by `classVisualization`, 12 by `maximize` with the " +
      "first critic. Tested on 60 flowers of other photographers, 39 photographs of ImageNet, and 36 visualizations " +
      "of 12 other classes, 4 of these made with the first critic",
    settings: [
      `${settings.epochs} epochs of minibatches of ${settings.batchSize}`,
      "Adam at 2e-3 with a cosine to 0",
      "mirrored, cropped to between 70 % and all of the side, colours changed by up to 10 %",
      "seed 1",
    ],
    time:
      `${((Date.now() - started) / 60_000).toFixed(0)} minutes for three networks on two cores shared with other ` +
      `work; ` +
      "their visualizations, which are made once, took three minutes more",
    notes: [
      "Right on what was not learnt from:",
      rows.map((row) => `- ${row}`).join("\n"),
      "The weights are committed in 8-bit form, and the table is of those. There is no photograph beside them.",
    ],
  });
});

async function learnt(data: LabelledPixels, seed: number): Promise<tf.LayersModel> {
  const model = untrained(seed);
  await train(model, data, { ...settings, seed });
  return model;
}
