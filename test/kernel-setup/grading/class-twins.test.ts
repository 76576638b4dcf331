import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Course } from "../../../kernel-setup/grading/class/course";
import { notebookParts } from "../../../kernel-setup/grading/class/feedback/notebook-parts";
import { readNotebook } from "../../../kernel-setup/grading/notebook/read-notebook";
import { selectCells } from "../../../kernel-setup/grading/notebook/select-cells";
import { missing, notebookPath, python } from "../../notebooks/course";
import { handedIn, sheet, submit, temporaryCourse } from "./class-course";

interface Seen {
  answers?: Record<string, string>;
  others?: string[];
  unreadable?: string;
}
type Given = Record<string, unknown>;

describe("grading a class: one notebook, read alike by the judge, by people and for the feedback", function () {
  this.timeout(60_000);
  let course: Course, remove: () => void;
  before(function () {
    if (missing()) return this.skip();
    ({ course, remove } = temporaryCourse());
  });
  after(() => remove?.());

  const real = "function myGradient() { return 1; }",
    other = "function myGradient() { return 2; }";
  const named = (source: unknown, more: Given = {}): Given => ({
    cell_type: "code",
    id: "x",
    metadata: { nbgrader: { grade_id: "task-1", solution: true } },
    source,
    outputs: [],
    execution_count: null,
    ...more,
  });
  const long = `// ${"x".repeat(200_000)}`,
    wide = `//${"😀".repeat(100_000)}`;
  // What stands in the place of task-1, and which of it counts.
  const cases: readonly [what: string, cells: readonly Given[], counts: string | undefined][] = [
    ["twice", [named(real), named(other)], real],
    ["first without text", [named(" \n\t"), named(real)], real],
    ["first of signs that are seen by one language alone as space", [named("\ufeff\u2003\u00a0"), named(real)], real],
    ["first of signs that are no space in code", [named("\u001c"), named(real)], "\u001c"],
    ["first as prose", [named(other, { cell_type: "markdown" }), named(real)], real],
    ["first as a raw cell", [named(other, { cell_type: "raw" }), named(real)], real],
    ["first too long to be looked at", [named(long), named(real)], real],
    ["first too long in the units of one language alone", [named(wide), named(real)], real],
    ["first no text at all", [named(5), named({ a: 1 }), named(null), named(real)], real],
    ["first a list of lines", [named(["\n", 5, " "]), named([real.slice(0, 9), null, real.slice(9)])], real],
    [
      "first no solution in its own words",
      [named(real, { metadata: { nbgrader: { grade_id: "task-1", solution: false, grade: true } } }), named(other)],
      real,
    ],
    ["without metadata, as some editors leave it", [named(real, { id: "task-1", metadata: {} }), named(other)], real],
    ["named by its metadata, whatever its id", [named(real, { id: "task-2" }), named(other, { id: "task-1" })], real],
    ["none", [named(" ")], undefined],
  ];

  it("of several cells of a task's name the same one counts for all of them", async () => {
    const paths = cases.map(([, cells], i) => {
      const notebook = handedIn() as unknown as { cells: Given[] };
      const place = notebook.cells.findIndex(({ id }) => id === "task-1");
      notebook.cells.splice(place, 1, ...cells);
      return submit(course, `s${i}`, notebook);
    });
    const seen = JSON.parse(
      execFileSync(python, [join(__dirname, "class-twins.py"), notebookPath("release", sheet), ...paths], {
        encoding: "utf8",
        maxBuffer: 64 << 20,
      }),
    ) as Seen[];
    const source = readNotebook(notebookPath("source", sheet)).cells;
    for (const [i, [what, cells, counts]] of cases.entries()) {
      const judged = selectCells(source, readNotebook(paths[i]).cells).cells.find(
        ({ task }) => task === "task-1",
      )?.source;
      expect(judged, `${what}: the judge`).to.equal(counts);
      // A control is shown as a sign of its own.
      expect(seen[i].answers!["task-1"].trim(), `${what}: people`).to.equal(counts?.replace("\u001c", "\ufffd") ?? "");
      expect((await notebookParts(course, `s${i}`, sheet)).code.get("task-1"), `${what}: feedback`).to.equal(counts);
      // What does not count is not lost.
      if (cells.some(({ source: text }) => text === other)) expect(seen[i].others, what).to.include(other);
    }
  });

  it("an answer in prose whose first cell is empty is the one that has text", () => {
    const notebook = handedIn() as unknown as { cells: Given[] },
      place = notebook.cells.findIndex(({ id }) => id === "answer-1");
    const answer = notebook.cells[place];
    notebook.cells.splice(place, 1, { ...answer, source: " \ufeff" }, { ...answer, source: "Since it is certain." });
    const path = submit(course, "prose", notebook);
    const [{ answers }] = JSON.parse(
      execFileSync(python, [join(__dirname, "class-twins.py"), notebookPath("release", sheet), path], {
        encoding: "utf8",
      }),
    ) as Seen[];
    expect(answers!["answer-1"]).to.equal("Since it is certain.");
  });

  it("what is JSON for Python alone is none for both", () => {
    const path = submit(course, "nan", JSON.stringify(handedIn()).replace('"nbformat":4', '"x":NaN,"nbformat":4'));
    expect(() => readNotebook(path)).to.throw(/not JSON/);
    const [{ unreadable }] = JSON.parse(
      execFileSync(python, [join(__dirname, "class-twins.py"), notebookPath("release", sheet), path], {
        encoding: "utf8",
      }),
    ) as Seen[];
    expect(unreadable).to.equal("It is not JSON.");
    // Without the name it is one for both.
    writeFileSync(path, JSON.stringify(handedIn()));
    expect(readNotebook(path).cells.length).to.be.above(10);
  });
});
