import type { Attribution } from "../attribution/attribution";
import type { VisionModel } from "../model/vision-model";
import { helpText, parseCommand, UsageError, wantsHelp, type Command } from "./args";

export const summary = "write which pixels a class depends on, by one of the attribution methods";

const ownFlags = {
  model: { type: "text", value: "M", required: true, help: "name, path of a model.json or its folder, or URL" },
  method: { type: "text", value: "NAME", required: true, help: "saliency, integrated-gradients, …" },
  input: { type: "text", value: "FILE", required: true, help: ".npy (NHWC or HWC; float32 in [0, 1] or uint8), .png or .jpg" },
  out: { type: "text", value: "OUT.npy", required: true, help: "float32 NHWC, signed" },
  target: { type: "text", value: "T", help: "class index or name, or one per image with commas (default: the predicted class)" },
  png: { type: "text", value: "OUT.png", help: "the maps beside the images, as a picture" },
  "batch-size": { type: "integer", least: 1, help: "most images in one pass: bounds memory (default: 32, more of images below 224×224)" },
} satisfies Command["flags"];

export async function run(args: string[]): Promise<number> {
  const { attributionMethods } = require("../attribution/methods") as typeof import("../attribution/methods");
  const { knownMethod, methodFlags, methodOptions } = require("./method-flags") as typeof import("./method-flags");
  const command = {
    name: "explain", summary, flags: { ...ownFlags, ...methodFlags(attributionMethods) } as typeof ownFlags,
    notes: [`Methods: ${Object.keys(attributionMethods).join(", ")}.`],
  };
  if (wantsHelp(args)) {
    process.stdout.write(`${helpText(command)}\n`);
    return 0;
  }
  const { flags } = parseCommand(command, args);
  const method = knownMethod(attributionMethods, flags.method);
  const options = methodOptions(attributionMethods, method, flags);
  for (const [flag, file, ending] of [["out", flags.out, ".npy"], ["png", flags.png, ".png"]] as const) {
    if (file !== undefined && !file.toLowerCase().endsWith(ending)) throw new UsageError(`--${flag} is "${file}"; allowed: a file name that ends in ${ending}.`);
  }

  const { withModelAndImages } = require("./read-images") as typeof import("./read-images");
  const { readTarget } = require("./read-target") as typeof import("./read-target");
  const { writeAttribution } = require("./write-attribution") as typeof import("./write-attribution");
  const said = await withModelAndImages(flags.model, flags.input, async (model, images) => {
    const target = flags.target === undefined ? undefined : readTarget(flags.target, model.classNames);
    const attribution = await attributionMethods[method].explain(model, images, { ...options, target, batchSize: flags["batch-size"] });
    try {
      await writeAttribution(attribution, images, model, flags.out, flags.png);
      return await report(attribution, model, flags.out);
    } finally {
      attribution.dispose();
    }
  });
  process.stdout.write(`${said}\n`);
  return 0;
}

async function report({ target, convergenceDelta, values }: Attribution, model: VisionModel, file: string): Promise<string> {
  const deltas = await convergenceDelta?.data();
  const lines = target.map((index, i) =>
    `image ${i}: target ${model.classNames[index]} (${index})${deltas ? `, convergence delta ${deltas[i].toExponential(2)}` : ""}`);
  return [...lines, `${file}: float32 [${values.shape.join(", ")}]`].join("\n");
}
