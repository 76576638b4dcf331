// How good a trained network is, and the card that says so beside its weights.
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { writeAtomically } from "../core/files";
import * as tf from "@tensorflow/tfjs";
import { checkpoint } from "../runtime/host";
import type { LabelledPixels } from "./recording/training-data";
import { sizeOf } from "../core/chunks";

export interface ModelCard {
  /** The name `loadModel` takes. */
  name: string;
  /** What the network is, in a paragraph. */
  description: string;
  parameters: number;
  /** Which data, how many pictures, and their licence. */
  data: string;
  /** One line per setting: `epochs: 22`. */
  settings: readonly string[];
  /** How long training took, on which processor. */
  time: string;
  timePerEpoch?: string;
  /** Most memory that the training process held. */
  peakMemory?: string;
  classNames: readonly string[];
  evaluation: Evaluation;
  /** Further paragraphs: what the weights were rounded to, what to mind. */
  notes?: readonly string[];
}

/**
 * Writes `CARD.md`: what a model is, how it was trained, how right it is and where it errs. Sections that {@link
 * writeCardSection} wrote stay.
 */
export async function writeModelCard(folder: string, card: ModelCard): Promise<void> {
  const { evaluation, classNames } = card;
  const row = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
  const perClass = evaluation.confusion.map(
    (counts, label) =>
      counts[label] /
      Math.max(
        1,
        counts.reduce((a, b) => a + b, 0),
      ),
  );
  const measured = [
    card.timePerEpoch ? `| Time per epoch | ${card.timePerEpoch} |\n` : "",
    card.peakMemory ? `| Peak memory | ${card.peakMemory} |\n` : "",
  ];
  const confusion = evaluation.confusion.map((counts, label) => {
    const cells = counts.map((count, guess) => (guess === label ? `**${count}**` : count));
    return row([classNames[label], ...cells, percent(perClass[label])]);
  });
  const text = `# ${card.name}

${card.description}

| | |
|---|---|
| Parameters | ${card.parameters.toLocaleString("en-US")} |
| Data | ${card.data} |
| Test accuracy | **${percent(evaluation.accuracy)}** |
| Test loss | ${evaluation.loss.toFixed(3)} nats |
| Training time | ${card.time} |
${measured.join("")}| Licence of the weights | MIT, as the rest of Vitrine |

Settings: ${card.settings.join(", ")}.
${(card.notes ?? []).map((note) => `\n${note}\n`).join("")}
## ${confusionTitle}

Rows: what the picture is. Columns: what the network says. Last column: share of the row that is right.

${row(["", ...classNames, "right"])}
${row(["---", ...classNames.map(() => "---:"), "---:"])}
${confusion.join("\n")}

Written by \`train.ts\` beside it; trained again by \`npx tsx models/${card.name}/train.ts\`.
`;
  const further = (await sectionsOf(folder)).filter(({ title }) => title !== "" && title !== confusionTitle);
  await writeSections(folder, [{ title: "", text: text.trimEnd() }, ...further]);
}

/**
 * Writes one section of a `CARD.md` that is there, over what it said before, or at the end.
 * @param text Markdown without headings of the second level
 */
export async function writeCardSection(folder: string, title: string, text: string): Promise<void> {
  const sections = await sectionsOf(folder),
    at = sections.findIndex((each) => each.title === title);
  sections.splice(at < 0 ? sections.length : at, 1, { title, text: `## ${title}\n\n${text.trim()}` });
  await writeSections(folder, sections);
}

interface Section {
  title: string;
  text: string;
}

const confusionTitle = "Confusion on the test set";
const cardIn = (folder: string): string => path.join(folder, "CARD.md");

/** The head of the card, without a title, is the first. */
async function sectionsOf(folder: string): Promise<Section[]> {
  const text = await readFile(cardIn(folder), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    return "";
  });
  return text
    .split(/^(?=## )/m)
    .map((section) => ({ title: /^## (.*)/.exec(section)?.[1] ?? "", text: section.trimEnd() }));
}

async function writeSections(folder: string, sections: readonly Section[]): Promise<void> {
  await writeAtomically(cardIn(folder), `${sections.map(({ text }) => text).join("\n\n")}\n`);
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

export interface Evaluation {
  /** Share of pictures whose most probable class is the label, 0 to 1. */
  readonly accuracy: number;
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  /** How often a picture of the row's class was taken for the column's. */
  readonly confusion: readonly (readonly number[])[];
}

/** Accuracy, loss and confusion of a classifier that ends in a softmax. */
export async function evaluate(
  model: tf.LayersModel,
  data: LabelledPixels<readonly number[]>,
  options: { batchSize?: number; signal?: AbortSignal } = {},
): Promise<Evaluation> {
  const { batchSize = 500, signal } = options;
  const classes = (model.outputs[0].shape as number[])[1];
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const size = sizeOf(data.shape);
  let loss = 0,
    right = 0;
  for (let start = 0; start < data.labels.length; start += batchSize) {
    await checkpoint(signal);
    const count = Math.min(batchSize, data.labels.length - start);
    const scores = tf.tidy(
      () =>
        model.apply(tf.tensor(data.pixels.subarray(start * size, (start + count) * size), [count, ...data.shape]), {
          training: false,
        }) as tf.Tensor,
    );
    const values = await scores.data();
    scores.dispose();
    for (let i = 0; i < count; i++) {
      const row = values.subarray(i * classes, (i + 1) * classes),
        label = data.labels[start + i];
      const guess = row.indexOf(Math.max(...row));
      confusion[label][guess]++;
      if (guess === label) right++;
      loss -= Math.log(Math.max(row[label], 1e-12));
    }
  }
  return { accuracy: right / data.labels.length, loss: loss / data.labels.length, confusion };
}
