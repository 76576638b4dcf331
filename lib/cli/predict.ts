import { helpText, parseCommand, wantsHelp, type Command } from "./args";

export const summary = "print the most probable classes of images";

const command = {
  name: "predict",
  summary,
  flags: {
    model: { type: "text", value: "M", required: true, help: "name, path of a model.json or its folder, or URL" },
    input: { type: "text", value: "FILE", required: true, help: ".npy (NHWC or HWC; float32 in [0, 1] or uint8), .png or .jpg" },
    top: { type: "integer", least: 1, help: "how many classes (default: 5)" },
    json: { type: "switch", help: 'print [{"top": [{"index", "name", "probability"}, …]}, …], one object per image' },
  },
} satisfies Command;

export async function run(args: string[]): Promise<number> {
  if (wantsHelp(args)) {
    process.stdout.write(`${helpText(command)}\n`);
    return 0;
  }
  const { flags } = parseCommand(command, args);
  const { loadModel } = await import("../model/load-model");
  const { readImages } = await import("./read-images");
  const model = await loadModel(flags.model);
  const images = await readImages(flags.input, model);
  try {
    const predictions = await model.predict(images, { top: flags.top });
    const text = flags.json
      ? JSON.stringify(predictions.map((top) => ({ top })))
      : predictions.map((top, i) => [`image ${i}`, ...top.map(({ index, name, probability }) =>
        `${(100 * probability).toFixed(2).padStart(7)} %  ${name} (${index})`)].join("\n")).join("\n");
    process.stdout.write(`${text}\n`);
    return 0;
  } finally {
    images.dispose();
    model.dispose();
  }
}
