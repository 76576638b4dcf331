import { predictOptions, type Prediction } from "../model/vision-model";
import { helpText, parseCommand, wantsHelp, type Command } from "./args";
import { numberFlag } from "./method-flags";
import { inputWords, modelFlag, ownModelFlags } from "./model-flags";

export const summary = "print the most probable classes of images";

const command = {
  name: "predict",
  summary,
  flags: {
    ...modelFlag,
    input: {
      type: "text",
      value: "FILE",
      required: true,
      help: `the images: ${inputWords}`,
    },
    top: numberFlag(predictOptions.top),
    json: {
      type: "switch",
      help:
        'print [{"top": [{"index", "name", "probability"}, …]}, …], one object per image; of a regression "value" ' +
        'in place of "probability"',
    },
    ...ownModelFlags,
  },
  examples: [
    "predict --model fashion-deep --input garment.png --top 3",
    "predict --model mine/model.json --preprocess mobilenet --classes names.txt --input photo.jpg --json",
  ],
} satisfies Command;

export async function run(args: string[]): Promise<number> {
  if (wantsHelp(args)) {
    process.stdout.write(`${helpText(command)}\n`);
    return 0;
  }
  const { flags } = parseCommand(command, args);
  const { withModelAndImages } = require("./files") as typeof import("./files");
  const predictions = await withModelAndImages(flags, flags.input, (model, images) =>
    model.predict(images, { top: flags.top }),
  );
  const stored = (top: readonly Prediction[]): object => ({
    top: top.map(({ index, name, probability, value }) => ({
      index,
      name,
      ...(isClass(probability) ? { probability } : { value }),
    })),
  });
  process.stdout.write(
    `${flags.json ? JSON.stringify(predictions.map(stored)) : predictions.map(forPeople).join("\n")}\n`,
  );
  return 0;
}

/** A regression's numbers have no probability. */
const isClass = (probability: number): boolean => !Number.isNaN(probability);

function forPeople(top: readonly Prediction[], image: number): string {
  const shown = ({ probability, value }: Prediction): string =>
    isClass(probability) ? `${(100 * probability).toFixed(2).padStart(7)} %` : value.toPrecision(6).padStart(12);
  const rows = top.map((each) => `${shown(each)}  ${each.name} (${each.index})`);
  return [`image ${image}`, ...rows].join("\n");
}
