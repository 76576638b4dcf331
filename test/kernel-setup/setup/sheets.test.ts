import { expect } from "chai";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { load, withFolder } from "./load";

interface Sheet {
  name: string;
  path: string;
}
interface Sheets {
  copyOnce(from: string, to: string): string[];
  sheetsIn(folder: string): Sheet[];
  chooseSheets(sheets: Sheet[], names: string[]): Sheet[];
}

describe("the student's own copy of the sheets", () => {
  const released = (folder: string): { release: string; work: string; file: (name: string) => string } => {
    const release = join(folder, "release"),
      work = join(folder, "work");
    mkdirSync(join(release, "one", "pictures"), { recursive: true });
    writeFileSync(join(release, "one", "one.ipynb"), "first edition");
    writeFileSync(join(release, "one", "pictures", "cat.png"), "cat");
    return { release, work, file: (name) => join(work, "one", name) };
  };

  it("is made once and never overwritten", async () => {
    const { copyOnce } = await load<Sheets>("sheets.mjs");
    withFolder((folder) => {
      const { release, work, file } = released(folder);
      expect(copyOnce(release, work).sort()).to.deep.equal([
        join("one", "one.ipynb"),
        join("one", "pictures", "cat.png"),
      ]);
      writeFileSync(file("one.ipynb"), "my answers");
      writeFileSync(join(release, "one", "one.ipynb"), "second edition");
      expect(copyOnce(release, work)).to.deep.equal([]);
      expect(readFileSync(file("one.ipynb"), "utf8")).to.equal("my answers");
    });
  });

  it("gains what is released later, and a fresh sheet where one was deleted", async () => {
    const { copyOnce } = await load<Sheets>("sheets.mjs");
    withFolder((folder) => {
      const { release, work, file } = released(folder);
      copyOnce(release, work);
      rmSync(file("one.ipynb"));
      mkdirSync(join(release, "two"));
      writeFileSync(join(release, "two", "two.ipynb"), "new");
      expect(copyOnce(release, work).sort()).to.deep.equal([join("one", "one.ipynb"), join("two", "two.ipynb")]);
    });
  });

  it("is an empty folder as long as nothing is released", async () => {
    const { copyOnce } = await load<Sheets>("sheets.mjs");
    withFolder((folder) => expect(copyOnce(join(folder, "none"), join(folder, "work"))).to.deep.equal([]));
  });
});

describe("which sheets are executed", () => {
  it("all, or those named, with or without the ending; never a checkpoint", async () => {
    const { chooseSheets, sheetsIn } = await load<Sheets>("sheets.mjs");
    withFolder((folder) => {
      for (const name of ["02-b", "01-a"]) {
        mkdirSync(join(folder, name, ".ipynb_checkpoints"), { recursive: true });
        writeFileSync(join(folder, name, `${name}.ipynb`), "");
        writeFileSync(join(folder, name, ".ipynb_checkpoints", `${name}-checkpoint.ipynb`), "");
      }
      const sheets = sheetsIn(folder);
      const names = (chosen: Sheet[]): string[] => chosen.map(({ name }) => name);
      expect(names(chooseSheets(sheets, []))).to.deep.equal(["01-a", "02-b"]);
      expect(names(chooseSheets(sheets, ["02-b.ipynb"]))).to.deep.equal(["02-b"]);
      expect(() => chooseSheets(sheets, ["03-c"])).to.throw("There is no sheet 03-c; there are: 01-a, 02-b.");
      expect(names(chooseSheets(sheets, ["2", "a"]))).to.deep.equal(["01-a", "02-b"]);
      expect(() => chooseSheets(sheets, ["3"])).to.throw("There is no sheet 3; there are: 01-a, 02-b.");
    });
  });
});
