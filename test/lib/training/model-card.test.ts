import { readFileSync } from "node:fs";
import * as path from "node:path";
import { expect } from "chai";
import { writeCardSection, writeModelCard, type ModelCard } from "../../../lib/training/model-card";
import { temporaryFolder } from "../data/helpers";

describe("model cards", () => {
  const folder = temporaryFolder();
  const card: ModelCard = {
    name: "tiny",
    description: "A network.",
    parameters: 1234,
    data: "ten pictures",
    settings: ["2 epochs", "seed 1"],
    time: "1 minute",
    classNames: ["ant", "bee"],
    evaluation: {
      accuracy: 0.75,
      loss: 0.5,
      confusion: [
        [3, 1],
        [1, 3],
      ],
    },
  };
  const text = (): string => readFileSync(path.join(folder(), "CARD.md"), "utf8");

  it("say what was measured, and only that", async () => {
    await writeModelCard(folder(), card);
    expect(text())
      .to.include("| Parameters | 1,234 |")
      .and.to.include("| Test accuracy | **75.00 %** |")
      .and.to.include("| ant | **3** | 1 | 75.00 % |")
      .and.to.include("Settings: 2 epochs, seed 1.");
    expect(text()).not.to.match(/per epoch|memory/);
    await writeModelCard(folder(), { ...card, timePerEpoch: "30 seconds", peakMemory: "1.2 GiB" });
    expect(text()).to.include(
      "| Training time | 1 minute |\n| Time per epoch | 30 seconds |\n| Peak memory | 1.2 GiB |\n| Licence",
    );
  });

  it("keep the sections of others when they are written again, each once and in its place", async () => {
    await writeModelCard(folder(), card);
    const alone = text();
    await writeCardSection(folder(), "Pairs", "first");
    await writeCardSection(folder(), "Grey", "grey");
    await writeCardSection(folder(), "Pairs", "| a |\n|---|\n| second |\n");
    await writeModelCard(folder(), { ...card, time: "2 minutes" });
    expect(text()).to.equal(
      `${alone.replace("1 minute", "2 minutes")}\n## Pairs\n\n| a |\n|---|\n| second |\n\n## Grey\n\ngrey\n`,
    );
  });
});
