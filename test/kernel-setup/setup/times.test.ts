import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load, withFolder } from "./load";

interface FileTimes {
  file: string;
  seconds: number;
  slowest: { title: string; seconds: number } | null;
}
interface GroupTimes {
  name: string;
  seconds: number;
  budget?: number | null;
  loading?: number | null;
  files: FileTimes[];
}
interface Times {
  writeTimes(root: string, run: { scope: string; seconds: number; groups: GroupTimes[] }): void;
  timeLines(groups: GroupTimes[]): string[];
}

const file = (name: string, seconds: number, slowest: FileTimes["slowest"] = null): FileTimes => ({
  file: name,
  seconds,
  slowest,
});

describe("where a run's time went", () => {
  it("test/output/times.json has the seconds of groups and files, longest first, with the slowest tests", async () => {
    const { writeTimes } = await load<Times>("testing/times.mjs");
    withFolder((folder) => {
      const groups: GroupTimes[] = [
        { name: "types", seconds: 12.34, budget: 60, files: [] },
        {
          name: "kernel",
          seconds: 100.06,
          loading: 1.26,
          files: [file("quick.test.ts", 1), file("long.test.ts", 90.04, { title: "it lasts", seconds: 80.02 })],
        },
      ];
      writeTimes(folder, { scope: "full", seconds: 112.44, groups });
      expect(JSON.parse(readFileSync(join(folder, "test/output/times.json"), "utf8"))).to.deep.equal({
        scope: "full",
        seconds: 112.4,
        groups: [
          {
            name: "kernel",
            seconds: 100.1,
            budget: null,
            loading: 1.3,
            files: [
              { file: "long.test.ts", seconds: 90, slowest: { title: "it lasts", seconds: 80 } },
              { file: "quick.test.ts", seconds: 1 },
            ],
          },
          { name: "types", seconds: 12.3, budget: 60, loading: null, files: [] },
        ],
      });
    });
  });

  it("the end of a run shows its twenty slowest files, with a test where one takes a second or more", async () => {
    const { timeLines } = await load<Times>("testing/times.mjs");
    const files = Array.from({ length: 24 }, (_, i) =>
      file(`f${i}.test.ts`, i, { title: `test ${i}`, seconds: i / 10 }),
    );
    const lines = timeLines([
      { name: "even", seconds: 1, files: files.filter((_, i) => i % 2 === 0) },
      { name: "odd", seconds: 1, files: files.filter((_, i) => i % 2 === 1) },
    ]);
    expect(lines).to.have.length(21);
    expect(lines[0]).to.equal("The 20 slowest files, in seconds:");
    expect(lines[1]).to.equal("   23.0  f23.test.ts  (2.3: test 23)");
    expect(lines[20]).to.equal("    4.0  f4.test.ts");
    expect(timeLines([{ name: "types", seconds: 5, budget: 60, files: [] }])).to.deep.equal([]);
  });

  it("a group that took longer than it may is named; one that did not, or has no budget, is not", async () => {
    const { timeLines } = await load<Times>("testing/times.mjs");
    const lines = timeLines([
      { name: "grading", seconds: 181.4, budget: 180, files: [] },
      { name: "kernel", seconds: 150, budget: 150, files: [] },
      { name: "bench", seconds: 500, files: [] },
    ]);
    expect(lines).to.have.length(1);
    expect(lines[0]).to.match(/^OVER BUDGET: grading took 181 s of 180/);
  });
});
