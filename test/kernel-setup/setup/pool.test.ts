import { expect } from "chai";
import { load } from "./load";

interface Group {
  name: string;
  files: string[];
  budget?: number;
  after?: string[];
}
interface Pool {
  runInPool<T>(groups: Group[], workers: number, run: (group: Group) => Promise<T>): Promise<T[]>;
}

const group = (name: string, budget?: number, after?: string[]): Group => ({ name, files: [], budget, after });

describe("groups of tests side by side", () => {
  /**
   * Runs them; each ends when those that can begin have begun, the oldest first. What happened, in order: "+name"
   * began, "-name" ended.
   */
  async function events(groups: Group[], workers: number): Promise<string[]> {
    const { runInPool } = await load<Pool>("testing/pool.mjs");
    const said: string[] = [];
    const results = await runInPool(groups, workers, async ({ name }) => {
      said.push(`+${name}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
      said.push(`-${name}`);
      return name;
    });
    expect(results).to.deep.equal(said.filter((each) => each.startsWith("-")).map((each) => each.slice(1)));
    return said;
  }
  const most = (said: string[]): number => {
    let running = 0,
      highest = 0;
    for (const each of said) highest = Math.max(highest, (running += each.startsWith("+") ? 1 : -1));
    return highest;
  };

  it("as many at a time as there are workers, never more, and each once", async () => {
    const names = ["a", "b", "c", "d", "e"];
    for (const workers of [1, 2, 3]) {
      const said = await events(
        names.map((name) => group(name)),
        workers,
      );
      expect(said.filter((each) => each.startsWith("+")).map((each) => each.slice(1))).to.deep.equal(names);
      expect(most(said)).to.equal(workers);
    }
  });

  it("the largest budget first; those without one last", async () => {
    expect(await events([group("none"), group("small", 10), group("large", 100)], 1)).to.deep.equal([
      "+large",
      "-large",
      "+small",
      "-small",
      "+none",
      "-none",
    ]);
  });

  it("what reads others' work begins when they are done, however large it is; others go on meanwhile", async () => {
    const said = await events(
      [
        group("reads", 100, ["first", "second", "not in this run"]),
        group("first", 10),
        group("second", 5),
        group("other", 1),
      ],
      2,
    );
    expect(said.indexOf("+reads")).to.be.above(Math.max(said.indexOf("-first"), said.indexOf("-second")));
    expect(said.indexOf("+other")).to.be.below(said.indexOf("+reads"));
    expect(most(said)).to.equal(2);
  });

  it("groups that wait for each other are refused by name", async () => {
    const error = await events([group("a", 1, ["b"]), group("b", 1, ["a"]), group("c")], 2).then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).to.match(/wait for each other: a, b$/);
  });
});
