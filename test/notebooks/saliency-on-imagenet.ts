import { expect } from "chai";
import type { Context } from "mocha";
import { printed, type Notebook } from "./course";
import type { SheetFacts } from "./sheet-harness";

export const facts: SheetFacts = {
  sheet: "01-saliency",
  plots: 17,
  checks: { "check-1": 4, "check-2": 3, "check-3": 9 },
};
export const number = String.raw`(-?\d+\.\d+)`;
export const rows = (run: () => Notebook, cell: string, pattern: string): string[][] =>
  [...printed(run(), cell).matchAll(new RegExp(pattern, "gm"))].map((match) => match.slice(1));
const numbers = (run: () => Notebook, cell: string, pattern: string): number[][] =>
  rows(run, cell, pattern).map((row) => row.map(Number));

/** The numbers in a line of a printed table. */
const cells = (table: string, row: string): number[] => {
  const line = table.split("\n").find((each) => each.startsWith(row + " ")) ?? "";
  return line
    .slice(row.length)
    .replaceAll("−", "-")
    .split(/ {2,}/)
    .map((cell) => cell.replace("%", "").trim())
    .filter(Boolean)
    .map(Number);
};

const onSubstitutes = (run: () => Notebook): boolean => /SUBSTITUTES/.test(printed(run(), "setup"));

/** Skips a test, by name, that cannot do without the real photographs and networks. */
export function needsImagenet(context: Context, run: () => Notebook): void {
  if (!onSubstitutes(run)) return;
  if (context.test)
    context.test.title += " (skipped: ImageNet's photographs are neither cached, mirrored nor downloadable)";
  context.skip();
}

/** What holds whatever the photographs are. */
export function promises(run: () => Notebook): void {
  const photographs = (): number => (onSubstitutes(run) ? 3 : 11);

  it("says of every photograph what the network says", () => {
    expect(rows(run, "predictions", `^(.+?) +${number}  (right|WRONG, taken for .+)$`)).to.have.length(photographs());
  });

  it("says how tight each map is, the tightest first", () => {
    const shares = numbers(run, "tightness", `half of the map lies in +${number} % of the pixels`).flat();
    expect(shares).to.have.length(photographs());
    expect(shares).to.deep.equal([...shares].sort((a, b) => a - b));
    for (const share of shares) expect(share).to.be.within(1, 45);
  });

  it("shows by numbers what each of the four choices does", () => {
    const [largest, alike] = printed(run(), "score-choice").split("COSINE WITH THE LOGIT'S");
    const [logit, probability, log] = ["logit", "probability", "log-probability"].map((score) => cells(largest, score));
    logit.forEach((value, i) => expect(probability[i], "p(1 − p) and less").to.be.below(value));
    // Both are printed with two digits.
    probability.forEach((value, i) => expect(value, "p times the other").to.be.at.most(log[i] * 1.1));
    expect(cells(alike, "probability"), "the same picture").to.deep.equal(cells(alike, "log-probability"));
    for (const value of cells(printed(run(), "sign-choice"), "along the sign")) expect(value).to.be.above(1);
    for (const value of cells(printed(run(), "sign-choice"), "against it")) expect(value).to.be.below(-1);
    for (const value of cells(printed(run(), "colour-choice"), "length of the three"))
      expect(value).to.be.within(0.95, 1);
    for (const share of cells(printed(run(), "colour-choice"), "LEFT BY CANCELLING"))
      expect(share).to.be.within(30, 99);
    const [most, high] = ["largest value", "99th percentile"].map((row) => cells(printed(run(), "scale-choice"), row));
    most.forEach((value, i) => expect(value).to.be.above(high[i]));
  });

  it("more noise spreads the map", () => {
    const spread = numbers(run, "sigma", `^σ ${number}: half of the map lies in +${number} %`);
    expect(spread.map(([sigma]) => sigma)).to.deep.equal([0, 0.05, 0.15, 0.4]);
    expect(spread[3][1]).to.be.above(spread[0][1]);
  });

  it("covering what speaks for a class takes its probability away", () => {
    const before = numbers(run, "cover", `as it is +.+? ${number}, .+? ${number}`),
      without = numbers(run, "cover", `for the wrong class .+? ${number}, .+? ${number} +now: `);
    expect(before.length).to.be.above(0);
    expect(without).to.have.length(before.length);
    expect(without.filter(([wrong], i) => wrong < before[i][0]).length).to.be.at.least(onSubstitutes(run) ? 1 : 4);
  });

  it("the derivative promises more than a step along it brings, and pairs of patches do not add up", () => {
    for (const [promised, got] of numbers(run, "walk", `promises \\+${number}, the logit rises by ${number}`))
      expect(got).to.be.below(promised).and.above(0);
    const [[correlation]] = numbers(run, "pairs", `what the derivative says ${number}`);
    expect(correlation).to.be.within(-0.2, 0.9);
    const [[more, pairs, less]] = numbers(
      run,
      "pairs",
      String.raw`Pairs: (\d+) of (\d+) cost over 0\.5 more together than added up, (\d+) over 0\.5 less`,
    );
    expect(pairs).to.equal(30);
    expect(more + less).to.be.above(5);
  });

  it("scores boxes against those drawn by hand, and maps by their mass in them", () => {
    const [overlaps, mass] = printed(run(), "boxes-show").split("SHARE OF THE MASS INSIDE");
    const means = [...overlaps.matchAll(/mean (\d\.\d+), at least 0\.5 for \d of \d/g)].map(([, mean]) => Number(mean));
    expect(means).to.have.length(3);
    for (const mean of means) expect(mean).to.be.within(0.2, 0.95);
    const even = cells(mass, "if spread evenly");
    for (const method of ["gradient", "SmoothGrad", "Grad-CAM"]) {
      const inside = cells(mass, method);
      expect(inside).to.have.length(even.length);
      expect(inside.filter((share, i) => share > even[i]).length, method).to.be.at.least(even.length / 2);
    }
  });
}
