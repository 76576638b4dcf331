import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { StudentTensor, type Answer } from "../../../kernel-setup/grading/judge/answers";
import { tensor } from "../../../kernel-setup/grading/judge/arguments";
import { defineTask, type PartTools } from "../../../kernel-setup/grading/judge/define-task";
import type { Asked } from "../../../kernel-setup/grading/judge/run-task";
import { proveCheats } from "../../../kernel-setup/grading/sheet/proofs/cheats";
import { openCourse, sheetOf, type Sheet } from "../../../kernel-setup/grading/sheet/course";
import { filesOf, newSheet } from "../../../kernel-setup/grading/sheet/new-sheet";
import type { Proof } from "../../../kernel-setup/grading/sheet/proofs/proof";
import { proveRelease } from "../../../kernel-setup/grading/sheet/proofs/release";
import { leaksOfRelease, type Leak } from "../../../kernel-setup/grading/sheet/release";
import { validateSheet } from "../../../kernel-setup/grading/sheet/validate";
import { missing, readNotebook } from "../../notebooks/course";
import { praises } from "../../../kernel-setup/grading/sheet/proofs/run";
import { edit, failures, proofsOf, replace, scaffolded } from "./sheet-course";

describe("sheets: what is scaffolded, and what validation finds without running it", function () {
  this.timeout(120_000);
  let sheet: Sheet, remove: () => void;
  before(function () {
    if (missing()) this.skip();
  });
  beforeEach(() => {
    ({ sheet, remove } = scaffolded());
  });
  afterEach(() => remove());

  it("a new sheet has a notebook and hidden tests, its own title and no placeholder", () => {
    expect(filesOf(sheet)).to.deep.equal(["06-where-maps-lie.ipynb", join("judge", "task-1.ts")]);
    const text = readFileSync(sheet.notebook, "utf8");
    expect(text)
      .to.include("# 6 · Where maps lie")
      .and.include("sheet validate 06-where-maps-lie")
      .and.not.match(/TITLE|\bNAME\b/);
  });

  it("a hidden test that looks at the first values alone is found", async () => {
    const solution = (right: number[]): Asked => ({
      ready: async () => undefined as never,
      complaint: () => undefined,
      call: async () => right,
    });
    const faults = async (right: number[], compared: number): Promise<string> => {
      const part = {
        name: "values",
        points: 1,
        test: async ({ student, expectClose }: PartTools) => {
          const got = await student.call("my", []);
          expectClose(Array.isArray(got) ? got.slice(0, compared) : got, right.slice(0, compared), {
            says: "it differs",
          });
        },
      };
      const task = defineTask({ task: "task-1", points: "check-1", functions: ["my"], teaches: [], parts: [part] });
      const found: Proof[] = [];
      for await (const each of proveCheats([task], solution(right), 1)) found.push(each);
      return failures(found).join("\n");
    };
    expect(await faults([1, 2, 3, 4], 2)).to.match(
      /“right in the first half, zeros in the rest” gets the 1 points of “values”/,
    );
    // Here every test says what it must; the same answer for all inputs is what this solution gives.
    for (const right of [[1, 2, 3, 4], [1, 2, 0, 0], [7]])
      expect(await faults(right, right.length)).to.not.match(/first half/);
  });

  it("a hidden test that who gives back what was given passes is found", async () => {
    const shape = [1, 2, 2, 1],
      made = tensor(shape, [1, 2, 3, 4]);
    const solution: Asked = {
      ready: async () => undefined as never,
      complaint: () => undefined,
      // Adds what it is asked to add.
      call: async (_task, _name, args) => ({
        image: new StudentTensor(
          shape,
          "float32",
          Float32Array.of(1, 2, 3, 4).map((value) => value + Number(args[1])),
        ),
        steps: Number(args[1]),
      }),
    };
    const faults = async (...adding: number[]): Promise<string> => {
      const test = async ({ student, expectClose }: PartTools): Promise<void> => {
        for (const more of adding) {
          const got = (await student.call("my", [made, more])) as { image: Answer };
          expectClose(got?.image, { shape, data: [1, 2, 3, 4].map((value) => value + more) }, { says: "it differs" });
        }
      };
      const parts = [{ name: "more", points: 1, test }],
        task = defineTask({ task: "task-1", points: "check-1", functions: ["my"], teaches: [], parts });
      const found: Proof[] = [];
      for await (const each of proveCheats([task], solution, 1)) found.push(each);
      return failures(found).join("\n");
    };
    expect(await faults(0)).to.match(/“what it was given, unchanged” gets the 1 points of “more”/);
    expect(await faults(2, 0)).to.not.match(/unchanged/);
  });

  it("a check that says on what it tried the code, and then what is right, is not silent", () => {
    expect(praises("✓ Shape\n✓ Values\n")).to.equal(true);
    expect(praises("· Tried on a small network\n✓ Shape\n")).to.equal(true);
    expect(praises("")).to.equal(false);
    expect(praises("· Tried on a small network\n")).to.equal(false);
    expect(praises("✓ Shape\n✗ Values: 3 times too large\n")).to.equal(false);
  });

  it("names that are taken, or no folder's, are refused and leave nothing behind", () => {
    expect(() => newSheet(sheet.course, "06-where-maps-lie")).to.throw("is there already");
    for (const name of ["../outside", "With Space", "", "a/b", "-a"])
      expect(() => newSheet(sheet.course, name), name).to.throw("small letters, digits and hyphens");
    expect(readdirSync(join(sheet.course.folder, "source"))).to.deep.equal(["06-where-maps-lie"]);
    expect(() => sheetOf(openCourse(sheet.course.folder), "06-where-map-lies")).to.throw(
      "Did you mean 06-where-maps-lie?",
    );
  });

  it("it holds as it stands", async () => {
    const proofs = await proofsOf(sheet);
    expect(failures(proofs)).to.deep.equal([]);
    expect(proofs.map(({ what }) => what)).to.deep.equal(["metadata", "points", "hidden tests", "captions", "release"]);
  });

  const faults: readonly [string, (sheet: Sheet) => void, RegExp][] = [
    [
      "points that do not add up",
      (at) =>
        edit(at, (cell) => {
          cell("answer-1").metadata.nbgrader!.points = 4;
        }),
      /^points: the table gives answer-1 2, its cell 4; the cells add up to 7 points/,
    ],
    [
      "hidden tests with other points",
      (at) =>
        edit(at, (cell) => {
          cell("check-1").metadata.nbgrader!.points = 5;
          replace(cell("title"), "(5 points)", "(7 points)");
          replace(cell("title"), "| 3 |", "| 5 |");
        }),
      /^points: the parts of judge\/task-1\.ts add up to 3, check-1 has 5/,
    ],
    [
      "an answer without a rubric",
      (at) => edit(at, (cell) => replace(cell("answer-1"), "**Rubric.**", "Points:")),
      /^metadata: answer-1: its answer has no \*\*Rubric/,
    ],
    [
      "outputs left in",
      (at) =>
        edit(at, (cell) => {
          cell("halves").execution_count = 4;
        }),
      /^metadata: halves: it has outputs/,
    ],
    [
      "a solution without its marks",
      (at) => edit(at, (cell) => replace(cell("task-1"), /\/\/\/ (BEGIN|END) SOLUTION/g, "")),
      /^metadata: task-1: it needs \/\/\/ BEGIN SOLUTION/,
    ],
    [
      "a check that students may change",
      (at) =>
        edit(at, (cell) => {
          cell("check-1").metadata.nbgrader!.locked = false;
        }),
      /^metadata: check-1: it is a check and not locked/,
    ],
    [
      "two cells of one name",
      (at) =>
        edit(at, (cell) => {
          cell("halves").id = "maps-show";
        }),
      /^metadata: cell id maps-show is there twice/,
    ],
    [
      "a plot without a caption",
      (at) => edit(at, (cell) => replace(cell("maps-show"), /caption: "[^"]*",/, "")),
      /^captions: maps-show: a plot has no caption/,
    ],
    [
      "a task without a hidden test",
      (at) =>
        edit(at, (_, notebook) => {
          for (const cell of notebook.cells)
            if (cell.id === "task-1") cell.id = cell.metadata.nbgrader!.grade_id = "task-2";
        }),
      /hidden tests: task-2 has no hidden test/,
    ],
    [
      "a mutant too few",
      (at) => judge(at, /\{\s*name: "rows and columns exchanged"[^]*(?=\{\s*name: "negative values)/, ""),
      /^hidden tests: task-1 lists 2 mutants; 3 are the least/,
    ],
    [
      "no mutant that calls the library",
      (at) => {
        judge(at, "import { energyPointingGame }", "import { maxAbs }");
        judge(at, "await energyPointingGame(", "await other(");
      },
      /^hidden tests: no mutant of task-1 calls what it teaches \(energyPointingGame\)/,
    ],
    [
      "a slip in what it teaches",
      (at) => judge(at, 'teaches: ["energyPointingGame"', 'teaches: ["energyPointingGamee"'),
      /hidden tests: .*task-1 names energyPointingGamee, which vitrine does not export; did you mean energyPointingGame\?/,
    ],
    [
      "hidden tests that do not compile",
      (at) => judge(at, "export default", "throw new Error('broken');\nexport default"),
      /^hidden tests: .*task-1\.ts/,
    ],
  ];

  for (const [fault, make, words] of faults) {
    it(`finds ${fault}`, async () => {
      make(sheet);
      const found: string[] = [];
      // The release, which comes last, takes nbgrader seconds: it is made only where nothing before it finds the fault.
      for await (const proof of validateSheet(sheet, { run: false, judge: false })) {
        found.push(...failures([proof]));
        if (found.some((each) => words.test(each))) return;
      }
      expect.fail(`not found; found were: ${found.join("\n") || "none"}`);
    });
  }

  it(
    "whatever a notebook has in place of a cell, or a hidden test in place of a definition, is one line that says " +
      "where",
    async () => {
      const text = readFileSync(sheet.notebook, "utf8"),
        notebook = JSON.parse(text) as { cells: unknown[] };
      const first = notebook.cells[0] as Record<string, unknown>;
      const odd: [unknown, RegExp][] = [
        [null, /^form: cell 1: it is null, and no cell$/],
        [{ ...first, metadata: undefined }, /^form: cell 1: its `metadata` is undefined/],
        [{ ...first, source: [1] }, /^form: cell 1: its `source` is a list of 1;/],
        [{ ...first, cell_type: "heading" }, /`cell_type` is "heading"; allowed: code, markdown, raw/],
        [{ ...first, outputs: 3 }, /`outputs` are 3/],
        [{ ...first, id: 5 }, /`id` is 5/],
        [
          { ...first, metadata: { nbgrader: { grade_id: "a", grade: 1, solution: false, locked: true, points: "3" } } },
          /`grade` is 1; allowed: true, false; cell 1: its `points` are "3"/,
        ],
      ];
      const found = async (): Promise<string[]> => {
        const proofs: Proof[] = [];
        for await (const each of validateSheet(sheet, { run: false, judge: false })) {
          proofs.push(each);
          // The release takes nbgrader seconds.
          if (each.what === "captions") break;
        }
        return failures(proofs);
      };
      for (const [cell, words] of odd) {
        writeFileSync(sheet.notebook, JSON.stringify({ ...notebook, cells: [cell, ...notebook.cells.slice(1)] }));
        expect((await found()).join("\n"), String(words))
          .to.match(words)
          .and.match(/^[^\n]*$/);
      }
      writeFileSync(sheet.notebook, "{");
      expect((await found()).join("\n")).to.match(/^validation: [^\n]*cannot be read as a notebook[^\n]*$/);
      writeFileSync(sheet.notebook, text);
      judge(sheet, "points: 2,", 'points: "2",');
      expect((await found()).find((line) => line.startsWith("hidden tests"))).to.match(
        /^hidden tests: [^\n]*task-1\.ts: [^\n]*points above 0 [^\n]*points "2"[^\n]*$/,
      );
    },
  );

  describe("what must not reach students, in a sheet that hands out several secrets", () => {
    const repeated: readonly [what: string, from: string, line: string][] = [
      [
        "a solution that a cell repeats",
        "task-1",
        "const inside = light.slice(top, bottom).map((row) => row.slice(left, right));",
      ],
      [
        "a line of a hidden test that a cell repeats",
        "judge/task-1.ts",
        "const { map, box } = drawn(random, random.uniform);",
      ],
      ["a line of a mutant that a text repeats", "judge/task-1.ts", "return sum(${inside}) / (sum(map) || 1);"],
    ];
    const open = "function myShare(map: number[][], box: Box): number {";
    let found: { proof: Proof; released?: string }, leaks: Leak[], folder: string;
    // nbgrader takes seconds to make a release: one for all.
    before(async () => {
      const made = scaffolded();
      folder = mkdtempSync(join(tmpdir(), "vitrine-leaks-"));
      edit(made.sheet, (cell) => {
        cell("halves").source = `${repeated[0][2]}\n// ${repeated[1][2]}`;
        replace(cell("halves-text"), /$/, `\n\n    ${repeated[2][2].replaceAll("$", "$$$$")}`);
      });
      judge(made.sheet, "interface Box", `/*\n${open}\n*/\ninterface Box`);
      found = await proveRelease({ sheet: made.sheet, notebook: readNotebook(made.sheet.notebook) }, folder);
      leaks = leaksOfRelease(made.sheet, found.released!).leaks;
      made.remove();
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    for (const [what, from, line] of repeated) {
      it(`finds ${what}`, () => {
        expect(
          leaks.filter((leak) => leak.from === from && leak.line.includes(line)),
          leaks.map((leak) => leak.line).join("\n"),
        ).to.have.length(1);
      });
    }

    it("says how many lines there are, where the first comes from and where it stands", () => {
      expect(found.proof.holds).to.equal(false);
      expect(found.proof.says).to.match(
        /^\d secret lines would reach students; the first, of task-1, stands in 06-where-maps-lie\.ipynb: const inside/,
      );
    });

    it("what a hidden test shares with what everybody sees is no secret", () => {
      expect(leaks.map(({ line }) => line).filter((line) => line.includes(open))).to.deep.equal([]);
      expect(new Set(leaks.map(({ line }) => line)).size).to.equal(repeated.length);
    });
  });
});

function judge(sheet: Sheet, from: string | RegExp, to: string): void {
  const file = join(sheet.judge, "task-1.ts"),
    text = readFileSync(file, "utf8"),
    changed = text.replace(from, to);
  if (changed === text) throw new Error(`${String(from)} is not in the hidden test.`);
  writeFileSync(file, changed);
}
