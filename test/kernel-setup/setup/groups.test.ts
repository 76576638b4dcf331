import { expect } from "chai";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { load, root, withFolder } from "./load";

interface Group {
  name: string;
  files: string[];
  budget?: number;
  after?: string[];
}
interface Groups {
  testGroups(root: string, scope: string, part?: string): Group[];
  soakParts: Record<string, string>;
}

describe("groups of tests", () => {
  const testGroups = async (scope: string, part?: string, folder = root): Promise<Group[]> =>
    (await load<Groups>("testing/groups.mjs")).testGroups(folder, scope, part);
  const files = (groups: Group[]): string[] => groups.flatMap((group) => group.files);

  it("what a file's name says decides where it runs, and its folder with which others", async () => {
    const everyRun = ["unit", "default", "full"];
    const places: [string, string[], RegExp][] = [
      ["test/lib/attack/a.test.ts", everyRun, /^lib\b/],
      ["test/lib/attack/b.slow.test.ts", ["default", "full"], /^lib\b/],
      ["test/lib/attack/c.full.test.ts", ["full"], /^lib, long$/],
      ["test/lib/attack/d.browser.test.ts", ["default", "full"], /^browser$/],
      ["test/lib/attack/e.soak.test.ts", ["soak"], /^library$/],
      ["test/lib/backend/graph/rewriting/f.test.ts", everyRun, /^lib\b/],
      ["test/lib/data/g.test.ts", everyRun, /^lib\b/],
      ["test/kernel-setup/kernel/h.test.ts", ["default", "full"], /^kernel$/],
      ["test/kernel-setup/kernel/i.full.test.ts", ["full"], /^kernel, long$/],
      ["test/kernel-setup/grading/j.soak.test.ts", ["soak"], /^grading$/],
      ["test/kernel-setup/grading/sheet.soak.test.ts", ["soak"], /^sheets$/],
      ["test/notebooks/k.browser.test.ts", ["default", "full"], /^browser$/],
      ["test/notebooks/m.browser.full.test.ts", ["full"], /^browser$/],
      ["test/oracles/l.soak.test.ts", ["soak"], /^oracles$/],
    ];
    await withFolder(async (folder) => {
      for (const file of [...places.map(([each]) => each), "test/lib/helper.ts"]) {
        mkdirSync(join(folder, dirname(file)), { recursive: true });
        writeFileSync(join(folder, file), "");
      }
      const found = new Map<string, string[]>();
      for (const scope of ["unit", "default", "full", "soak"]) {
        for (const group of await testGroups(scope, undefined, folder)) {
          for (const file of group.files) {
            found.set(file, [...(found.get(file) ?? []), scope]);
            expect(group.name, file).to.match(
              places.find(([each]) => each === file)?.[2] ?? expect.fail(`${file} is no test`),
            );
          }
        }
      }
      expect(Object.fromEntries(found)).to.deep.equal(
        Object.fromEntries(places.map(([file, scopes]) => [file, scopes])),
      );
    });
  });

  it(
    "every test file of the project is in the full run or the soak run, once; the shorter runs have nothing of " +
      "their own",
    async () => {
      const { filesBelow } = await load<{ filesBelow(folder: string, wanted: (name: string) => boolean): string[] }>(
        "stamp.mjs",
      );
      const all = filesBelow(join(root, "test"), (name) => name.endsWith(".test.ts")).map((file) =>
        file.slice(root.length + 1).replaceAll("\\", "/"),
      );
      const [unit, standard, full, soak] = await Promise.all(
        ["unit", "default", "full", "soak"].map(async (scope) => files(await testGroups(scope))),
      );
      expect([...full, ...soak].sort()).to.deep.equal(all.sort());
      expect(full).to.include.members(standard);
      expect(standard).to.include.members(unit);
      for (const some of [unit, standard]) expect(new Set(some).size).to.equal(some.length);
    },
  );

  it("no file's name has a word that says nothing", async () => {
    for (const file of files([...(await testGroups("full")), ...(await testGroups("soak"))])) {
      expect(file).to.match(/^[^.]+(\.(slow|full|browser|soak)|\.browser\.full|\.browser\.soak)?\.test\.ts$/);
    }
  });

  it("every part of the soak run says what it is for, has tests, and can run alone", async () => {
    const { soakParts } = await load<Groups>("testing/groups.mjs");
    const soak = await testGroups("soak");
    expect(soak.map(({ name }) => name).sort()).to.deep.equal(Object.keys(soakParts).sort());
    for (const [part, purpose] of Object.entries(soakParts)) {
      expect(purpose).to.match(/^test\/\S+: .+/);
      expect(await testGroups("soak", part)).to.deep.equal(soak.filter(({ name }) => name === part));
    }
  });

  it("what shows executed sheets in a browser begins when they have been executed", async () => {
    const groups = await testGroups("full");
    expect(groups.find(({ name }) => name === "browser")?.after).to.include.members(["notebooks", "notebooks, long"]);
    const names = groups.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
  });
});
