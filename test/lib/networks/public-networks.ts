// Networks that others trained and put into npm packages, tried with every method. By hand, since they are fetched:
//   node --import tsx test/lib/networks/public-networks.ts FOLDER [NAME]
// FOLDER keeps what `npm pack` fetches; nothing of it is stored here.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import type { AttackResult } from "../../../lib/attack/attack";
import { attackMethods } from "../../../lib/attack/methods";
import type { Attribution } from "../../../lib/attribution/attribution";
import { attributionMethods } from "../../../lib/attribution/methods";
import { ready } from "../../../lib/backend";
import { VitrineError } from "../../../lib/core/errors";
import { loadModel, type LoadModelOptions } from "../../../lib/model/load-model";
import { classVisualization, maximize, objectives } from "../../../lib/visualize";
import { chance } from "./builder";

interface Public {
  readonly name: string;
  readonly package: string;
  /** Of the model.json inside the package. */
  readonly path: string;
  readonly options?: LoadModelOptions;
  /** Of the network's outputs the one that is explained. */
  readonly output?: string;
  /** A picture for each pixel: what is explained is the middle's brightness. */
  readonly picture?: boolean;
}

const human = { package: "@vladmandic/human@3.3.6" };
const networks: readonly Public[] = [
  { name: "emotion", ...human, path: "models/emotion.json" },
  { name: "antispoof", ...human, path: "models/antispoof.json" },
  { name: "liveness", ...human, path: "models/liveness.json" },
  {
    name: "gender",
    ...human,
    path: "models/faceres.json",
    options: { head: "gender_pred/Sigmoid" },
    output: "gender_pred/Sigmoid",
  },
  {
    name: "age",
    ...human,
    path: "models/faceres.json",
    options: { head: "age_pred/Softmax" },
    output: "age_pred/Softmax",
  },
  { name: "nsfw", package: "nsfwjs@4.3.0", path: "dist/models/mobilenet_v2/model.json" },
  {
    name: "upscaler",
    package: "@upscalerjs/default-model@1.0.0",
    path: "models/model.json",
    options: { inputShape: [12, 10, 3] },
    picture: true,
  },
  { name: "movenet", ...human, path: "models/movenet-lightning.json", options: { bounds: [0, 255] }, picture: true },
];

/** Fetches a package once; scripts that hold base64 become the files they stand for. */
function unpacked(folder: string, name: string): string {
  const at = join(folder, name.replace(/[^\w.-]+/g, "-"));
  if (!existsSync(at)) {
    mkdirSync(at, { recursive: true });
    execFileSync("npm", ["pack", "--silent", name], { cwd: at });
    execFileSync("tar", ["xzf", readdirSync(at).find((file) => file.endsWith(".tgz"))!], { cwd: at });
  }
  return join(at, "package");
}

/** A shard or a model.json in the form of a script. */
function fromScripts(file: string): void {
  if (existsSync(file)) return;
  const folder = dirname(file),
    load = (script: string): unknown => {
      const made = { exports: {} as unknown };
      new Function("module", "exports", readFileSync(join(folder, script), "utf8"))(made, made.exports);
      return (made.exports as { default?: unknown }).default ?? made.exports;
    };
  const json = load("model.min.js") as { weightsManifest: { paths: string[] }[] };
  writeFileSync(file, JSON.stringify(json));
  for (const path of json.weightsManifest.flatMap(({ paths }) => paths))
    writeFileSync(join(folder, path), Buffer.from(load(`${path}.min.js`) as string, "base64"));
}

type Whole = (x: tf.Tensor) => tf.Tensor;

