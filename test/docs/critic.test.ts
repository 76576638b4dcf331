import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

const root = join(__dirname, "../..");
const tableOf = (text: string, column: string): string | undefined =>
  text.split("\n\n").find((block) => block.startsWith("|  |") && block.includes(column));

describe("docs/critic.md", () => {
  const page = readFileSync(join(root, "docs/critic.md"), "utf8"),
    card = readFileSync(join(root, "models/critic/CARD.md"), "utf8");
  const table = tableOf(page, "SqueezeNet: p, right")!;
  const rows = new Map(
    table
      .split("\n")
      .slice(2)
      .map((row) => {
        const [name, ...cells] = row
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim());
        return [name, cells.map((cell) => cell.split(",").map(Number))] as const;
      }),
  );

  it("has the table that models/critic/measure.ts wrote", () => {
    expect(table).to.equal(tableOf(card, "SqueezeNet: p, right"));
  });

  it("says of the table what the table says", () => {
    const [none, first, heavy, variation] = ["none", "first critic, 30", "critic, 30", "total variation, 1e-3"].map(
      (name) => rows.get(name)!,
    );
    const [squeezeNet, googleNet, deit, firstCritic, critic, judge] = [0, 1, 2, 3, 4, 5];
    // Pleased, and nothing lost.
    expect(none[critic][0]).to.be.below(0.3);
    expect(heavy[critic][0]).to.be.above(0.7);
    expect(heavy[squeezeNet][0]).to.be.above(none[squeezeNet][0] - 0.05);
    // Fooled.
    expect(first[firstCritic][0]).to.be.above(0.9);
    for (const other of [critic, judge]) expect(first[other][0]).to.be.below(first[firstCritic][0] - 0.3);
    expect(heavy[judge][0]).to.be.within(0.5, heavy[critic][0]);
    // No transfer.
    for (const network of [googleNet, deit])
      for (const row of [heavy, variation]) expect(Math.abs(row[network][1] - none[network][1])).to.be.at.most(2);
  });
});
