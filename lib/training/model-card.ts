import * as path from "node:path";
import { writeAtomically } from "../data/write-atomically";
import type { Evaluation } from "./evaluate";

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
  /** Seconds of training, on which processor. */
  time: string;
  classNames: readonly string[];
  evaluation: Evaluation;
  /** Further paragraphs: what the weights were rounded to, what to mind. */
  notes?: readonly string[];
}

/** Writes `CARD.md`: what a model is, how it was trained, how right it is and where it errs. */
export async function writeModelCard(folder: string, card: ModelCard): Promise<void> {
  const { evaluation, classNames } = card;
  const row = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
  const perClass = evaluation.confusion.map((counts, label) => counts[label] / Math.max(1, counts.reduce((a, b) => a + b, 0)));
  const text = `# ${card.name}

${card.description}

| | |
|---|---|
| Parameters | ${card.parameters.toLocaleString("en-US")} |
| Data | ${card.data} |
| Test accuracy | **${percent(evaluation.accuracy)}** |
| Test loss | ${evaluation.loss.toFixed(3)} nats |
| Training time | ${card.time} |
| Licence of the weights | MIT, as the rest of Vitrine |

Settings: ${card.settings.join(", ")}.
${(card.notes ?? []).map((note) => `\n${note}\n`).join("")}
## Confusion on the test set

Rows: what the picture is. Columns: what the network says. Last column: share of the row that is right.

${row(["", ...classNames, "right"])}
${row(["---", ...classNames.map(() => "---:"), "---:"])}
${evaluation.confusion.map((counts, label) => row([classNames[label], ...counts.map((count, guess) => (guess === label ? `**${count}**` : count)), percent(perClass[label])])).join("\n")}

Written by \`train.ts\` beside it; trained again by \`npx tsx models/${card.name}/train.ts\`.
`;
  await writeAtomically(path.join(folder, "CARD.md"), text);
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