/** The network by TensorFlow.js alone. */
async function wholeOf(file: string, output?: string): Promise<Whole> {
  const json = JSON.parse(readFileSync(file, "utf8")) as {
    format?: string;
    modelTopology: object;
    signature?: object;
    weightsManifest: { paths: string[]; weights: object[] }[];
  };
  const weightData = Uint8Array.from(
    Buffer.concat(
      json.weightsManifest.flatMap(({ paths }) => paths.map((path) => readFileSync(join(dirname(file), path)))),
    ),
  ).buffer;
  const artifacts = {
    modelTopology: json.modelTopology,
    format: json.format,
    signature: json.signature,
    weightSpecs: json.weightsManifest.flatMap(({ weights }) => weights),
    weightData,
  };
  const handler = { load: async () => artifacts } as never;
  if (json.format !== "graph-model" && !("node" in json.modelTopology)) {
    const model = await tf.loadLayersModel(handler);
    return (x) => model.predict(x) as tf.Tensor;
  }
  const model = await tf.loadGraphModel(handler),
    integers = model.inputs[0].dtype === "int32";
  const one = (x: tf.Tensor): tf.Tensor => model.execute(integers ? tf.cast(x, "int32") : x, output) as tf.Tensor;
  // Some graphs take one picture at a time.
  return (x) => tf.concat(tf.split(x, x.shape[0]).map(one));
}

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const lengthOf = (values: ArrayLike<number>): number =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));
const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i], 0);

