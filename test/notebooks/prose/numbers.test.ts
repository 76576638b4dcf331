import { readdirSync } from "node:fs";
import { expect } from "chai";
import type { Cell, Notebook } from "../../../kernel-setup/course/sheet/notebook";
import { proseFaults, proseOf, type Prose } from "./numbers";
import { printedNumber, printedRow } from "./printed";
import { quantitiesIn, says } from "./quantities";
import { sheets } from "../course";

const markdown = (id: string, source: string, answer = false): Cell => ({
  id,
  cell_type: "markdown",
  source,
  metadata: answer ? { nbgrader: { grade_id: id, grade: true, solution: true, locked: false, points: 2 } } : {},
});
const code = (id: string, source: string, text = ""): Cell => ({
  id,
  cell_type: "code",
  source,
  metadata: {},
  outputs: [{ output_type: "stream", name: "stdout", text }],
});
const sheet = (...cells: Cell[]): Notebook => ({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 });

const table = code(
  "boxes",
  "const fraction = 0.25, sigma = 0.15;",
  "gradient   0.53  0.89\n    mean 0.51, at least 0.5 for 3 of 6\nspread −1.25  12.4 %\n",
);
const none: Prose = { claims: {} };
const over = (run: Notebook): number => printedNumber(run, "boxes", /0\.5 for (\d) of/);
const faultsOf = (answer: string, prose = none): string[] =>
  proseFaults(sheet(table, markdown("answer", answer, true)), prose);

describe("notebooks: numbers in prose", () => {
  it("reads numbers as they are said: signs, thousands, ranges, bounds, about, words", () => {
    const read = quantitiesIn("0.58, −9 to 1,021 %, at most 0.0014, 0.98 and more, about 15, over 2, three of six", {
      spelledOut: true,
    });
    expect(read.map(({ value, to, is }) => [value, to, is])).to.deep.equal([
      [0.58, undefined, "equal"],
      [-9, 1021, "equal"],
      [0.0014, undefined, "most"],
      [0.98, undefined, "least"],
      [15, undefined, "about"],
      [2, undefined, "least"],
      [3, undefined, "equal"],
      [6, undefined, "equal"],
    ]);
    expect(quantitiesIn("fire9, conv2d_1, GPT-2x, v1.1.0").map(({ text }) => text)).to.deep.equal([]);
  });

  it("holds a value against a number to its last digit, against a range and bounds at their ends", () => {
    const [exact, range, most, least, about] = quantitiesIn(
      "0.58 and 11 to 21 and at most 0.5 and at least 4 and about 100",
    );
    expect([0.575, 0.584, 0.5, 0.59].map((value) => says(exact, value))).to.deep.equal([true, true, false, false]);
    expect([11, 20.9, 10, 22].map((value) => says(range, value))).to.deep.equal([true, true, false, false]);
    expect([says(most, 0.5), says(most, 0.6), says(least, 4), says(least, 3)]).to.deep.equal([
      true,
      false,
      true,
      false,
    ]);
    expect([85, 120, 70, NaN].map((value) => says(about, value))).to.deep.equal([true, true, false, false]);
  });

  it("a model answer that contradicts what the run printed fails, with both numbers", () => {
    const prose = (said: string): Prose => ({ claims: { answer: [{ says: said, of: (run) => [over(run), 6] }] } });
    expect(faultsOf("The gradient manages three of six.", prose("three of six"))).to.deep.equal([]);
    expect(faultsOf("The gradient manages two of six.", prose("two of six"))).to.deep.equal([
      "answer: “two of six”: two, and the run gives 3",
    ]);
    expect(faultsOf("Others stand here.", prose("three of six"))[0]).to.match(/does not stand there/);
  });

  it("a number of a model answer without a source fails, wherever it comes from", () => {
    expect(faultsOf("A mean of 0.51, with σ 0.15; the spread is 12 %.")).to.deep.equal([]);
    expect(faultsOf("A mean of 0.52."))
      .to.have.length(1)
      .and.to.match(/0\.52 has no source/);
    expect(faultsOf("The gradient manages 3 of them.")[0], "single digits are everywhere").to.match(/3 has no source/);
    expect(faultsOf("It manages two of six, after six steps.")).to.have.length(2);
    expect(
      faultsOf(
        "As section 3 says (1 point), see [that](https://x.y/12) and `f(77)`. **Rubric.** 1.5 points: a reason.",
      ),
    ).to.deep.equal([]);
    const later = sheet(markdown("answer", "A mean of 0.51.", true), table);
    expect(proseFaults(later, none), "printed only afterwards").to.have.length(1);
    const another = sheet(table, markdown("one", "Nothing.", true), markdown("answer", "A mean of 0.51.", true));
    expect(proseFaults(another, none), "printed for another question").to.have.length(1);
  });

  it("other text may say what stands in the code, counts, and declared settings", () => {
    const text = (words: string, settings = {}): string[] =>
      proseFaults(sheet(markdown("text", words), table), { claims: {}, settings });
    expect(text("Three inputs, 12 columns, σ 0.15.")).to.deep.equal([]);
    expect(text("All 150,528 values.")).to.have.length(1);
    expect(text("All 150,528 values.", { "150,528": "224 · 224 · 3" })).to.deep.equal([]);
    expect(text("All values.", { "150,528": "224 · 224 · 3" }), "a setting that is said no more").to.have.length(1);
  });

  it("reads tables that cells print, and says what is not there", () => {
    const run = sheet(table);
    expect(printedRow(run, "boxes", "spread")).to.deep.equal([-1.25, 12.4]);
    expect(() => printedRow(run, "boxes", "SmoothGrad")).to.throw("cell boxes printed no row SmoothGrad");
    const fault = faultsOf("It is 7.", {
      claims: { answer: [{ says: "It is 7", of: (each) => [printedNumber(each, "boxes", /no such (\d)/)] }] },
    });
    expect(fault[0]).to.match(/cannot be read from the run: cell boxes printed nothing like/);
  });

  it("declarations are of sheets that there are, and found by their names", () => {
    const declared = readdirSync(__dirname)
      .filter((file) => /^\d\d-.*\.ts$/.test(file))
      .map((file) => file.slice(0, -3));
    expect(sheets()).to.include.members(declared);
    expect(sheets().filter((name) => proseOf(name) !== undefined)).to.deep.equal(declared.sort());
  });
});
