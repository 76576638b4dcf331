import type { Attribution, AttributionOptions } from "../attribution/attribution";
import type { VisionModel } from "../model/vision-model";
import { helpText, numbersNote, parseCommand, UsageError, wantsHelp, type Command, type FlagValues } from "./args";
import { overlayOption, overlayWords, type Overlay } from "./drawn-overlay";
import type { AttributionFiles } from "./files";
import { optionValue, textFlag } from "./method-flags";
import { inputWords, modelFlag, ownModelFlags } from "./model-flags";

export const summary = "write which pixels a class depends on, by one of the attribution methods";

const ownFlags = {
  ...modelFlag,
  method: { type: "text", value: "NAME", required: true, help: "which method: saliency, integrated-gradients, …" },
  input: { type: "text", value: "FILE", help: `the images: ${inputWords} (default: none; or FILE… with --into)` },
  out: { type: "text", value: "OUT.npy", help: "the maps as an array, float32 NHWC, signed (default: not written)" },
  png: { type: "text", value: "OUT.png", help: "the maps as a picture, with or without --out (default: not written)" },
  overlay: textFlag(overlayOption, "WHERE"),
  into: {
    type: "text",
    value: "FOLDER",
    help: "of many images: a file of results for each; what is there already is passed over",
  },
  list: {
    type: "text",
    value: "LIST.txt",
    help: "with --into: a file that names the images, one a line, beside or instead of those given",
  },
  shard: {
    type: "text",
    value: "K/N",
    help: "with --into: only the K-th of N parts of the images, K from 1 to N (default: 1/1)",
  },
  pictures: { type: "switch", help: "with --into: also a PNG of each map, with the image where --overlay says" },
} satisfies Command["flags"];

export async function run(args: string[]): Promise<number> {
  const { attributionMethods } = require("../attribution/methods") as typeof import("../attribution/methods");
  const { attributionOptions } = require("../attribution/attribution") as typeof import("../attribution/attribution");
  const { knownMethod, methodFlags, methodOptions, targetFlag } =
    require("./method-flags") as typeof import("./method-flags");
  const command = {
    name: "explain",
    summary,
    flags: {
      ...ownFlags,
      target: targetFlag(attributionOptions.target),
      ...(methodFlags(attributionMethods) as object),
      ...ownModelFlags,
    },
    positionals: ["FILE...?"],
    notes: [`Methods: ${Object.keys(attributionMethods).join(", ")}.`, numbersNote],
    examples: [
      "explain --model squeezenet1_1 --method grad-cam --input snail.jpg --png snail-map.png --overlay both",
      "explain --model fashion-deep --method integrated-gradients --steps 100 --target Bag --input a.png --out bag.npy",
      "explain --model fashion-deep --method occlusion --window 4 --stride 2 --input a.png --out a.npy --png a-map.png",
      "explain --model squeezenet1_1 --method saliency --into maps --shard 3/100 photos/",
    ],
  } satisfies Command;
  if (wantsHelp(args)) {
    process.stdout.write(`${helpText(command)}\n`);
    return 0;
  }
  const { flags, positionals } = parseCommand(command, args);
  const method = knownMethod(attributionMethods, flags.method);
  const overlay = overlayOf(flags);
  const { batchSize, ...options } = methodOptions(attributionMethods, method, flags) as AttributionOptions;
  if (flags.into !== undefined)
    return runMany({ ...flags, into: flags.into }, positionals, options, { batchSize, overlay });
  const { input, out } = single(flags, positionals);
  for (const [flag, file, ending] of [
    ["out", out, ".npy"],
    ["png", flags.png, ".png"],
  ] as const) {
    if (file !== undefined && !file.toLowerCase().endsWith(ending))
      throw new UsageError(`--${flag} is "${file}"; allowed: a file name that ends in ${ending}.`);
  }

  const { withModelAndImages } = require("./files") as typeof import("./files");
  const { readTarget } = require("./files") as typeof import("./files");
  const { writeAttribution } = require("./files") as typeof import("./files");
  const said = await withModelAndImages(flags, input, async (model, images) => {
    const target = flags.target === undefined ? undefined : readTarget(flags.target, model.classNames);
    const attribution = await attributionMethods[method].explain(model, images, {
      ...options,
      target,
      batchSize,
    });
    try {
      await writeAttribution(attribution, images, model, { npy: out, png: flags.png, overlay });
      return await report(attribution, model, { npy: out, png: flags.png, overlay });
    } finally {
      attribution.dispose();
    }
  });
  process.stdout.write(`${said}\n`);
  return 0;
}

