import { expect } from "chai";
import { load, root } from "./load";

interface Group { name: string; files: string[] }
interface Groups { testGroups(root: string, scope: string): Group[]; lanes(groups: Group[]): Group[][] }

describe("groups of tests", () => {
  it("a full run has every file once, the default run no long one, the unit run only the library's", async () => {
    const { testGroups } = await load<Groups>("testing/groups.mjs");
    const files = (scope: string): string[] => testGroups(root, scope).flatMap((group) => group.files);
    expect(new Set(files("full")).size).to.equal(files("full").length);
    expect(files("full")).to.include.members(["test/kernel-setup/setup/groups.test.ts", "test/kernel-setup/grading/sheet.full.test.ts"]);
    expect(files("default")).to.deep.equal(files("full").filter((file) => !file.endsWith(".full.test.ts")));
    for (const file of files("unit")) expect(file).to.match(/^test\/lib\//).and.not.match(/browser|full/);
  });

  it("no group is lost or run twice side by side; what executes sheets and what shows them takes turns", async () => {
    const { lanes, testGroups } = await load<Groups>("testing/groups.mjs");
    for (const scope of ["default", "full"]) {
      const groups = testGroups(root, scope), side = lanes(groups);
      expect(side).to.have.length(2);
      expect(side.flat().map(({ name }) => name).sort()).to.deep.equal(groups.map(({ name }) => name).sort());
      expect(side[1].map(({ name }) => name)).to.include.members(["browser", "notebooks"]);
      expect(side[0].map(({ name }) => name)).to.include.members(["lib", "kernel-setup"]);
    }
    expect(lanes([{ name: "lib", files: [] }])).to.have.length(1);
  });
});
