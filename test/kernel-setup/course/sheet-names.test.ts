import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { sheetsMeant } from "../../../kernel-setup/course/sheet/sheet-names.cjs";
import { openStudentSheet, sheetList, type SheetFolders } from "../../../kernel-setup/course/sheet/student-sheet";
import { knownSheet, courseAt } from "../../../kernel-setup/grading/class/course";
import { openCourse, sheetOf } from "../../../kernel-setup/grading/sheet/course";
import { notebooks, sheets } from "../../notebooks/course";
import { vitrineHere } from "../../lib/cli/run-cli";

const names = ["00-warm-up", "01-saliency", "02-adversarial", "04-fashion-mnist-occlusion", "10-more-saliency"];

describe("which sheet is meant", () => {
  it("by name, number, title, or a part of it that one sheet alone has", () => {
    for (const [word, ...meant] of [
      ["00-warm-up", "00-warm-up"],
      ["00-warm-up.ipynb", "00-warm-up"],
      ["0", "00-warm-up"],
      ["00", "00-warm-up"],
      ["Warm-Up", "00-warm-up"],
      ["warm", "00-warm-up"],
      ["1", "01-saliency"],
      ["10", "10-more-saliency"],
      ["4-fashion-mnist-occlusion", "04-fashion-mnist-occlusion"],
      ["04-fashion", "04-fashion-mnist-occlusion"],
      ["occlusion", "04-fashion-mnist-occlusion"],
      // The whole title goes before a part of another one.
      ["saliency", "01-saliency"],
      ["a", "02-adversarial"],
      ["liency", "01-saliency", "10-more-saliency"],
      ["3"],
      ["100"],
      ["nothing"],
      ["-"],
      [""],
    ])
      expect(sheetsMeant(word, names), word).to.deep.equal(meant);
  });

  it("in the commands of those who grade and write sheets", () => {
    for (const word of ["0", "00", "warm-up", "00-warm-up"]) {
      expect(knownSheet(courseAt(notebooks), word), word).to.equal("00-warm-up");
      expect(sheetOf(openCourse(notebooks), word).name, word).to.equal("00-warm-up");
    }
    expect(() => knownSheet(courseAt(notebooks), "77")).to.throw(
      `SHEET is "77"; allowed: ${sheets().join(", ")}; a name, its number, or the words after it.`,
    );
  });
});

describe("which sheet a student means", () => {
  let folder: string, at: SheetFolders, before: string;
  beforeEach(() => {
    before = process.cwd();
    folder = mkdtempSync(join(tmpdir(), "vitrine-names-test-"));
    at = { work: join(folder, "work"), release: join(folder, "release") };
    for (const name of ["00-warm-up", "01-saliency"])
      cpSync(join(notebooks, "release", name), join(at.release, name), { recursive: true });
    mkdirSync(at.work);
    process.chdir(folder);
  });
  afterEach(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  });
  const copy = (name: string): void => cpSync(join(at.release, name), join(at.work, name), { recursive: true });

  it("by number, title and name", () => {
    copy("00-warm-up");
    copy("01-saliency");
    for (const word of ["0", "00", "warm-up", "00-warm-up"]) {
      const { name, file } = openStudentSheet(word, at);
      expect([name, file], word).to.deep.equal(["00-warm-up", join(at.work, "00-warm-up", "00-warm-up.ipynb")]);
    }
  });

  it("one that is not copied yet, or none, is told with what to do", () => {
    copy("00-warm-up");
    expect(() => openStudentSheet("1", at)).to.throw(/the sheet is "1"; .* npm start copies 01-saliency there\.$/);
    expect(() => openStudentSheet("sal.ipynb", at)).to.throw(/No file is there\. Sheets: 00-warm-up, 01-saliency\.$/);
    expect(() => openStudentSheet("saliencia", at)).to.throw(/Did you mean 01-saliency\?$/);
    expect(() => openStudentSheet("7", at)).to.throw(
      'the sheet is "7"; allowed: 00-warm-up, 01-saliency; a name, its number, or the words after it.',
    );
  });

  it("without a word the sheets are listed, with what they are called and what is not copied", () => {
    expect(sheetList("check", at)?.split("\n")).to.deep.equal([
      "Which sheet? For instance: npx vitrine check 0",
      "* 00-warm-up   0 · Warm-up: tensors, shapes and gradients",
      "* 01-saliency  1 · What does the network look at? Saliency on ImageNet",
      "* not in notebooks/work yet: npm start copies it there",
    ]);
    copy("00-warm-up");
    copy("01-saliency");
    expect(sheetList("submit", at)?.split("\n")[1]).to.equal(
      "  00-warm-up   0 · Warm-up: tensors, shapes and gradients",
    );
  });

  it("but not where one notebook alone can be meant", () => {
    copy("01-saliency");
    expect(sheetList("check", at)).to.equal(undefined);
    expect(openStudentSheet(undefined, at).name).to.equal("01-saliency");
    copy("00-warm-up");
    cpSync(join(at.work, "00-warm-up", "00-warm-up.ipynb"), join(folder, "mine.ipynb"));
    expect(sheetList("check", at)).to.equal(undefined);
    expect(openStudentSheet(undefined, at).name).to.equal("00-warm-up");
  });

  it("check and submit take it so, and list sheets with exit status 2", async () => {
    writeFileSync(join(folder, "one.ipynb"), "");
    writeFileSync(join(folder, "two.ipynb"), "");
    const several = await vitrineHere("check");
    expect([several.status, several.stderr]).to.deep.equal([
      1,
      `vitrine: the notebook is "${process.cwd()}"; allowed: a notebook, or a folder with one notebook in it. It has ` +
        "one.ipynb, two.ipynb.\n",
    ]);
    for (const command of ["check", "submit"]) {
      const { stderr, status } = await vitrineHere(command, "99");
      expect([status, stderr.split(";")[0]]).to.deep.equal([1, 'vitrine: the sheet is "99"']);
    }
  });
});