type Given = FlagValues<typeof ownFlags & typeof ownModelFlags> & { readonly target?: string };

/** @throws UsageError */
function overlayOf({ overlay, png, pictures }: Given): Overlay {
  if (overlay === undefined) return overlayOption.default;
  if (png === undefined && !pictures)
    throw new UsageError("--overlay is about a picture: give --png OUT.png, or --into FOLDER with --pictures.");
  return optionValue("overlay", overlayOption, overlay) as Overlay;
}

/** What belongs to one file of images. @throws UsageError */
function single(
  { input, out, png, list, shard, pictures }: Given,
  positionals: readonly string[],
): { input: string; out: string | undefined } {
  if (positionals.length > 0 || list !== undefined || shard !== undefined || pictures)
    throw new UsageError("Of many images --into FOLDER is missing (npx vitrine explain --help).");
  if (input === undefined)
    throw new UsageError("--input FILE is missing, or files and --into FOLDER (npx vitrine explain --help).");
  if (out === undefined && png === undefined)
    throw new UsageError("--out OUT.npy or --png OUT.png is missing, or both (npx vitrine explain --help).");
  return { input, out };
}

async function runMany(
  flags: Given & { into: string },
  positionals: readonly string[],
  options: AttributionOptions,
  { batchSize: given, overlay }: { batchSize: number | undefined; overlay: Overlay },
): Promise<number> {
  for (const flag of ["input", "out", "png"] as const)
    if (flags[flag] !== undefined)
      throw new UsageError(`--${flag} does not go with --into (npx vitrine explain --help).`);
  const { partOf, readShard } = require("./explain-many") as typeof import("./explain-many");
  const shard = readShard(flags.shard ?? "1/1");
  const { manyInputs } = require("./explain-many") as typeof import("./explain-many");
  const inputs = partOf(await manyInputs(positionals, flags.list), shard);
  const { keepSettings } = require("./explain-many") as typeof import("./explain-many");
  const { givenModelFlags, loadGivenModel, loadOptions } = require("./model-flags") as typeof import("./model-flags");
  const { warnOfRange } = require("./model-flags") as typeof import("./model-flags");
  // Before the folder is noted to be made with them.
  loadOptions(flags);
  const own = givenModelFlags(flags);
  await keepSettings(flags.into, {
    model: flags.model,
    ...(Object.keys(own).length > 0 && { modelFlags: own }),
    method: flags.method,
    options,
    target: flags.target ?? null,
  });
  const { attributionMethods } = require("../attribution/methods") as typeof import("../attribution/methods");
  const { defaultBatchSize } = require("../core/chunks") as typeof import("../core/chunks");
  const { explainMany } = require("./explain-many") as typeof import("./explain-many");
  const { readTarget } = require("./files") as typeof import("./files");
  const model = await loadGivenModel(flags);
  try {
    const target = flags.target === undefined ? undefined : readTarget(flags.target, model.classNames);
    if (Array.isArray(target))
      throw new UsageError(
        `--target is "${flags.target}"; allowed with --into: one class for all images, or none for the predicted ones.`,
      );
    const { written, skipped, failed } = await explainMany(model, inputs, {
      explain: attributionMethods[flags.method].explain,
      options: { ...options, target },
      into: flags.into,
      batchSize: given ?? defaultBatchSize(model),
      pictures: flags.pictures ? overlay : undefined,
      onFirst: (images) => warnOfRange(model, flags, images),
    });
    process.stdout.write(
      `shard ${shard.index}/${shard.count}: ${written} written, ${skipped} already there, ${failed.length} ` +
        `failed; ${flags.into}\n`,
    );
    return failed.length === 0 ? 0 : 1;
  } finally {
    model.dispose();
  }
}

async function report(
  { target, convergenceDelta, values }: Attribution,
  model: VisionModel,
  { npy, png, overlay }: AttributionFiles,
): Promise<string> {
  const deltas = await convergenceDelta?.data();
  const lines = target.map((index, i) => {
    const delta = deltas ? `, convergence delta ${deltas[i].toExponential(2)}` : "";
    return `image ${i}: target ${model.classNames[index]} (${index})${delta}`;
  });
  if (npy !== undefined) lines.push(`${npy}: float32 [${values.shape.join(", ")}]`);
  if (png !== undefined)
    lines.push(`${png}: ${target.length === 1 ? "the map" : "the maps"}, ${overlayWords[overlay]}`);
  return lines.join("\n");
}
