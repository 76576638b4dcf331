import type * as tf from "@tensorflow/tfjs";
import { readEndings } from "../data/image-files";
import { badInput } from "../core/errors";
import type { VisionModel } from "../model/vision-model";
import type { Penalty, RecipeStep, Visualization } from "../visualize";
import { helpText, parseCommand, UsageError, wantsHelp, type Command, type FlagValues } from "./args";
import { modelFlag, ownModelFlags } from "./model-flags";

export const summary = "make images that a class or a hidden channel responds to most";

const command = {
  name: "visualize",
  summary,
  flags: {
    ...modelFlag,
    target: {
      type: "text",
      value: "T",
      help: "class index or name, or several with commas: the recipe of class visualization",
    },
    layer: {
      type: "text",
      value: "L",
      help: "instead of --target, with --channel: a hidden layer, by optimizing Fourier images",
    },
    channel: { type: "text", value: "C[,C…]", help: "a channel of the layer, or several" },
    iterations: { type: "integer", least: 1, help: "steps (default: 100 for classes, 200 for channels)" },
    seed: { type: "integer", help: "of everything random (default: 0)" },
    out: { type: "text", value: "OUT.npy", required: true, help: "float32 NHWC in [0, 1]" },
    png: { type: "text", value: "OUT.png", help: "the images as a picture" },
    snapshots: {
      type: "text",
      value: "N[,N…]",
      help: "classes: also the images after so many iterations, as OUT-N.npy (and OUT-N.png)",
    },
    resume: { type: "switch", help: "classes: keep the state in OUT.state.npz, and go on from it where it is there" },
    init: {
      type: "text",
      value: "FILE",
      help: `begin with an image, or one for each target: ${readEndings} (default: noise)`,
    },
    "learning-rate": { type: "number", help: "classes: 25; channels: 0.05" },
    "l2-regularization": { type: "number", least: 0, help: "classes: weight of ‖x‖² (default: 0.001)" },
    "blur-every": {
      type: "integer",
      least: 0,
      help: "classes: iterations from blur to blur, 0 for none (default: 10)",
    },
    jitter: { type: "integer", least: 0, help: "pixels (default: 16, at most a seventh of the side)" },
    step: {
      type: "text",
      value: "KIND",
      help: "classes: step by the gradient's direction (normalized, the default), by the gradient (plain), by the sum of all so far (accumulated)",
    },
    penalty: {
      type: "text",
      value: "KIND",
      help: "classes: what is kept small, ‖x‖² (squared, the default) or ‖x‖ (norm)",
    },
    ...ownModelFlags,
  },
  notes: ["Give --target, or --layer and --channel. What is named twice gets two images, from different noise."],
} satisfies Command;

type Flags = FlagValues<(typeof command)["flags"]>;
const forClasses = ["l2-regularization", "blur-every", "step", "penalty", "snapshots", "resume"] as const;

export async function run(args: string[]): Promise<number> {
  if (wantsHelp(args)) {
    process.stdout.write(`${helpText(command)}\n`);
    return 0;
  }
  const { flags } = parseCommand(command, args);
  checkFlags(flags);
  const { loadGivenModel } = require("./model-flags") as typeof import("./model-flags");
  const { warnOfRange } = require("./warn-of-range") as typeof import("./warn-of-range");
  const model = await loadGivenModel(flags);
  try {
    await warnOfRange(model, flags);
    const titles = titlesOf(model, flags);
    const result = await visualized(model, flags);
    try {
      await write(result.image, titles, model, flags);
      process.stdout.write(`${await report(model, result, titles, flags)}\n`);
    } finally {
      result.dispose();
    }
  } finally {
    model.dispose();
  }
  return 0;
}

/** @throws UsageError for flags that do not go together */
function checkFlags(flags: Flags): void {
  const hidden = flags.layer !== undefined || flags.channel !== undefined;
  if ((flags.target !== undefined) === hidden)
    throw new UsageError("Give either --target T, or --layer L and --channel C (npx vitrine visualize --help).");
  if (hidden && (flags.layer === undefined || flags.channel === undefined))
    throw new UsageError("--layer L and --channel C go together.");
  const misplaced = hidden ? forClasses.find((flag) => flags[flag] !== undefined && flags[flag] !== false) : undefined;
  if (misplaced) throw new UsageError(`--${misplaced} is for classes (--target), not for channels.`);
  const words = [
    ["step", ["normalized", "plain", "accumulated"]],
    ["penalty", ["squared", "norm"]],
  ] as const;
  for (const [flag, allowed] of words) {
    const word = flags[flag];
    if (word !== undefined && !(allowed as readonly string[]).includes(word))
      throw new UsageError(`--${flag} is "${word}"; allowed: ${allowed.join(", ")}.`);
  }
  for (const [flag, file, ending] of [
    ["out", flags.out, ".npy"],
    ["png", flags.png, ".png"],
  ] as const) {
    if (file !== undefined && !file.toLowerCase().endsWith(ending))
      throw new UsageError(`--${flag} is "${file}"; allowed: a file name that ends in ${ending}.`);
  }
}

