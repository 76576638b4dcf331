import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import {
  isAnswer,
  isTask,
  solutionIn,
  sourceOf,
  type Cell,
  type Notebook,
} from "../../kernel-setup/course/sheet/notebook";
import { notebookPath, readNotebook, root, sheets } from "./course";

/** Lines of given code that a student has to look at before seeing what a cell is about. */
const MOST_LINES = 12;
/** What a cell shows without a scroll bar at a window of 1,250 px, with the file browser open. */
const MOST_COLUMNS = 88;

const template = join(root, "kernel-setup", "grading", "sheet", "template", "sheet.ipynb");
const all = [
  ...sheets().map((sheet) => ({ sheet, path: notebookPath("source", sheet) })),
  { sheet: "the template", path: template },
];

const isCollapsed = ({ metadata }: Cell): boolean =>
  (metadata as { jupyter?: { source_hidden?: boolean } }).jupyter?.source_hidden === true;
const codeOf = ({ cells }: Notebook): Cell[] => cells.filter(({ cell_type }) => cell_type === "code");
const linesOf = (cell: Cell): string[] => sourceOf(cell).split("\n");
const proseOf = ({ cells }: Notebook): Cell[] =>
  cells.filter((cell) => cell.cell_type === "markdown" && !isAnswer(cell));

/** JupyterLab's name of a heading, as it stands in the address: what is shown, with hyphens for spaces. */
const anchorOf = (heading: string): string => heading.replaceAll(" ", "-");
const headings = (notebook: Notebook): string[] =>
  proseOf(notebook).flatMap((cell) => [...sourceOf(cell).matchAll(/^#{2,3} (.+)$/gm)].map(([, words]) => words));
const sectionsOf = (notebook: Notebook): string[] =>
  proseOf(notebook).flatMap((cell) => [...sourceOf(cell).matchAll(/^## (.+)$/gm)].map(([, words]) => words));

/**
 * How many minutes a sheet takes: 120 words of its text or ten lines of given code a minute, two minutes for a line of
 * one's own code, a quarter of an hour for a question, a minute and a half to look at a plot.
 */
function minutesOf(notebook: Notebook): number {
  const words = proseOf(notebook).reduce((sum, cell) => sum + sourceOf(cell).split(/\s+/).length, 0);
  const solutions = codeOf(notebook)
    .filter(isTask)
    .flatMap((cell) => (solutionIn(sourceOf(cell)) ?? "").split("\n"))
    .filter((line) => /\w/.test(line) && !line.trim().startsWith("//"));
  const questions = notebook.cells.filter(({ id }) => /^answer-\d/.test(id)).length;
  const plots = codeOf(notebook).reduce((sum, cell) => sum + (sourceOf(cell).match(/await show\(/g) ?? []).length, 0);
  const given = codeOf(notebook).filter((cell) => !isTask(cell) && !isCollapsed(cell));
  const lines = given.reduce((sum, cell) => sum + linesOf(cell).length, 0);
  return words / 120 + lines / 10 + 2 * solutions.length + 15 * questions + 1.5 * plots;
}
/** Minutes, as a title says them. */
const said: Readonly<Record<string, number>> = {
  "half an hour": 30,
  "an hour": 60,
  "two and a half hours": 150,
  "three and a half hours": 210,
  "three hours": 180,
};

describe("notebooks: what a student has before them", () => {
  for (const { sheet, path } of all) {
    describe(sheet, () => {
      const notebook = readNotebook(path);

      it(`no given cell shows over ${MOST_LINES} lines of code, and no line has over ${MOST_COLUMNS} columns`, () => {
        const long = codeOf(notebook)
          .filter((cell) => !isTask(cell) && !isCollapsed(cell) && linesOf(cell).length > MOST_LINES)
          .map((cell) => `${cell.id}: ${linesOf(cell).length} lines`);
        const wide = codeOf(notebook).flatMap((cell) =>
          linesOf(cell)
            .filter((line) => line.length > MOST_COLUMNS)
            .map((line) => `${cell.id}: ${line}`),
        );
        expect([...long, ...wide]).to.deep.equal([]);
      });

      it("a collapsed cell says in its first line what it does, and is none that a student writes", () => {
        const collapsed = codeOf(notebook).filter(isCollapsed);
        expect(collapsed.length).to.be.above(1);
        for (const cell of collapsed) {
          expect(linesOf(cell)[0], cell.id).to.match(/^\/\/ [A-Z].{10,}[^.]$/);
          expect(isTask(cell), cell.id).to.equal(false);
        }
        const uses = codeOf(notebook).find((cell) => sourceOf(cell).includes('from "vitrine-course";'));
        expect(uses && linesOf(uses)[0]).to.equal("// What this sheet uses");
      });

      it("no name is imported twice: the judge takes the imports of all cells together", () => {
        const names = codeOf(notebook).flatMap((cell) =>
          [...sourceOf(cell).matchAll(/^import (?:type )?\{([^}]*)\} from/gm)].flatMap(([, list]) =>
            list.split(",").flatMap((name) => name.trim() || []),
          ),
        );
        expect(names.filter((name, i) => names.indexOf(name) !== i)).to.deep.equal([]);
        expect(names).to.include("tf");
      });

      it("its list of contents has each section, and each link leads to a heading", () => {
        const contents = notebook.cells.find(({ id }) => id === "contents");
        const links = [...sourceOf(contents!).matchAll(/^- \[(.+)\]\(#(\S+)\)/gm)].map(([, words, to]) => [words, to]);
        expect(links.map(([words]) => words)).to.deep.equal(sectionsOf(notebook));
        for (const [words, to] of links) {
          expect(headings(notebook)).to.include(words);
          expect(to).to.equal(anchorOf(words));
        }
        const listed = [...sourceOf(contents!).matchAll(/\b(task|question) \d/g)].map(([words]) => words);
        const asked = headings(notebook).flatMap(
          (words) => /^(?:Task|Question) \d/.exec(words)?.[0].toLowerCase() ?? [],
        );
        expect(listed).to.deep.equal(asked);
      });

      it("its title says what the judge, the check and the commands are, and how long it takes", () => {
        const title = sourceOf(notebook.cells[0]);
        for (const words of [
          "**the judge**, a program",
          "The **check** below",
          "`npx vitrine check ",
          "`npx vitrine submit ",
        ])
          expect(title).to.include(words);
        expect(title.indexOf("**the judge**") + 2, "explained where it is first named").to.equal(
          title.indexOf("the judge"),
        );
        expect(title, "a title in another language is metadata").to.not.match(/Feuille/);
        const time = /\*\*Time:\*\* about ([a-z ]+), without/.exec(title)?.[1] ?? "";
        expect(Object.keys(said)).to.include(time);
        expect(minutesOf(notebook)).to.be.closeTo(said[time], 20);
      });
    });
  }

  it("assignments.md says how long each sheet takes, as the sheet does", () => {
    const page = readFileSync(join(root, "assignments.md"), "utf8");
    for (const sheet of sheets()) {
      const title = sourceOf(readNotebook(notebookPath("source", sheet)).cells[0]);
      const time = /\*\*Time:\*\* (about [a-z ]+), without/.exec(title)![1];
      const row = page.split("\n").find((line) => line.startsWith(`| **${Number.parseInt(sheet, 10)} ·`));
      expect(row, sheet).to.include(`| ${time.replace("about ", "")} |`);
    }
  });
});
