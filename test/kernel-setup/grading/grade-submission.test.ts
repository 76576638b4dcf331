import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { courseSecret, seedsOf } from "../../../kernel-setup/grading/course-secret";
import { defineTask, regularPoints, type TaskDefinition } from "../../../kernel-setup/grading/judge/define-task";
import { loadTasks } from "../../../kernel-setup/grading/judge/load-tasks";
import { faultOf } from "../../../kernel-setup/grading/judge/task-faults";
import { runTask } from "../../../kernel-setup/grading/judge/run-task";
import { selectCells } from "../../../kernel-setup/grading/notebook/select-cells";
import { NotANotebook, readNotebook } from "../../../kernel-setup/grading/notebook/read-notebook";
import { wrongSheet } from "../../../kernel-setup/grading/notebook/wrong-sheet";
import { Allowance } from "../../../kernel-setup/grading/sandbox/allowance";
import { sandboxCommand } from "../../../kernel-setup/grading/sandbox/command";
import { libraryExports } from "../../../kernel-setup/grading/sandbox/library-exports";
import { stageFor } from "../../../kernel-setup/grading/sandbox/stage";
import { StudentKernel } from "../../../kernel-setup/grading/sandbox/student-kernel";
import type { Results } from "../../../kernel-setup/grading/results";
import { projectRoot } from "../../helpers/jupyter-client";
import { addCell, asking, cellOf, noSandbox, sheet, solved } from "./hostile-course";

const source = join(projectRoot, "notebooks", "source", sheet);
const gradeOne = (...args: string[]) =>
  spawnSync(process.execPath, [join(projectRoot, "kernel-setup/dist/grading/grade-one.js"), ...args], {
    encoding: "utf8",
    env: { ...process.env, VITRINE_DEBUG: "" },
  });