async function tryOne(network: Public, folder: string): Promise<void> {
  const file = join(unpacked(folder, network.package), network.path);
  fromScripts(file);
  const model = await loadModel(file, network.options),
    whole = await wholeOf(file, network.output),
    [height, width, depth] = model.inputShape,
    [low, high] = model.bounds;
  const next = chance(network.name),
    size = height * width * depth;
  // A smooth picture and some noise.
  const pixels = (seed: number): Float32Array =>
    Float32Array.from({ length: size }, (_, i) => {
      const place = Math.floor(i / depth),
        [row, column] = [Math.floor(place / width) / height, (place % width) / width];
      return (
        low + (high - low) * (0.5 + 0.3 * Math.sin(5 * row + 3 * column * seed + (i % depth)) + 0.1 * (next() - 0.5))
      );
    });
  const rows = [pixels(1), pixels(2)],
    images = tf.tensor4d(Float32Array.from(rows.flatMap((row) => Array.from(row))), [2, height, width, depth]);
  const outputs = async (some: readonly Float32Array[]): Promise<Float32Array[]> =>
    some.map((row) => tf.tidy(() => whole(tf.tensor4d(row, [1, height, width, depth])).dataSync() as Float32Array));
  const before = await outputs(rows),
    cells: Record<string, string> = {};
  const two = before[0].length === 1,
    decide = (row: Float32Array): number => (two ? Number(row[0] > 0.5) : row.indexOf(Math.max(...row)));
  const targets = before.map(decide),
    probability = (row: Float32Array, i: number): number =>
      two ? (targets[i] ? row[0] : 1 - row[0]) : row[targets[i]];
  const middle = (logits: tf.Tensor): tf.Tensor => tf.mean(tf.reshape(logits, [logits.shape[0], -1]), 1);
  const mean = (row: Float32Array): number => row.reduce((a, b) => a + b, 0) / row.length;
  const score = async (some: readonly Float32Array[], i: number): Promise<number[]> =>
    (await outputs(some)).map((row) => (network.picture ? mean(row) : Math.log(probability(row, i))));
  const common = network.picture ? { score: middle } : { score: "log-probability" };

  const attempt = async (name: string, work: () => Promise<number>): Promise<void> => {
    const tensors = tf.memory().numTensors;
    try {
      cells[name] = (await work()).toExponential(0);
      if (tf.memory().numTensors !== tensors) cells[name] += ` (${tf.memory().numTensors - tensors} tensors left)`;
    } catch (error) {
      const { message } = error as Error;
      cells[name] =
        error instanceof VitrineError && !message.includes("\n")
          ? `r: ${message.slice(0, 150)}`
          : `RAW: ${(error as Error).stack?.slice(0, 600)}`;
    }
  };
  const explain = async (name: string, options: object = {}): Promise<Float32Array[]> => {
    const made: Attribution = await attributionMethods[name].explain(model, images, { ...common, ...options } as never),
      data = made.values.dataSync() as Float32Array,
      each = data.length / 2;
    made.dispose();
    if (!data.every(Number.isFinite)) throw new Error("not finite");
    return [data.slice(0, each), data.slice(each)];
  };
  /** Along a few of the numbers, where no kink is near. */
  const slopes = async (
    maps: readonly Float32Array[],
    along: (i: number, direction: Float32Array) => Float32Array,
  ): Promise<number> => {
    let worst = 0,
      seen = 0;
    for (let i = 0; i < 2; i++)
      for (let k = 0; k < 8; k++) {
        const direction = new Float32Array(size);
        for (let n = 0; n < 12; n++) direction[Math.floor(size * next())] = next() < 0.5 ? -1 : 1;
        const way = along(i, direction),
          step = 5e-3 * (high - low),
          all = [0, step, -step, step / 2, -step / 2];
        const [middle, up, down, up2, down2] = await score(
          all.map((each) => rows[i].map((value, at) => value + each * way[at])),
          i,
        );
        const [far, near] = [(up - down) / (2 * step), (up2 - down2) / step],
          length = lengthOf(maps[i]),
          close = 2e-2 * length;
        if (Math.abs(far - near) > close || Math.abs(up + down - 2 * middle) / step > 2 * close) continue;
        seen++;
        worst = Math.max(worst, Math.abs((far + near) / 2 - dot(maps[i], direction)) / length);
      }
    return seen === 0 ? NaN : worst;
  };
  /** By TensorFlow.js's tape through the whole network. */
  const byTape = (maps: readonly Float32Array[]): number =>
    Math.max(
      ...maps.map((map, i) => {
        const right = tf.tidy(() =>
          tf
            .grad((x) => {
              const output = whole(x);
              if (network.picture) return tf.mean(output);
              const row = tf.reshape(output, [-1]);
              return tf.sum(two ? tf.log(targets[i] ? row : tf.sub(1, row)) : tf.log(tf.slice(row, targets[i], 1)));
            })(tf.tensor4d(rows[i], [1, height, width, depth]))
            .dataSync(),
        );
        return largest(map.map((value, at) => value - right[at])) / largest(map);
      }),
    );

  await attempt("predict", async () => {
    if (network.picture) {
      const said = tf.tidy(() => model.logits(images).dataSync()),
        right = before.flatMap((row) => Array.from(row));
      return largest(right.map((value, i) => value - said[i])) / largest(right);
    }
    const said = await model.predict(images, { top: 1000 });
    return Math.max(
      ...said.flatMap((list, i) =>
        list.map(({ index, probability: p }) =>
          Math.abs(p - (two ? (index ? before[i][0] : 1 - before[i][0]) : before[i][index])),
        ),
      ),
    );
  });
  await attempt("saliency", async () => slopes(await explain("saliency"), (_, direction) => direction));
  await attempt("saliency, by the tape", async () => byTape(await explain("saliency")));
  await attempt("input-x-gradient", async () =>
    slopes(await explain("input-x-gradient"), (i, direction) => direction.map((d, at) => d * rows[i][at])),
  );
  await attempt("integrated-gradients", async () => {
    const maps = await explain("integrated-gradients", { steps: size < 20_000 ? 300 : 40 });
    const changes = await Promise.all(
      [0, 1].map(async (i) => (([at, from]) => at - from)(await score([rows[i], new Float32Array(size)], i))),
    );
    return Math.max(
      ...maps.map((map, i) => Math.abs(map.reduce((a, b) => a + b, 0) - changes[i]) / Math.abs(changes[i])),
    );
  });
  const window = Math.ceil(Math.max(height, width) / 3);
  await attempt("occlusion", async () => {
    const maps = await explain("occlusion", {
      window: [Math.min(height, window), Math.min(width, window)],
      stride: [Math.min(height, window), Math.min(width, window)],
      baseline: low,
    });
    let worst = 0;
    for (let i = 0; i < 2; i++)
      for (const [top, left] of [
        [0, 0],
        [window, 0],
        [window, window],
      ]) {
        if (top >= height || left >= width) continue;
        const covered = rows[i].map((value, at) => {
          const place = Math.floor(at / depth),
            [row, column] = [Math.floor(place / width), place % width];
          return row >= top && row < top + window && column >= left && column < left + window ? low : value;
        });
        const [whole, less] = await score([rows[i], covered], i);
        worst = Math.max(worst, Math.abs(maps[i][(top * width + left) * depth] - (whole - less)) / largest(maps[i]));
      }
    return worst;
  });
  for (const name of ["smoothgrad", "guided-backprop", "deconvolution", "grad-cam", "guided-grad-cam"])
    await attempt(name, async () => (await explain(name, { samples: 2 }), 0));
  await attempt(
    "occluded-input-x-gradient",
    async () => (
      await explain("occluded-input-x-gradient", { window: Math.min(height, width), stride: Math.min(height, width) }),
      0
    ),
  );
  const range = high - low,
    needed: Record<string, object> = {
      fgsm: { epsilon: 0.02 * range },
      "normed-gradient": { epsilon: 2 * range },
      pgd: { epsilon: 0.02 * range, steps: 3 },
      "random-noise": { epsilon: 0.02 * range },
      fooling: { target: two ? 0 : 1, maxIterations: 3 },
      deepfool: { steps: 3 },
      "carlini-wagner": { steps: 3, searches: 1 },
      occlude: { window: Math.min(window, height, width), stride: Math.min(window, height, width) },
    };
  for (const [name, options] of Object.entries(needed))
    await attempt(name, async () => {
      const made: AttackResult = await attackMethods[name].attack(model, images, options as never),
        data = made.clipped.dataSync() as Float32Array;
      made.dispose();
      const now = (await outputs([data.slice(0, size), data.slice(size)])).map(decide);
      if (!data.every((value) => value >= low && value <= high)) throw new Error("out of bounds");
      if (name !== "fooling" && now.some((index, i) => (index !== targets[i]) !== made.success[i]))
        throw new Error(`success is ${made.success.join()}, now ${now.join()}, before ${targets.join()}`);
      return now.some((index, i) => index !== made.predictedAfter[i]) ? 1 : 0;
    });
  await attempt("classVisualization", async () => {
    const made = await classVisualization(model, 0, { iterations: 3 });
    made.dispose();
    return made.scores.flat().every(Number.isFinite) ? 0 : 1;
  });
  await attempt("maximize", async () => {
    const { name, outputShape } = model
      .layers()
      .filter((each) => each.outputShape.length === 3)
      .at(-1)!;
    const made = await maximize(model, objectives.channel(name, outputShape[2] - 1), { iterations: 3 });
    made.dispose();
    return made.scores.flat().every(Number.isFinite) ? 0 : 1;
  });
  console.log(
    `\n${network.name}: ${model.inputShape.join("×")}, ${model.output}, ${model.classNames.length} classes, ` +
      `${model.layers().length} layers`,
  );
  for (const [name, cell] of Object.entries(cells)) console.log(`  ${name}: ${cell}`);
  images.dispose();
  model.dispose();
}

void (async () => {
  const [folder, only] = process.argv.slice(2);
  if (!folder) throw new Error("Say in which folder the networks are to be kept.");
  await ready();
  for (const network of networks.filter(({ name }) => !only || only.split(",").includes(name))) {
    await tryOne(network, folder).catch((error: Error) =>
      console.log(`\n${network.name}: NOT AT ALL: ${error.stack?.slice(0, 600)}`),
    );
  }
})();
