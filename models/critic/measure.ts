// What the critic changes in visualizations of eight classes that it has not learnt from: `npx tsx
// models/critic/measure.ts`, after train.ts. Writes a section of CARD.md, and docs/images/critic.png.
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { ready } from "../../lib/backend";
import { imagenetClassNames } from "../../lib/data/imagenet-classes";
import { loadModel } from "../../lib/model/load-model";
import type { VisionModel } from "../../lib/model/vision-model";
import { imageGrid } from "../../lib/plot/image-grid";
import { renderPng } from "../../lib/plot/show";
import { writeCardSection } from "../../lib/training/model-card";
import { maximize, objectives, regularizers, type Regularizer } from "../../lib/visualize";
import { main } from "../training-run";
import { folder, measuredClasses, side, snapshots } from "./network";

const steps = snapshots[snapshots.length - 1],
  seed = 7;
/** By which class the figure shows what. */
const drawn = ["snail", "hourglass", "sports car", "daisy"];

main(async () => {
  await ready();
  const [squeezeNet, googleNet, deit] = [
    await loadModel("squeezenet1_1"),
    await loadModel("googlenet"),
    await loadModel("deit_tiny"),
  ];
  const first = await loadModel(path.join(folder, "checkpoint", "first")),
    second = await loadModel("critic"),
    judge = await loadModel(path.join(folder, "checkpoint", "judge"));
  const runs: Record<string, Regularizer[]> = {
    none: [],
    "first critic, 30": [regularizers.critic(30, first)],
    "critic, 3": [regularizers.critic(3, second)],
    "critic, 30": [regularizers.critic(30, second)],
    "total variation, 1e-3": [regularizers.totalVariation(1e-3)],
  };
  const labels = measuredClasses.map((name) => imagenetClassNames.indexOf(name)),
    images = new Map<string, tf.Tensor4D>();
  const header = [
    "",
    "SqueezeNet: p, right",
    "GoogLeNet: p, right",
    "DeiT: p, right",
    "first critic: photograph",
    "critic: photograph",
    "judge: photograph",
    "distance from none",
    "neighbours differ by",
  ];
  const rows: string[][] = [];
  for (const [name, terms] of Object.entries(runs)) {
    const { image } = await maximize(squeezeNet, objectives.logit(measuredClasses), {
      iterations: steps,
      seed,
      regularizers: terms,
      live: false,
    });
    images.set(name, image);
    const [apart, rough] = tf.tidy(() => [
      tf.mean(tf.abs(tf.sub(image, images.get("none")!))).dataSync()[0],
      roughness(image),
    ]);
    const numbers = [
      ...(await Promise.all([squeezeNet, googleNet, deit].map((model) => classes(model, image, labels)))),
      ...(await Promise.all([first, second, judge].map((model) => approval(model, image)))),
    ];
    rows.push([name, ...numbers, apart.toFixed(3), rough.toFixed(3)]);
    console.log(rows[rows.length - 1].join(" | "));
  }
  const table = [header, header.map((_, i) => (i === 0 ? "---" : "---:")), ...rows]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n");
  await writeCardSection(
    folder,
    "As a regularizer",
    `Eight classes that the critic has not learnt from (${measuredClasses.join(", ")}), each by \`maximize\` on ` +
      `SqueezeNet in ${steps} steps from the same noise (seed ${seed}), with the regularizer in the first column. ` +
      ("A network's p is the class's mean probability, and *right* how many of the eight it takes for it. A " +
        "critic's is ") +
      ("its mean probability of a photograph; the judge was trained as the critic, from another seed. *Distance* " +
        "is the ") +
      "mean absolute difference of pixel values, *neighbours* that between neighbouring pixels." +
      `\n\n${table}\n\nWritten by \`measure.ts\` beside this card.`,
  );
  const shown = ["none", "first critic, 30", "critic, 30"],
    picked = drawn.map((name) => measuredClasses.indexOf(name));
  const figure = await imageGrid(tf.concat(shown.map((name) => tf.gather(images.get(name)!, picked))) as tf.Tensor4D, {
    titles: shown.flatMap((name) => drawn.map((label) => `${label}, ${name === "none" ? "no critic" : name}`)),
    columns: drawn.length,
    caption:
      "Four classes of SqueezeNet from the same noise: without a critic, with one that had seen no image made to " +
      "please it, and with one that had.",
  });
  writeFileSync(path.join(folder, "../../docs/images/critic.png"), await renderPng(figure, { scale: 1.1 }));
});

async function classes(model: VisionModel, image: tf.Tensor4D, labels: readonly number[]): Promise<string> {
  const all = await model.predict(image, { top: 1000 });
  const p = labels.map((label, i) => all[i].find(({ index }) => index === label)!.probability);
  return `${mean(p).toFixed(2)}, ${labels.filter((label, i) => all[i][0].index === label).length}`;
}

async function approval(model: VisionModel, image: tf.Tensor4D): Promise<string> {
  const small = tf.tidy(() => tf.avgPool(image, image.shape[1] / side, image.shape[1] / side, "valid"));
  const said = await model.predict(small).finally(() => small.dispose());
  return mean(said.map((each) => each.find(({ name }) => name === "photograph")!.probability)).toFixed(2);
}

/** Mean absolute difference between a pixel and the one on its right. */
const roughness = (image: tf.Tensor4D): number => {
  const [count, height, width, channels] = image.shape;
  return tf
    .mean(
      tf.abs(
        tf.sub(
          tf.slice(image, [0, 0, 1, 0], [count, height, width - 1, channels]),
          tf.slice(image, [0, 0, 0, 0], [count, height, width - 1, channels]),
        ),
      ),
    )
    .dataSync()[0];
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
