// Makes the pictures of README and docs: `npx tsx docs/make-pictures.ts`, or one of them, by its file's name. They show
// stand-in garments, and images that a network made of noise, so that nothing from a data set is published here.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import {
  attributionGrid,
  channelGrid,
  classVisualization,
  deepNetwork,
  exportGif,
  guidedBackprop,
  integratedGradients,
  loadModel,
  maximize,
  objectives,
  occlusion,
  ready,
  recordTraining,
  renderPng,
  saliency,
  tf,
} from "../lib";
import { drawStandIns } from "../lib/data/fashion-mnist";
import { visualizations, writePicture } from "./make-visualizations";

const folder = path.join(__dirname, "images");

/** By file. */
const pictures: Readonly<Record<string, (file: string) => Promise<void>>> = {
  "attribution.png": drawMaps,
  "feature-visualization.png": drawDreams,
  "through-training.gif": drawTraining,
  ...visualizations,
};

async function main(only?: string): Promise<void> {
  await ready();
  mkdirSync(folder, { recursive: true });
  for (const [name, draw] of Object.entries(pictures))
    if (only === undefined || only === name) await draw(path.join(folder, name));
}

/** Four methods on three garments. */
async function drawMaps(file: string): Promise<void> {
  const model = await loadModel("fashion-deep");
  const drawn = await drawStandIns({ count: 60, seed: 1, classes: [1, 2, 8] });
  const predictions = await model.predict(drawn.images, { top: 1 });
  // One of each class, the one that the network is surest of.
  const chosen = [1, 2, 8].map(
    (label) =>
      drawn.labels
        .map((own, i) => ({
          i,
          sure: own === label && predictions[i][0].index === label ? predictions[i][0].probability : 0,
        }))
        .reduce((best, one) => (one.sure > best.sure ? one : best)).i,
  );
  const images = tf.gather(drawn.images, chosen),
    target = chosen.map((i) => drawn.labels[i]);
  const maps = {
    saliency: (await saliency(model, images, { target })).values,
    "guided backprop": (await guidedBackprop(model, images, { target })).values,
    "integrated gradients": (await integratedGradients(model, images, { target })).values,
    occlusion: (await occlusion(model, images, { target, window: 4, stride: 2 })).values,
  };
  const figure = await attributionGrid(images, maps, {
    titles: chosen.map((i) => `${drawn.classNames[drawn.labels[i]]} (stand-in)`),
    percentile: 99.5,
    caption: "What speaks for each garment's class (red) and against it (blue), by four methods.",
  });
  writeFileSync(file, await renderPng(figure, { scale: 1.5 }));
}

/** Classes of SqueezeNet by two methods, each from noise. */
async function drawDreams(file: string): Promise<void> {
  const squeezeNet = await loadModel("squeezenet1_1");
  const classes = ["gorilla", "snail", "hourglass", "hay"];
  const rows = {
    "class visualization": (await classVisualization(squeezeNet, classes, { iterations: 200, seed: 1 })).image,
    "maximize (Fourier)": (await maximize(squeezeNet, objectives.logit(classes), { iterations: 150, seed: 1 })).image,
  };
  const figure = await channelGrid(rows, {
    channels: Object.fromEntries(Object.keys(rows).map((name) => [name, classes])),
    caption: "What SqueezeNet takes for four classes: images made of noise, by two methods.",
  });
  await writePicture(file, figure, 1.6);
}

/** The deep network learns stand-ins by minibatches of 16, and looks at four of them on the way. */
async function drawTraining(file: string): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "vitrine-pictures-"));
  const data = await drawStandIns({ count: 1600, seed: 1 }),
    looked = await drawStandIns({ count: 4, seed: 5, classes: [5, 4, 1, 9] });
  const recording = await recordTraining(deepNetwork({ inputShape: [28, 28, 1], classes: 10, poolings: 2 }), data, {
    folder,
    images: looked,
    epochs: 1,
    batchSize: 16,
    schedule: { every: 2 },
  });
  await exportGif(recording, file, {
    frames: 26,
    duration: 250,
    titles: looked.labels.map((label) => `${looked.classNames[label]} (stand-in)`),
    caption: "Input × gradient of each garment's own class while the network learns, minibatch by minibatch.",
  });
  rmSync(folder, { recursive: true });
}

void main(process.argv[2]);