async function visualized(model: VisionModel, flags: Flags): Promise<Visualization> {
  const { maximize, objectives, transforms } = require("../visualize") as typeof import("../visualize");
  const { readImages } = require("./read-images") as typeof import("./read-images");
  const initImage = flags.init === undefined ? undefined : await readImages(flags.init, model);
  try {
    const shared = { iterations: flags.iterations, seed: flags.seed, learningRate: flags["learning-rate"], initImage };
    if (flags.target === undefined) {
      const { layer, jitter } = flags;
      return await maximize(model, objectives.channel(layer!, channels(flags)), {
        ...shared,
        ...(jitter !== undefined && { transforms: [transforms.jitter(jitter)] }),
      });
    }
    const { visualizeInParts } = require("./visualize-in-parts") as typeof import("./visualize-in-parts");
    const asked = {
      model: flags.model,
      init: flags.init,
      iterations: flags.iterations ?? 100,
      snapshots: numbersOf(flags.snapshots),
      resume: flags.resume === true,
      out: flags.out,
    };
    const save = (image: tf.Tensor4D, iteration: number): Promise<void> =>
      write(image, titlesOf(model, flags), model, {
        out: numbered(flags.out, iteration),
        png: flags.png && numbered(flags.png, iteration),
      });
    return await visualizeInParts(model, targets(model, flags.target), asked, save, {
      ...shared,
      l2Regularization: flags["l2-regularization"],
      blurEvery: flags["blur-every"],
      jitter: flags.jitter,
      step: flags.step as RecipeStep,
      penalty: flags.penalty as Penalty,
    });
  } finally {
    initImage?.dispose();
  }
}

/** `dreams.npy` after 50 iterations: `dreams-50.npy`. */
const numbered = (file: string, iteration: number): string => file.replace(/(\.\w+)$/, `-${iteration}$1`);

function numbersOf(list: string | undefined): number[] {
  const numbers = list === undefined ? [] : list.split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
  return numbers.every((number) => Number.isInteger(number) && number >= 1)
    ? numbers
    : badInput({ what: "--snapshots", got: list, allowed: "numbers of iterations, with commas" });
}

function targets(model: VisionModel, text: string): number[] {
  const { readTarget } = require("./read-target") as typeof import("./read-target");
  const { resolveTarget } = require("../model/resolve-target") as typeof import("../model/resolve-target");
  const target = readTarget(text, model.classNames);
  return resolveTarget(target, model.classNames, Array.isArray(target) ? target.length : 1);
}

function channels({ channel }: Flags): number[] {
  const numbers = channel!.split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
  return numbers.every(Number.isInteger)
    ? numbers
    : badInput({ what: "--channel", got: channel, allowed: "a number, or several with commas" });
}

const titlesOf = (model: VisionModel, flags: Flags): string[] =>
  flags.target === undefined
    ? channels(flags).map((channel) => `${flags.layer} ${channel}`)
    : targets(model, flags.target).map((index) => `${model.classNames[index]} (${index})`);

/** Both files or none. */
async function write(
  image: tf.Tensor4D,
  titles: readonly string[],
  model: VisionModel,
  { out, png }: Pick<Flags, "out" | "png">,
): Promise<void> {
  const { encodeNpy } = require("../data/npy") as typeof import("../data/npy");
  const { writeTogether } = require("../core/files") as typeof import("../core/files");
  const files: { path: string; content: Uint8Array }[] = [
    {
      path: out,
      content: encodeNpy({ dtype: "float32", shape: image.shape, data: (await image.data()) as Float32Array }),
    },
  ];
  if (png !== undefined) {
    const { imageGrid } = require("../plot/image-grid") as typeof import("../plot/image-grid");
    const { renderPng } = require("../plot/render-png") as typeof import("../plot/render-png");
    files.push({
      path: png,
      content: await renderPng(await imageGrid(image, { titles, title: `what ${model.name} responds to` }), {
        scale: 2,
      }),
    });
  }
  await writeTogether(files);
}

async function report(
  model: VisionModel,
  { image, scores }: Visualization,
  titles: readonly string[],
  { target, out }: Flags,
): Promise<string> {
  const first = scores[0],
    last = scores[scores.length - 1];
  const wanted = target === undefined ? undefined : targets(model, target);
  const said = await probabilitiesOf(model, image, wanted);
  const lines = titles.map(
    (title, i) =>
      `image ${i}: ${title}, ${target === undefined ? "score" : "logit"} ${first[i].toPrecision(4)} → ${last[i].toPrecision(4)} before the last step${said[i]}`,
  );
  return [...lines, `${out}: float32 [${image.shape.join(", ")}]`].join("\n");
}

async function probabilitiesOf(
  model: VisionModel,
  image: tf.Tensor4D,
  targets: readonly number[] | undefined,
): Promise<string[]> {
  const count = image.shape[0];
  if (!targets) return new Array<string>(count).fill("");
  const all = await model.predict(image, { top: model.classNames.length });
  return targets.map(
    (index, i) => `, probability now ${all[i].find((entry) => entry.index === index)!.probability.toFixed(4)}`,
  );
}
