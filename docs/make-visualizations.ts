// The pictures of class-visualization.md: the published settings, run in full. Each is minutes to half an hour of two
// cores. They begin with noise, or with photographs that packages carry, so that nothing from a data set is published
// here. make-pictures.ts calls them.
import { existsSync, writeFileSync } from "node:fs";
import sharp from "sharp";
import {
  channelGrid,
  classVisualization,
  filmstrip,
  imageGrid,
  loadImage,
  loadModel,
  readNpy,
  renderPng,
  tf,
  type ClassVisualizationOptions,
  type VisionModel,
} from "../lib";
import { obtain } from "../lib/data/obtain";

/** By file. */
export const visualizations: Readonly<Record<string, (file: string) => Promise<void>>> = {
  "recipe-steps.png": drawSteps,
  "published-from-noise.png": drawPublished,
  "published-from-photograph.png": drawFromPhotograph,
  "recipe-starts.png": drawStarts,
  "recipe-networks.png": drawNetworks,
  "recipe-long.png": drawLong,
};

interface Run extends ClassVisualizationOptions {
  readonly target: string;
  readonly snapshots: readonly number[];
}

const common = { penalty: "norm", seed: 1, live: false } as const;
const plain = { ...common, step: "plain", learningRate: 5 } as const;
const accumulated = { ...common, step: "accumulated", learningRate: 4e-3, l2Regularization: 5e-5 } as const;

/** At 1.3 a panel of 176 pixels shows the 224 that there are, at 1.6 one of 140. */
export async function writePicture(file: string, figure: Parameters<typeof renderPng>[0], scale = 1.3): Promise<void> {
  const picture = sharp(await renderPng(figure, { scale }));
  // 256 colours, which nobody sees: a third of the bytes.
  writeFileSync(file, await picture.removeAlpha().png({ palette: true, quality: 100, effort: 10 }).toBuffer());
}

/** How probable each image's class is. */
function probabilities(model: VisionModel, images: tf.Tensor4D, names: readonly string[]): number[] {
  const all = tf.tidy(() => model.probabilities(images).arraySync() as number[][]);
  return names.map((name, i) => all[i][model.classNames.indexOf(name)]);
}

const p = (value: number): string => `p ${value.toFixed(value < 0.005 && value > 0 ? 4 : 2)}`;

/** Runs in rows, snapshots in columns; what is printed stands in class-visualization.md. */
async function drawRuns(
  file: string,
  runs: Readonly<Record<string, Run>>,
  columns: number,
  caption: string,
): Promise<void> {
  const model = await loadModel("squeezenet1_1"),
    images: tf.Tensor4D[] = [],
    titles: string[] = [];
  for (const [name, { target, ...options }] of Object.entries(runs)) {
    const began = Date.now(),
      { snapshots, scores } = await classVisualization(model, target, {
        iterations: options.snapshots.at(-1),
        ...options,
      });
    for (const { iteration, image } of snapshots) {
      images.push(image);
      titles.push(`${name}: ${iteration.toLocaleString("en")}, ${p(probabilities(model, image, [target])[0])}`);
      console.log(titles.at(-1));
    }
    console.log(`${name}: logit ${scores.at(-1)![0].toFixed(0)}, ${((Date.now() - began) / 1000).toFixed(0)} s`);
  }
  await writePicture(file, await imageGrid(tf.concat(images), { titles, columns, caption }));
}

/** A tarantula by each step rule of the recipe, at the settings that are published for it. */
async function drawSteps(file: string): Promise<void> {
  await drawRuns(
    file,
    {
      "plain, η 5, λ 1e-3": { ...plain, target: "tarantula", l2Regularization: 1e-3, snapshots: [50, 200, 500] },
      "plain, η 4e-3, λ 1e-4": {
        ...plain,
        target: "tarantula",
        learningRate: 4e-3,
        l2Regularization: 1e-4,
        snapshots: [50, 300, 1000],
      },
      "accumulated, η 4e-3, λ 1e-4": {
        ...accumulated,
        target: "tarantula",
        l2Regularization: 1e-4,
        snapshots: [300, 1000, 5000],
      },
    },
    3,
    "SqueezeNet's tarantula, made of the same noise by three step rules.",
  );
}

async function drawPublished(file: string): Promise<void> {
  await drawRuns(
    file,
    {
      "1 tarantula": { ...plain, target: "tarantula", l2Regularization: 1e-3, snapshots: [20, 50, 100, 200] },
      "2 hourglass": { ...plain, target: "hourglass", l2Regularization: 1e-2, snapshots: [50, 100, 200, 500] },
      "3 tarantula": { ...accumulated, target: "tarantula", l2Regularization: 1e-4, snapshots: [50, 300, 1000, 5000] },
      "4 hourglass": { ...accumulated, target: "hourglass", snapshots: [300, 650, 1250, 5000] },
      "4 terrier": { ...accumulated, target: "Yorkshire terrier", snapshots: [300, 650, 1250, 2500] },
    },
    4,
    "Published settings 1 to 4 (numbers as in the table), in full, from the same noise: steps, and how probable " +
      "the class is to SqueezeNet.",
  );
}

