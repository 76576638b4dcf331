import type { AttackResult } from "../attack/attack";
import type { VisionModel } from "../model/vision-model";
import { helpText, numbersNote, parseCommand, UsageError, wantsHelp, type Command } from "./args";
import { inputWords, modelFlag, ownModelFlags } from "./model-flags";

export const summary = "change images until a model takes them for something else";

const ownFlags = {
  ...modelFlag,
  method: { type: "text", value: "NAME", required: true, help: "which method: fgsm, fooling, deepfool, …" },
  input: {
    type: "text",
    value: "FILE",
    required: true,
    help: `the images: ${inputWords}`,
  },
  out: { type: "text", value: "OUT.npy", required: true, help: "the adversarial images, float32 NHWC in [0, 1]" },
  png: {
    type: "text",
    value: "OUT.png",
    help: "images, adversarial images and their difference, as a picture (default: not written)",
  },
} satisfies Command["flags"];

export async function run(args: string[]): Promise<number> {
  const { attackMethods } = require("../attack/methods") as typeof import("../attack/methods");
  const { attackOptions } = require("../attack/attack") as typeof import("../attack/attack");
  const { knownMethod, methodFlags, methodOptions, targetFlag } =
    require("./method-flags") as typeof import("./method-flags");
  const command = {
    name: "attack",
    summary,
    flags: {
      ...ownFlags,
      target: targetFlag(attackOptions.target),
      ...(methodFlags(attackMethods) as object),
      ...ownModelFlags,
    },
    notes: [
      `Methods: ${Object.keys(attackMethods).join(", ")}.`,
      "Sizes are in [0, 1], whatever the model takes.",
      numbersNote,
    ],
    examples: [
      "attack --model fashion-deep --method fgsm --epsilon 8/255 --input bag.png --out fooled.npy --png fooled.png",
      "attack --model squeezenet1_1 --method fooling --target stingray --input quail.jpg --out fooled.npy",
    ],
  } satisfies Command;
  if (wantsHelp(args)) {
    process.stdout.write(`${helpText(command)}\n`);
    return 0;
  }
  const { flags } = parseCommand(command, args);
  const method = knownMethod(attackMethods, flags.method);
  const options = methodOptions(attackMethods, method, flags);
  if (method === "fooling" && flags.target === undefined)
    throw new UsageError("fooling needs --target T, the class to reach.");
  for (const [flag, file, ending] of [
    ["out", flags.out, ".npy"],
    ["png", flags.png, ".png"],
  ] as const) {
    if (file !== undefined && !file.toLowerCase().endsWith(ending))
      throw new UsageError(`--${flag} is "${file}"; allowed: a file name that ends in ${ending}.`);
  }

  const { withModelAndImages } = require("./files") as typeof import("./files");
  const { readTarget } = require("./files") as typeof import("./files");
  const { writeAttack } = require("./files") as typeof import("./files");
  const said = await withModelAndImages(flags, flags.input, async (model, images) => {
    const target = flags.target === undefined ? undefined : readTarget(flags.target, model.classNames);
    const result = await attackMethods[method].attack(model, images, {
      ...options,
      target,
    });
    try {
      await writeAttack(result, images, model, flags.out, flags.png);
      return report(result, model, flags);
    } finally {
      result.dispose();
    }
  });
  process.stdout.write(`${said}\n`);
  return 0;
}

function report(
  { success, predictedBefore, predictedAfter, iterations, distance, norm, clipped }: AttackResult,
  { classNames }: VisionModel,
  { out, png }: { out: string; png?: string },
): string {
  const named = (index: number): string => `${classNames[index]} (${index})`;
  const lines = success.map(
    (fooled, i) =>
      `image ${i}: ${named(predictedBefore[i])} → ${named(predictedAfter[i])}, ` +
      `${fooled ? "fooled" : "not fooled"}; ${iterations[i]} step${iterations[i] === 1 ? "" : "s"}, ${norm} ` +
      `${Number(distance[i].toPrecision(4))}`,
  );
  lines.push(`${out}: float32 [${clipped.shape.join(", ")}]`);
  if (png !== undefined) lines.push(`${png}: the images before, after, and their difference`);
  return lines.join("\n");
}
