import type * as tf from "@tensorflow/tfjs";
import { readEndings } from "../data/image-files";
import { badInput } from "../core/errors";
import type { VisionModel } from "../model/vision-model";
import type { ClassVisualizationOptions, MaximizeOptions, Visualization } from "../visualize";
import { helpText, numbersNote, parseCommand, UsageError, wantsHelp, type Command, type FlagValues } from "./args";
import { modelFlag, ownModelFlags } from "./model-flags";

export const summary = "make images that a class or a hidden channel responds to most";

const ownFlags = {
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
  channel: { type: "text", value: "C[,C…]", help: "a channel of the layer, or several; integers from 0" },
  out: { type: "text", value: "OUT.npy", required: true, help: "the images as an array, float32 NHWC in [0, 1]" },
  png: { type: "text", value: "OUT.png", help: "the images as a picture (default: not written)" },
  snapshots: {
    type: "text",
    value: "N[,N…]",
    help:
      "classes: also the images after so many iterations, as OUT-N.npy (and OUT-N.png); integers from 1 to " +
      "--iterations",
  },
  resume: { type: "switch", help: "classes: keep the state in OUT.state.npz, and go on from it where it is there" },
  init: {
    type: "text",
    value: "FILE",
    help: `begin with an image, or one for each target: ${readEndings} (default: noise)`,
  },
} satisfies Command["flags"];

type Flags = FlagValues<typeof ownFlags & typeof ownModelFlags>;
/** Options of either way, as given. */
type Options = Pick<MaximizeOptions, "optimizer"> & Omit<ClassVisualizationOptions, "from">;
type Ways = ReturnType<typeof waysOf>;

/** The two ways, with their options under the names that people know them by here. */
function waysOf() {
  const { visualizeMethods } = require("../visualize/methods") as typeof import("../visualize/methods");
  const { "class-visualization": classes, maximize } = visualizeMethods;
  // Channels are jittered too, by their transforms.
  return { classes, channels: { options: { ...maximize.options, jitter: classes.options.jitter } } };
}

export async function run(args: string[]): Promise<number> {
  const { methodFlags } = require("./method-flags") as typeof import("./method-flags");
  const ways = waysOf();
  const command = {
    name: "visualize",
    summary,
    flags: { ...ownFlags, ...methodFlags(ways), ...ownModelFlags } as typeof ownFlags & typeof ownModelFlags,
    notes: [
      "Give --target, or --layer and --channel. What is named twice gets two images, from different noise.",
      numbersNote,
    ],
    examples: [
      "visualize --model squeezenet1_1 --target snail,hay --iterations 200 --seed 1 --out dreams.npy --png dreams.png",
      "visualize --model squeezenet1_1 --layer fire5 --channel 3,27 --out channels.npy --png channels.png",
    ],
  } satisfies Command;
  if (wantsHelp(args)) {
    process.stdout.write(`${helpText(command)}\n`);
    return 0;
  }
  const { flags } = parseCommand(command, args);
  const options = checkedOptions(ways, flags);
  const { loadGivenModel } = require("./model-flags") as typeof import("./model-flags");
  const { warnOfRange } = require("./model-flags") as typeof import("./model-flags");
  const model = await loadGivenModel(flags);
  try {
    await warnOfRange(model, flags);
    const titles = titlesOf(model, flags);
    const told: string[] = [];
    const result = await visualized(model, flags, options, told);
    try {
      told.push(...(await write(result.image, titles, model, flags)));
      if (flags.resume) told.push(`${stateOf(flags.out)}: the state, to go on from`);
      process.stdout.write(`${[await report(model, result, titles, flags), ...told].join("\n")}\n`);
    } finally {
      result.dispose();
    }
  } finally {
    model.dispose();
  }
  return 0;
}

/** What was given of the options of one of the two ways. @throws UsageError for flags that do not go together */
function checkedOptions(ways: Ways, flags: Flags): Options {
  const hidden = flags.layer !== undefined || flags.channel !== undefined;
  if ((flags.target !== undefined) === hidden)
    throw new UsageError("Give either --target T, or --layer L and --channel C (npx vitrine visualize --help).");
  if (hidden && (flags.layer === undefined || flags.channel === undefined))
    throw new UsageError("--layer L and --channel C go together.");
  for (const flag of ["snapshots", "resume"] as const) {
    if (hidden && flags[flag] !== undefined && flags[flag] !== false)
      throw new UsageError(`--${flag} is for classes (--target), not for channels.`);
  }
  for (const [flag, file, ending] of [
    ["out", flags.out, ".npy"],
    ["png", flags.png, ".png"],
  ] as const) {
    if (file !== undefined && !file.toLowerCase().endsWith(ending))
      throw new UsageError(`--${flag} is "${file}"; allowed: a file name that ends in ${ending}.`);
  }
  const { methodOptions } = require("./method-flags") as typeof import("./method-flags");
  return methodOptions(ways, hidden ? "channels" : "classes", flags);
}