/** A photograph of a package, at the size of the network. */
async function packaged(entry: string, name: string): Promise<tf.Tensor4D> {
  const { files } = await obtain("data", entry);
  return tf.expandDims(await loadImage(files.find(({ path }) => path.endsWith(name))!.file, { size: 224 }));
}

async function drawFromPhotograph(file: string): Promise<void> {
  const model = await loadModel("squeezenet1_1"),
    classes = ["Egyptian cat", "espresso"];
  const photographs = tf.concat([
    await packaged("photographs-scikit-image", "chelsea.png"),
    await packaged("photographs-scikit-image", "coffee.png"),
  ]);
  const began = Date.now(),
    moments = [1, 125, 300, 650, 1250, 2500];
  const { snapshots, scores } = await classVisualization(model, classes, {
    ...accumulated,
    initImage: photographs,
    iterations: 2500,
    snapshots: moments,
  });
  for (const { iteration, image } of snapshots)
    console.log(iteration, probabilities(model, image, classes).map(p).join(", "));
  console.log(
    `logits ${scores
      .at(-1)!
      .map((score) => score.toFixed(0))
      .join(", ")}, ${((Date.now() - began) / 1000).toFixed(0)} s`,
  );
  await writePicture(
    file,
    await filmstrip(snapshots, {
      titles: classes,
      caption:
        "Published setting 5: photographs, each ascending towards its own class. Photographs of scikit-image: " +
        "Stéfan van der Walt, Rachel Michetti (CC0).",
    }),
    1.6,
  );
}

/** The same class from different starts. */
async function drawStarts(file: string): Promise<void> {
  const model = await loadModel("squeezenet1_1"),
    rows: Record<string, tf.Tensor4D> = {},
    names: Record<string, string[]> = {};
  const grey = tf.fill([1, 224, 224, 3], 0.5),
    cat = await packaged("photographs-scikit-image", "chelsea.png");
  for (const target of ["hourglass", "tarantula"]) {
    const run = (more: ClassVisualizationOptions): Promise<{ image: tf.Tensor4D }> =>
      classVisualization(model, target, { iterations: 100, seed: 1, live: false, ...more });
    const made = [await run({}), await run({ seed: 2 }), await run({ initImage: grey }), await run({ initImage: cat })];
    rows[target] = tf.concat(made.map(({ image }) => image));
    const sure = probabilities(
      model,
      rows[target],
      made.map(() => target),
    );
    names[target] = ["noise", "other noise", "grey", "a cat"].map((name, i) => `${name}, ${p(sure[i])}`);
    console.log(target, names[target]);
  }
  await writePicture(
    file,
    await channelGrid(rows, {
      channels: names,
      caption: "Two classes from four starts, 100 steps each. Photograph of scikit-image: Stéfan van der Walt (CC0).",
    }),
    1.6,
  );
}

/** The same recipe, three networks. */
async function drawNetworks(file: string): Promise<void> {
  const images: tf.Tensor4D[] = [],
    titles: string[] = [],
    classes = ["snail", "hourglass", "tarantula"];
  for (const [title, name] of [
    ["SqueezeNet", "squeezenet1_1"],
    ["GoogLeNet", "googlenet"],
    ["DeiT-tiny", "deit_tiny"],
  ]) {
    const model = await loadModel(name),
      began = Date.now();
    const { image } = await classVisualization(model, classes, { iterations: 100, seed: 1, live: false });
    const sure = probabilities(model, image, classes);
    images.push(image);
    titles.push(...classes.map((one, i) => `${title}: ${one} ${sure[i].toFixed(2)}`));
    console.log(titles.slice(-3), `${((Date.now() - began) / 1000).toFixed(0)} s`);
    model.dispose();
  }
  await writePicture(
    file,
    await imageGrid(tf.concat(images), {
      titles,
      columns: 3,
      caption:
        "Three classes by the same recipe from the same noise, 100 steps, each with the probability that the " +
        "network itself gives it.",
    }),
  );
}

/**
 * What `npx vitrine visualize … --snapshots … --out long/hourglass.npy` left, which takes the better part of an hour
 * (class-visualization.md has the command).
 */
async function drawLong(file: string): Promise<void> {
  const model = await loadModel("squeezenet1_1"),
    images: tf.Tensor4D[] = [],
    titles: string[] = [];
  for (const at of [1075, 1500, 3525, 8300, 20_000, 50_000, 100_000]) {
    const snapshot = `${process.env.VITRINE_LONG_RUN ?? "long"}/hourglass-${at}.npy`;
    if (!existsSync(snapshot)) continue;
    const { data, shape } = await readNpy(snapshot);
    images.push(tf.tensor4d(data as Float32Array, shape as [number, number, number, number]));
    titles.push(`${at.toLocaleString("en")}, ${p(probabilities(model, images.at(-1)!, ["hourglass"])[0])}`);
    console.log(titles.at(-1));
  }
  if (images.length === 0)
    return console.log(
      "recipe-long.png stays as it is: there is no long run here (class-visualization.md has its command)",
    );
  await writePicture(
    file,
    await imageGrid(tf.concat(images), {
      titles,
      columns: Math.min(5, images.length),
      caption: "Published setting 6 on SqueezeNet, from noise: steps, and how probable an hourglass is.",
    }),
  );
}
