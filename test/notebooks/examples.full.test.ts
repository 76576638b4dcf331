import { expect } from "chai";
import { errorsOf, execute, missing, printed, type Notebook } from "./course";
import { examplePath } from "./examples";
import { everySheet } from "./sheet-harness";

interface Example {
  readonly name: string;
  readonly plots: number;
  /** How many claims the last cell checks. */
  readonly claims: number;
}

/** What a claim's line says, as numbers; percentages as they are printed. */
const numbersOf = (said: string, claim: RegExp): number[] => {
  const line =
    said.split("\n").find((each) => claim.test(each)) ?? expect.fail(`nothing said of ${claim} in:\n${said}`);
  return (line.match(/\d+(\.\d+)?/g) ?? []).map(Number);
};

function describeExample({ name, plots, claims }: Example, own: (said: () => string) => void): void {
  describe(`examples: ${name}, executed in the real kernel`, function () {
    this.timeout(900_000);
    let run: Notebook,
      seconds = 0;
    before(function () {
      if (missing()) this.skip();
      const start = Date.now();
      // Without the network, and without anybody's data.
      run = execute(examplePath(name), `example-${name}`, {
        allowErrors: true,
        env: { VITRINE_OFFLINE: "1", VITRINE_MIRROR: "" },
      });
      seconds = (Date.now() - start) / 1000;
    });
    everySheet(() => run, { sheet: name, plots, checks: {} });

    it("holds what it claims", () => {
      expect(errorsOf(run).map(({ evalue }) => evalue)).to.deep.equal([]);
      const lines = printed(run, "check")
        .split("\n")
        .filter((line) => line.startsWith("✓ "));
      expect(lines, lines.join("\n")).to.have.length(claims);
    });
    own(() => printed(run, "check"));

    it("shows nothing on stderr, and takes a minute at most on an idle machine", function () {
      const noise = run.cells.flatMap((cell) =>
        (cell.outputs ?? []).filter(({ output_type, name: stream }) => output_type === "stream" && stream === "stderr"),
      );
      expect(noise).to.deep.equal([]);
      if (this.test) this.test.title += ` (${seconds.toFixed(0)} s)`;
      expect(seconds).to.be.below(240);
    });
  });
}

describeExample({ name: "table", plots: 2, claims: 6 }, (said) => {
  it("occlusion of each fact is what the generator made it count for, and the moon counts for little", () => {
    for (const fact of ["temperature", "wind", "sky", "kind of day"])
      expect(numbersOf(said(), new RegExp(`occlusion of the ${fact}`))[0]).to.be.above(0.8);
    expect(numbersOf(said(), /the moon/)[0]).to.be.below(15);
  });
});

describeExample({ name: "series", plots: 1, claims: 5 }, (said) => {
  it("the maps find the segment where the class was drawn", () => {
    for (const method of ["integrated gradients", "occlusion"]) {
      const [share, hits] = numbersOf(said(), new RegExp(`^${method} +\\d+ %`));
      expect(hits, method).to.be.above(90);
      // The segment is 8 % of a signal's numbers.
      expect(share, method).to.be.above(33);
    }
  });
});

describeExample({ name: "text", plots: 2, claims: 3 }, (said) => {
  it("new words are known by their languages' endings", () => {
    expect(numbersOf(said(), /knows the language/)[0]).to.be.above(75);
    const [hits, words] = numbersOf(said(), /most important letter/);
    expect(hits).to.be.above(75);
    expect(words).to.be.above(50);
  });
});

describeExample({ name: "text-in-training", plots: 2, claims: 9 }, (said) => {
  it("held-out words are known by endings and letters of their own, less so words of another kind", () => {
    const [known] = numbersOf(said(), /knows the language/),
      [words, other] = numbersOf(said(), /words of another kind/);
    expect(known).to.be.above(65);
    expect(words).to.be.above(200);
    expect(other).to.be.within(35, known - 5);
    for (const claim of [/letters that only one language has/, /endings carry/]) {
      const [share, , chance] = numbersOf(said(), claim);
      expect(share, String(claim)).to.be.above(1.5 * chance);
    }
  });

  it("the integral over training finds letters that count, about as well as occlusion at the end", () => {
    const [byOcclusion, atRandom] = numbersOf(said(), /found by occlusion/),
      [byIntegral] = numbersOf(said(), /found by integrated over training/);
    expect(byOcclusion).to.be.below(50);
    expect(byIntegral).to.be.within(byOcclusion - 10, byOcclusion + 25);
    expect(atRandom).to.be.above(65);
  });
});

describeExample({ name: "several-inputs", plots: 3, claims: 6 }, (said) => {
  it("credit goes to the input that decides, in the picture to the scratch", () => {
    expect(numbersOf(said(), /scratched parts the picture/)[0]).to.be.above(75);
    expect(numbersOf(said(), /hot parts it gets/)[0]).to.be.below(35);
    expect(numbersOf(said(), /pixel that counts most/)[0]).to.be.above(90);
  });
});

describeExample({ name: "segmentation", plots: 4, claims: 7 }, (said) => {
  it("a map keeps to the object that its score is of", () => {
    for (const shape of ["disc", "square"])
      expect(numbersOf(said(), new RegExp(`asked about the ${shape}`))[0]).to.be.above(80);
    for (const shape of ["disc", "square"])
      expect(numbersOf(said(), new RegExp(`^✓ and \\d+ % near the ${shape}`))[0]).to.be.below(10);
  });
});