/** @param told a line for each file that was written on the way is added here */
async function visualized(model: VisionModel, flags: Flags, options: Options, told: string[]): Promise<Visualization> {
  const { maximize, objectives, transforms } = require("../visualize") as typeof import("../visualize");
  const { readImages } = require("./files") as typeof import("./files");
  const initImage = flags.init === undefined ? undefined : await readImages(flags.init, model);
  try {
    if (flags.target === undefined) {
      const { jitter, ...own } = options;
      return await maximize(model, objectives.channel(flags.layer!, channels(flags)), {
        ...own,
        initImage,
        ...(jitter !== undefined && { transforms: [transforms.jitter(jitter)] }),
      });
    }
    const { visualizeInParts } = require("./visualize-in-parts") as typeof import("./visualize-in-parts");
    const asked = {
      model: flags.model,
      init: flags.init,
      iterations: options.iterations ?? waysOf().classes.options.iterations.default,
      snapshots: numbersOf(flags.snapshots),
      resume: flags.resume === true,
      state: stateOf(flags.out),
    };
    const save = async (image: tf.Tensor4D, iteration: number): Promise<void> => {
      const files = { out: numbered(flags.out, iteration), png: flags.png && numbered(flags.png, iteration) };
      const lines = await write(image, titlesOf(model, flags), model, files);
      told.push(...lines.map((line) => `${line}, after ${iteration} iteration${iteration === 1 ? "" : "s"}`));
    };
    return await visualizeInParts(model, targets(model, flags.target), asked, save, { ...options, initImage });
  } finally {
    initImage?.dispose();
  }
}

/** Of `dreams.npy`: `dreams.state.npz`. */
const stateOf = (out: string): string => out.replace(/\.npy$/i, ".state.npz");

/** `dreams.npy` after 50 iterations: `dreams-50.npy`. */
const numbered = (file: string, iteration: number): string => file.replace(/(\.\w+)$/, `-${iteration}$1`);

function numbersOf(list: string | undefined): number[] {
  const numbers = list === undefined ? [] : list.split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
  return numbers.every((number) => Number.isInteger(number) && number >= 1)
    ? numbers
    : badInput({ what: "--snapshots", got: list, allowed: "numbers of iterations, with commas" });
}

function targets(model: VisionModel, text: string): number[] {
  const { readTarget } = require("./files") as typeof import("./files");
  const { resolveTarget } = require("../model/target") as typeof import("../model/target");
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

/** Both files or none. @returns a line for each */
async function write(
  image: tf.Tensor4D,
  titles: readonly string[],
  model: VisionModel,
  { out, png }: Pick<Flags, "out" | "png">,
): Promise<string[]> {
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
    const { renderPng } = require("../plot/show") as typeof import("../plot/show");
    files.push({
      path: png,
      content: await renderPng(await imageGrid(image, { titles, title: `what ${model.name} responds to` }), {
        scale: 2,
      }),
    });
  }
  await writeTogether(files);
  return [
    `${out}: float32 [${image.shape.join(", ")}]`,
    ...(png === undefined ? [] : [`${png}: the ${titles.length === 1 ? "image" : "images"}`]),
  ];
}

async function report(
  model: VisionModel,
  { image, scores }: Visualization,
  titles: readonly string[],
  { target }: Flags,
): Promise<string> {
  const first = scores[0],
    last = scores[scores.length - 1];
  const wanted = target === undefined ? undefined : targets(model, target);
  const said = await probabilitiesOf(model, image, wanted);
  const lines = titles.map(
    (title, i) =>
      `image ${i}: ${title}, ${target === undefined ? "score" : "logit"} ${first[i].toPrecision(4)} → ` +
      `${last[i].toPrecision(4)} before the last step${said[i]}`,
  );
  return lines.join("\n");
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