describe("grading: one submission", function () {
  this.timeout(240_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "vitrine-grade-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("the sandbox's list of exports is the library's own", () => {
    expect(
      libraryExports(join(projectRoot, "lib", "dist"))
        .map(({ name }) => name)
        .sort(),
    ).to.deep.equal(Object.keys(require(join(projectRoot, "lib", "dist", "index.js")) as object).sort());
  });

  it("the stage has no answer and no judge in it", () => {
    const { folder: stage } = stageFor(projectRoot, { taught: new Map([["saliency", "task-1"]]), uses: new Set() });
    const files = (readdirSync(stage, { recursive: true }) as string[]).filter((file) => file.endsWith(".js"));
    expect(
      files
        .filter((file) => /^lib\/dist\/(attribution|attack|visualize|metrics|training|cli|plot)\//.test(file))
        .sort(),
    ).to.deep.equal(["attack/criterion.js", "metrics/box.js"].map((file) => `lib/dist/${file}`));
    expect(
      files.filter((file) => /^kernel-setup\/dist\/(?!kernel\/(cell|shared)\/|grading\/sandbox\/inside\/)/.test(file)),
    ).to.deep.equal([]);
    expect(files.filter((file) => file.startsWith("kernel-setup/course/"))).to.deep.equal([
      "kernel-setup/course/dist/index.js",
    ]);
  });

  it("the stage's gradients have the standard rule alone, unless a task may use another", () => {
    const rule = (uses: string[]): { setReluRule(name: string): void } =>
      require(
        join(
          stageFor(projectRoot, { taught: new Map([["saliency", "task-1"]]), uses: new Set(uses) }).folder,
          "lib",
          "dist",
          "backend",
          "relu-rule.js",
        ),
      ) as { setReluRule(name: string): void };
    expect(() => rule([]).setReluRule("guided")).to.throw(/standard rule alone/);
    expect(() => rule([]).setReluRule("standard")).not.to.throw();
    // A student may put other functions in that module's place: no other file may have the rules.
    const { folder } = stageFor(projectRoot, { taught: new Map([["saliency", "task-1"]]), uses: new Set() });
    const backend = join(folder, "lib", "dist", "backend");
    const scripts = (readdirSync(backend, { recursive: true }) as string[]).filter((file) => file.endsWith(".js"));
    expect(scripts.length).to.be.greaterThan(30);
    expect(
      scripts.filter((file) => /["'](guided|deconvolution)["']/.test(readFileSync(join(backend, file), "utf8"))),
    ).to.deep.equal([]);
    expect(
      readFileSync(
        join(
          stageFor(projectRoot, { taught: new Map(), uses: new Set(["guidedBackprop"]) }).folder,
          "lib",
          "dist",
          "backend",
          "relu-rule.js",
        ),
        "utf8",
      ),
    ).to.include("vitrine.relu-rule");
  });

  it("a method in `uses` that would bring a taught one along is refused", () => {
    expect(() =>
      stageFor(projectRoot, { taught: new Map([["occlusion", "task-3"]]), uses: new Set(["occludedInputXGradient"]) }),
    ).to.throw(/occlusion is taught by task-3/);
  });

  it("another sheet handed in is told from one with nothing in it, and is no 0", () => {
    const all = readdirSync(join(projectRoot, "notebooks", "release")).filter((name) => /^\d\d-/.test(name)),
      folderOf = join(projectRoot, "notebooks", "source");
    expect(all.length).to.be.at.least(6);
    for (const other of all) {
      for (const kind of ["source", "release"]) {
        const submission = readNotebook(join(projectRoot, "notebooks", kind, other, `${other}.ipynb`));
        for (const asked of all)
          expect(wrongSheet(folderOf, asked, submission), `${other} for ${asked}`).to.equal(
            other === asked ? undefined : other,
          );
      }
    }
    const none = {
      cells: readNotebook(join(source, `${sheet}.ipynb`)).cells.filter(({ solution }) => solution),
      sha256: "",
    };
    for (const asked of all)
      expect(wrongSheet(folderOf, asked, none), `solutions alone for ${asked}`).to.equal(undefined);
    const out = join(folder, "wrong.json"),
      wrong = join(projectRoot, "notebooks", "release", "01-saliency", "01-saliency.ipynb");
    expect(gradeOne(sheet, wrong, out).status).to.equal(0);
    const { vitrine } = JSON.parse(readFileSync(out, "utf8")) as Results;
    expect(vitrine).to.include({
      status: "error",
      otherSheet: "01-saliency",
      reason: `the notebook is another sheet: this is 01-saliency, and ${sheet} was to be handed in`,
    });
    expect(vitrine.tasks.map(({ status }) => status)).to.deep.equal(["error", "error", "error"]);
  });

  it("a notebook in UTF-16 is read; what is no notebook is called what it is, and nothing of it is repeated", () => {
    const path = join(folder, "text.ipynb"),
      text = JSON.stringify(solved());
    const big = Buffer.from(text, "utf16le").swap16();
    for (const bytes of [
      Buffer.from(`\ufeff${text}`, "utf16le"),
      Buffer.from(text, "utf16le"),
      big,
      Buffer.from(`\ufeff${text}`),
    ]) {
      writeFileSync(path, bytes);
      expect(readNotebook(path).cells).to.deep.equal(readNotebook(join(source, `${sheet}.ipynb`)).cells);
    }
    const others: [string | Buffer, string][] = [
      ["%PDF-1.7 Ann Smith", "a PDF"],
      [Buffer.from("PK\u0003\u0004xx"), "a zip archive"],
      ["<!DOCTYPE html>Ann Smith", "a page of HTML"],
      ["", "empty"],
      ["Ann Smith's answers", "not JSON"],
      [Buffer.from([0x89, 0x50, 0x4e, 0x47]), "a picture"],
      ["{\\rtf1", "a text of a word processor"],
    ];
    for (const [content, kind] of others) {
      writeFileSync(path, content);
      expect(() => readNotebook(path), kind).to.throw(
        NotANotebook,
        new RegExp(`^the file is not a notebook: it is ${kind}$`),
      );
    }
  });

  it("cells without number and lists in lists without end are not read, and that is said", () => {
    const path = join(folder, "much.ipynb"),
      notebook = solved(),
      nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const deep = (depth: number): string =>
      JSON.stringify({ ...notebook, metadata: { more: "here" } }).replace('"here"', nested(depth));
    const others: [string, RegExp | undefined][] = [
      [`{"cells":[${"{},".repeat(8_000_000)}{}]}`, /^the file has more than 2000 cells, and is not read$/],
      [deep(50_000), /^the file has lists and objects in each other, more than 200 deep, and is not read$/],
      [
        `{"cells":[{"outputs":[${"{},".repeat(8_000_000)}{}]}]}`,
        /^the file has more than 1,000,000 lists and objects, and/,
      ],
      // Each name that differs takes the reader a microsecond or two, and memory.
      [
        `{"cells":[{"metadata":{"a":[${Array.from({ length: 500_001 }, (_, i) => `{"${i}":1}`).join()}]}}]}`,
        /^the file has more than 500,000 named parts in objects, and is not read$/,
      ],
      [
        `{"cells":[{"metadata":{"a":[${Array.from({ length: 400_000 }, (_, i) => `{"${i}":":"}`).join()}]}}],` +
          `"b":"${"::".repeat(1e6)}"}`,
        undefined,
      ],
      [deep(150), undefined],
      [JSON.stringify({ cells: [], text: "[{".repeat(1e6) }), undefined],
    ];
    for (const [text, reason] of others) {
      writeFileSync(path, text);
      if (reason) expect(() => readNotebook(path)).to.throw(NotANotebook, reason);
      else expect(readNotebook(path).sha256).to.have.length(64);
    }
  });

  it("a definition that cannot be meant is refused", () => {
    const [task] = loadTasks(join(source, "judge"));
    expect(() => defineTask({ ...task, parts: [] })).to.throw(/no parts/);
    expect(() => defineTask({ ...task, uses: ["saliency"] })).to.throw(/saliency is in `teaches` and in `uses`/);
    expect(() => defineTask({ ...task, parts: [{ ...task.parts[0], points: 0 }] })).to.throw(/points above 0/);
    expect(() => defineTask({ ...task, parts: [{ ...task.parts[0], points: Infinity }] })).to.throw(/points above 0/);
    const parts = [0.1, 0.2].map((points, i) => ({ ...task.parts[0], name: `part ${i}`, points }));
    expect(regularPoints({ ...task, parts })).to.equal(0.3);
    const judge = join(folder, "judge"),
      file = join(judge, "task-1.ts");
    mkdirSync(judge);
    const define = 'import { defineTask } from "vitrine/judge"; export default defineTask';
    for (const text of [
      "export default null;",
      "export default { task: 1, points: 'c' };",
      "export default { task: 'a', points: 'c', parts: [] };",
      "throw null;",
      "import './gone';",
      `${define}(undefined);`,
      `${define}({ task: "a", points: "c" });`,
      `${define}({ task: "a", points: "c", functions: ["f"], teaches: [], parts: [null] });`,
    ]) {
      writeFileSync(file, text);
      // In one line that names the file, without words of JavaScript's about what is not there.
      expect(() => loadTasks(judge), text)
        .to.throw(/^[^\n]*task-1\.ts: [^\n]*$/)
        .with.property("message")
        .that.does.not.match(/Cannot (read|destructure)/);
    }
    // Copied, and one of its two names forgotten.
    const whole = (name: string, points: string): string =>
      `${define}({ task: "${name}", points: "${points}", functions: ["f"], teaches: [], ` +
      `parts: [{ name: "it", points: 1, test: () => undefined }] });`;
    writeFileSync(file, whole("task-1", "check-1"));
    for (const [text, words] of [
      [whole("task-2", "check-1"), /^two files in .* give the points of check-1$/],
      [whole("task-1", "check-2"), /^two files in .* define task-1$/],
    ] as const) {
      writeFileSync(join(judge, "task-2.ts"), text);
      expect(() => loadTasks(judge)).to.throw(words);
    }
    rmSync(join(judge, "task-2.ts"));
  });

  it("whatever is wrong in a definition, one line says where it is, what it is and what is allowed", () => {
    const [task] = loadTasks(join(source, "judge")),
      [first] = task.parts,
      mutant = { name: "m", code: "x", losesAtLeast: 1 };
    const circle: Record<string, unknown> = { name: "" };
    circle.itself = circle;
    const throwing = new Proxy(
      {},
      {
        get: () => {
          throw new Error("no\nway");
        },
      },
    );
    const odd: [object, RegExp][] = [
      [{ parts: [{ ...first, points: "1" }] }, /points above 0 \(up to 1000\).* the 1st has name .* points "1"/],
      [{ parts: [first, { ...first, name: "b", points: 1n }] }, /the 2nd has name "b", points 1n/],
      [{ parts: [{ ...first, points: [1] }] }, /points a list of 1/],
      [{ parts: [{ ...first, points: 1e22 }] }, /points 1e\+22/],
      [{ parts: [{ ...first, extra: "no" }] }, /extra "no"/],
      [{ parts: [circle] }, /name ""/],
      [{ parts: [{ ...first, name: Symbol("a") }] }, /name a symbol/],
      [{ parts: [{ ...first, name: "a\nb\u202ec" }] }, /name "a\\nb\?c"/],
      [{ parts: [null] }, /has null/],
      [{ parts: { length: 1 } }, /`parts` is no list, but an object/],
      [{ parts: [first, first] }, /two parts have the same name, "/],
      [{ parts: [throwing] }, /cannot be read: no$/],
      [{ teaches: ["a("] }, /`teaches` is a list of names as code has them.* 1st is "a\("/],
      [{ teaches: [null] }, /1st is null/],
      [{ functions: [3] }, /`functions` .* is 3/],
      [{ uses: null }, /`uses` is no list, but null/],
      [{ limits: null }, /`limits` is no object, but null/],
      [{ limits: { seconds: "5" } }, /`seconds` is "5"; allowed: up to 3,600/],
      [{ limits: { seconds: Infinity } }, /is Infinity/],
      [{ limits: { memoryMiB: NaN } }, /`memoryMiB` is NaN; allowed: up to 1,048,576/],
      [{ points: 5 }, /grade_ids.* and 5/],
      [{ task: "a\nb" }, /"a\\nb"/],
      [{ task: throwing }, /an object/],
      [{ mutants: [{ ...mutant, name: 1n }] }, /the 1st has name 1n/],
      [{ mutants: [mutant, { ...mutant, code: 5 }] }, /2nd has name "m", code 5/],
      [{ mutants: [{ ...mutant, losesAtLeast: "1" }] }, /losesAtLeast "1"/],
      [{ mutants: "m" }, /`mutants` is no list/],
    ];
    for (const [more, words] of odd) {
      const given = { ...task, ...more } as unknown as TaskDefinition;
      expect(faultOf(given), String(words))
        .to.match(words)
        .and.match(/^[^\n]*$/)
        .and.not.match(/TypeError|undefined is not|BigInt|Cannot/);
      expect(() => defineTask(given), String(words)).to.throw(/^defineTask\([^\n]*\.$/);
    }
    expect(faultOf(throwing as TaskDefinition)).to.equal("a part of it cannot be read: no");
    expect(faultOf(task)).to.equal(undefined);
  });

  it("another sheet that somebody is in the middle of writing is no reason not to grade this one", () => {
    const sources = join(folder, "half-written"),
      conflict = "<<<<<<< HEAD\n";
    const broken = { "01-saliency": conflict, "02-half": "", "03-no-cells": "{}", "04-links": "{" };
    for (const [name, text] of Object.entries({
      ...broken,
      [sheet]: readFileSync(join(source, `${sheet}.ipynb`), "utf8"),
    })) {
      mkdirSync(join(sources, name), { recursive: true });
      writeFileSync(join(sources, name, `${name}.ipynb`), text);
    }
    const released = readNotebook(join(projectRoot, "notebooks", "release", sheet, `${sheet}.ipynb`));
    expect(wrongSheet(sources, sheet, released)).to.equal(undefined);
    const other = readNotebook(join(projectRoot, "notebooks", "release", "01-saliency", "01-saliency.ipynb"));
    expect(wrongSheet(sources, sheet, other)).to.equal(undefined);
  });

  it("which inputs a notebook gets nobody can work out: each course has a secret, made once and kept", async () => {
    const course = join(folder, "secrets"),
      path = join(course, "reports", "judge-secret");
    const secret = courseSecret(course);
    expect(secret).to.have.length(32);
    expect(courseSecret(course).equals(secret)).to.equal(true);
    expect(readdirSync(join(course, "reports"))).to.deep.equal(["judge-secret"]);
    if (process.platform !== "win32") expect(statSync(path).mode & 0o77).to.equal(0);
    const hash = "ab".repeat(32),
      seeds = seedsOf(secret, sheet, 7, hash);
    expect(seedsOf(secret, sheet, 7, hash)).to.deep.equal(seeds);
    const others = [
      seedsOf(courseSecret(join(folder, "others")), sheet, 7, hash),
      seedsOf(secret, sheet, 8, hash),
      seedsOf(secret, "other", 7, hash),
      seedsOf(secret, sheet, 7, `${hash.slice(0, 63)}0`),
    ];
    for (const other of others) expect(other).to.not.deep.equal(seeds);
    writeFileSync(path, "short");
    expect(() => courseSecret(course)).to.throw(/judge-secret is no secret of 64 hexadecimal digits: remove it/);
    rmSync(path);
    mkdirSync(path);
    expect(() => courseSecret(course)).to.throw(/judge-secret cannot be read: EISDIR$/);
    // What each notebook is asked, by the course: a box that is right for one is wrong for the other.
    const asked = async (of: Uint8Array): Promise<string> => {
      let first = "";
      const [task] = loadTasks(join(source, "judge"));
      const kernel = {
        ready: async () => undefined as never,
        complaint: () => undefined,
        call: async (_: string, __: string, args: unknown) => {
          first ||= JSON.stringify(args);
          return 0;
        },
      };
      await runTask(task, kernel, seedsOf(of, sheet, 7, hash));
      return first;
    };
    expect(await asked(secret))
      .to.equal(await asked(secret))
      .and.not.equal(await asked(courseSecret(join(folder, "others"))));
  });

  it("checks and demonstrations do not run; solutions and the student's own cells do", () => {
    const path = join(folder, "select.ipynb"),
      notebook = solved();
    notebook.cells.push({
      cell_type: "code",
      id: "own",
      metadata: {},
      source: "const mine = 1;",
      outputs: [],
      execution_count: null,
    });
    cellOf(notebook, "gradient-show").source = "const changedByMe = () => 1;";
    writeFileSync(path, JSON.stringify(notebook));
    const { cells } = selectCells(readNotebook(join(source, `${sheet}.ipynb`)).cells, readNotebook(path).cells);
    expect(cells.map(({ task, only, source: text }) => task ?? only ?? text)).to.deep.equal([
      "declarations",
      "task-1",
      "declarations",
      "task-2",
      "task-3",
      "const mine = 1;",
    ]);
  });

  it(
    "of cells without number two hundred run; of a solution that is there twice the first is it, and the later one " +
      "runs as a cell of their own",
    () => {
      const path = join(folder, "many.ipynb"),
        notebook = solved();
      notebook.cells.push({ ...cellOf(notebook, "task-1"), source: "const later = 1;" });
      for (let i = 0; i < 250; i++) addCell(notebook, `const own${i} = ${i};`);
      writeFileSync(path, JSON.stringify(notebook));
      const { cells, left } = selectCells(readNotebook(join(source, `${sheet}.ipynb`)).cells, readNotebook(path).cells);
      expect(cells.filter(({ source: text }) => /^const (own|later)/.test(text))).to.have.length(200);
      expect(left).to.equal(51);
      // A function that was in one of them is missed: then that is said.
      const none = (): never => expect.fail("nothing is to be started");
      expect(new StudentKernel(none, cells, { left }).complaint("task-1")).to.equal(
        "of the cells that you added the first 200 are run, and 51 are left out",
      );
      expect(new StudentKernel(none, cells).complaint("task-1")).to.equal(undefined);
      expect(cells.filter(({ task }) => task).map(({ task }) => task)).to.deep.equal(["task-1", "task-2", "task-3"]);
      notebook.cells = notebook.cells.filter(({ id }) => id !== "mine");
      writeFileSync(path, JSON.stringify(notebook));
      const last = selectCells(readNotebook(join(source, `${sheet}.ipynb`)).cells, readNotebook(path).cells).cells.at(
        -1,
      )!;
      expect([last.task, last.source]).to.deep.equal([undefined, "const later = 1;"]);
    },
  );

  it("long cells of their own, and many, are soon looked through", () => {
    const sheetCells = readNotebook(join(source, `${sheet}.ipynb`)).cells,
      started = performance.now();
    const long = "  a".repeat(60_000),
      cell = { type: "code" as const, grade: false, solution: false };
    const own = Array.from({ length: 300 }, (_, i) => ({ ...cell, source: `${long}${i}` }));
    expect(selectCells(sheetCells, own).cells).to.have.length(201);
    // To compare each with every cell of the sheet took fifteen.
    expect(performance.now() - started).to.be.below(5000);
  });

  it("wrong usage and what is not there are said in one line", () => {
    expect(gradeOne().status).to.equal(2);
    const { status, stderr } = gradeOne("99-nothing", "x.ipynb", join(folder, "x.json"));
    expect(status).to.equal(1);
    expect(stderr).to.match(/^Cannot grade: there is no sheet 99-nothing.*\n$/);
  });

  describe(`in the sandbox${noSandbox ? " [needs service bubblewrap]" : ""}`, () => {
    before(function () {
      if (noSandbox) this.skip();
    });

    // The same points whenever it is marked again: hostile-class.full.test.ts.
    it("the model solution has all points, and the file is whole", () => {
      const out = join(folder, "out.json"),
        { status, stderr } = gradeOne(sheet, join(source, `${sheet}.ipynb`), out, "--seed", "7");
      expect(status, stderr).to.equal(0);
      const results = JSON.parse(readFileSync(out, "utf8")) as Results;
      expect(results).to.include({ score: 12, max_score: 12 });
      expect(results.vitrine).to.include({ status: "graded", seed: 7, sheet });
      expect(results.tests.map((test) => test.status)).to.deep.equal(new Array(8).fill("passed"));
      expect(readdirSync(folder).filter((name) => name.includes("partial"))).to.deep.equal([]);
    });

    it(
      "one sandbox: a right answer whatever the seed, a wrong one in words, the answer not to be called, nothing " +
        "in reach",
      async () => {
        const tasks = loadTasks(join(source, "judge"));
        const stage = stageFor(projectRoot, { taught: new Map([["saliency", "task-1"]]), uses: new Set() });
        const { cells } = selectCells(
          readNotebook(join(source, `${sheet}.ipynb`)).cells,
          readNotebook(join(source, `${sheet}.ipynb`)).cells,
        );
        const own = {
          name: "own",
          source: `
        const library = async (model: VisionModel, images: tf.Tensor4D, target: number[]) =>
          (await saliency(model, images, { target })).values;
        const negative = (model: VisionModel, images: tf.Tensor4D, target: number[]) =>
          tf.neg(myGradient(model, images, target));
        const reach = async () => { const fs = require("fs"), tried: string[] = [];
          for (const path of [${JSON.stringify(source)}, "/home", "/etc/passwd",
          "/grade/lib/dist/attribution/saliency.js"]) tried.push(String(fs.existsSync(path)));
          return [...tried, fs.readdirSync("/proc").filter((name: string) => /^[0-9]+$/.test(name)).length,
          process.getuid!() === 0]; };`,
        };
        // One row many times is a list of rows; what lies within itself is none.
        const rows = {
          name: "rows",
          source: `
        const sameRow = () => { const row = [1, 2], part = { row }; return [row, row, [part, part]]; };
        const commands = () => {
          const fs = require("fs"), all: string[] = fs.readdirSync("/proc");
          const read = (name: string) => fs.readFileSync("/proc/" + name + "/cmdline", "utf8");
          return all.filter((name) => /^\\d+$/.test(name)).map(read).join(" "); };
        const circle = () => { const list: unknown[] = [1]; list.push({ list }); return list; };
        const files = () => {
          for (let i = 0; ; i++) require("fs").closeSync(require("fs").openSync("/grade/work/" + i, "w")); };
        const doubled = () => { let list: unknown[] = [1];
          for (let i = 0; i < 40; i++) list = [list, list]; return list; };
      `,
        };
        // In the student's notebook there is such a file, and nothing fails.
        const failing = {
          name: "failing",
          source: `
        let step = (x: number) => x; step = (x: number) => x + 1;
        const notes = 40, lines = require("fs").readFileSync("notes.txt", "utf8");
        const helper = () => notes + step(1); enum Way { up = 3 }
        const afterFailing = () => [helper(), Way.up];`,
        };
        // In the student's notebook there are such pictures, and cells were run in another order.
        const showing = {
          name: "showing",
          source: `
        const axes = [0, 1].map((x) => x + 1), table: number[] = [];
        console.log(pictures.length);
        for (const axis of axes) table.push(10 * axis);
        const later = Math.sqrt(4);
        const computed = () => [axes, table, below(), later];`,
        };
        const demonstration = {
          name: "demonstration",
          only: "declarations" as const,
          source: `const twice = Math.sqrt(4); pictures.length; const doubledBy = (x: number) => twice * x;`,
        };
        const helpers = { name: "helpers", source: `const below = () => 7, later = 9;` };
        const ending = {
          name: "ending",
          source: `const beforeEnd = () => "here"; pictures.length; process["reallyExit"](0);`,
        };
        const kernel = new StudentKernel(
          (memoryMiB) => sandboxCommand(projectRoot, stage.folder, { memoryMiB, cpuSeconds: 120 }),
          [...cells, own, rows, failing, showing, demonstration, helpers, ending],
        );
        try {
          for (let seed = 1; seed <= 6; seed++)
            for (const task of tasks) {
              const outcomes = await runTask({ ...task, limits: { seconds: 60 } }, kernel, [seed]);
              expect(outcomes.map(({ reason }) => reason).filter(Boolean), `${task.task}, seed ${seed}`).to.deep.equal(
                [],
              );
            }
          const renamed = (name: string) =>
            runTask(
              {
                ...tasks[0],
                parts: tasks[0].parts.map((part) => ({
                  ...part,
                  test: (tools) => part.test(asking(tools, () => name)),
                })),
              },
              kernel,
              [1],
            );
          for (const { status, reason } of await renamed("negative"))
            expect(`${status}: ${reason}`).to.match(/failed: Sign: every value has the opposite sign/);
          for (const { status, reason } of await renamed("library"))
            expect(`${status}: ${reason}`).to.match(/failed: .*saliency is not there when task 1 is marked/);
          expect(await kernel.call("task-1", "reach", [], new Allowance(10))).to.deep.equal([
            "false",
            "false",
            "false",
            "false",
            2,
            false,
          ]);
          const given = async (name: string): Promise<string> =>
            JSON.stringify(
              await kernel.call("task-1", name, [], new Allowance(10)).catch(({ message }: Error) => message),
            );
          expect(await given("sameRow")).to.equal('[[1,2],[1,2],[{"row":[1,2]},{"row":[1,2]}]]');
          // The sandbox's own command line would say where the grader keeps things, and what they are called.
          expect(await given("commands"))
            .to.match(/bwrap/)
            .and.not.include(projectRoot);
          // What a cell declares after a line that fails is kept, and what it had done before is not undone.
          expect(await given("afterFailing")).to.equal("[42,3]");
          // So is what it computes, past what does not compile, with what cells below declare; which is not undone.
          expect(await given("computed")).to.equal("[[1,2],[10,20],7,9]");
          expect(JSON.stringify(await kernel.call("task-1", "doubledBy", [3], new Allowance(10)))).to.equal("6");
          // That it is tried takes nothing away.
          expect(await given("beforeEnd")).to.equal('"here"');
          expect(await given("circle")).to.match(/there is a circle in it/);
          expect(await given("doubled")).to.match(/nested more than 8 deep/);
          // Their memory is no process's: a minute of it were gigabytes.
          expect(await given("files")).to.match(/writes more than 20000 files and was stopped/);
        } finally {
          await kernel.close();
        }
      },
    );
  });
});
