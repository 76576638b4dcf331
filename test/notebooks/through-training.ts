import { expect } from "chai";
import { cellOf, printed, type Notebook } from "./course";
import type { SheetFacts } from "./sheet-harness";

export const facts: SheetFacts = {
  sheet: "05-attribution-through-training",
  plots: 16,
  checks: { "check-1": 4, "check-2": 4, "check-3": 5 },
};

/** The numbers in the first line of a printed table that begins with `name`. */
export function row(table: string, name: string, which = 0): number[] {
  const lines = table.split("\n").filter((line) => line.startsWith(name));
  return [
    ...(lines[which] ?? "")
      .slice(name.length)
      .replaceAll("−", "-")
      .matchAll(/-?\d+(?:\.\d+)?/g),
  ].map(([value]) => Number(value));
}
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** What sheet 5 prints and shows, whatever its pictures are. */
export function promises(run: () => Notebook): void {
  it("trained networks agree on where they look, random starts do not", () => {
    const table = printed(run(), "mean-maps"),
      random = row(table, "random starts"),
      trained = row(table, "trained networks");
    expect([random.length, trained.length]).to.deep.equal([4, 4]);
    expect(Math.abs(mean(random))).to.be.below(0.25);
    expect(mean(trained)).to.be.above(mean(random) + 0.15);
  });

  it("the film has a frame for every moment, weighs at most 5 MB, and its network learns", () => {
    const [, moments] = /(\d+) moments of \d+ minibatches/.exec(printed(run(), "film-record")) ?? [];
    const { data = {} } =
      (cellOf(run(), "film-show").outputs ?? []).find(({ data }) => data && "application/vnd.plotly.v1+json" in data) ??
      {};
    const film = data["application/vnd.plotly.v1+json"] as { frames: unknown[] };
    expect(film.frames).to.have.length(Number(moments));
    expect(JSON.stringify(film).length + String(data["image/png"]).length).to.be.below(5e6);
    const table = printed(run(), "film-moments"),
      learnt = row(table, "300 minibatches");
    expect(learnt[6], "accuracy").to.be.above(0.6);
    expect(mean(learnt.slice(0, 5))).to.be.above(mean(row(table, "before")) + 0.2);
  });

  it("the picture's edges are in the gradient image before training, and training does not put them there", () => {
    const table = printed(run(), "edges-all"),
      before = row(table, "gradient, random weights"),
      after = row(table, "gradient, fashion-deep");
    expect(before).to.have.length(4);
    before.forEach((value, i) => expect(value).to.be.above(after[i]));
    expect(mean(before)).to.be.above(0.1);
  });

  it("integrated gradients from black follow brightness, from the mean rather contrast", () => {
    const table = printed(run(), "integrals"),
      [fromBlack, fromMean] = ["IG from black", "IG from the mean"].map((name) => row(table, name));
    expect(fromBlack[0]).to.be.above(fromBlack[1]).and.above(fromMean[0]);
    expect(fromMean[1] - fromMean[0]).to.be.above(fromBlack[1] - fromBlack[0]);
    expect(row(table, "summed over training")).to.have.length(3);
  });

  it("training makes a network right, and training on FGSM images harder to fool", () => {
    const table = printed(run(), "adversaries"),
      after = [0, 1].map((which) => row(table, "after epoch 3", which));
    const [accuracy, , right] = row(table, "before training");
    expect(accuracy).to.be.below(50);
    expect(right).to.be.at.most(accuracy);
    for (const [trained] of after) expect(trained).to.be.above(60);
    expect(after[1][3], "unfooled at 0.05").to.be.above(after[0][3]);
  });
}
