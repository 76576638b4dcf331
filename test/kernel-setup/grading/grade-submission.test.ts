import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { defineTask } from "../../../kernel-setup/grading/judge/define-task";
import { decodeAnswer, StudentTensor } from "../../../kernel-setup/grading/judge/answers";
import { expectClose } from "../../../kernel-setup/grading/judge/expect";
import { loadTasks } from "../../../kernel-setup/grading/judge/load-tasks";
import { runTask } from "../../../kernel-setup/grading/judge/run-task";
import { selectCells } from "../../../kernel-setup/grading/notebook/select-cells";
import { readNotebook } from "../../../kernel-setup/grading/notebook/read-notebook";
import { Allowance } from "../../../kernel-setup/grading/sandbox/allowance";
import { sandboxCommand } from "../../../kernel-setup/grading/sandbox/command";
import { libraryExports } from "../../../kernel-setup/grading/sandbox/library-exports";
import { stageFor } from "../../../kernel-setup/grading/sandbox/stage";
import { StudentKernel } from "../../../kernel-setup/grading/sandbox/student-kernel";
import type { Results } from "../../../kernel-setup/grading/results";
import { projectRoot } from "../../helpers/jupyter-client";
import { addCell, asking, cellOf, noSandbox, sheet, solved } from "./hostile-course";

const source = join(projectRoot, "notebooks", "source", sheet);
const gradeOne = (...args: string[]) => spawnSync(process.execPath, [join(projectRoot, "kernel-setup/dist/grading/grade-one.js"), ...args], { encoding: "utf8", env: { ...process.env, VITRINE_DEBUG: "" } });

describe("grading: one submission", function () {
  this.timeout(240_000);
  let folder: string;
  before(() => { folder = mkdtempSync(join(tmpdir(), "vitrine-grade-")); });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("the sandbox's list of exports is the library's own", () => {
    expect(libraryExports(join(projectRoot, "lib", "dist")).map(({ name }) => name).sort()).to.deep.equal(Object.keys(require(join(projectRoot, "lib", "dist", "index.js")) as object).sort());
  });

  it("the stage has no answer and no judge in it", () => {
    const { folder: stage } = stageFor(projectRoot, { taught: new Map([["saliency", "task-1"]]), uses: new Set() });
    const files = (readdirSync(stage, { recursive: true }) as string[]).filter((file) => file.endsWith(".js"));
    expect(files.filter((file) => /^lib\/dist\/(attribution|attack|visualize|metrics|training|cli|plot|course\/checks)\//.test(file)).sort()).to.deep.equal([
      "attack/criterion.js", "attack/robustness.js", "attribution/channel-reductions.js", "attribution/check-options.js", "metrics/box.js", "training/fit-latents.js",
    ].map((file) => `lib/dist/${file}`));
    expect(files.filter((file) => /^kernel-setup\/dist\/(?!kernel\/(cell|shared)\/|grading\/sandbox\/inside\/)/.test(file))).to.deep.equal([]);
  });

  it("a method in `uses` that would bring a taught one along is refused", () => {
    expect(() => stageFor(projectRoot, { taught: new Map([["occlusion", "task-3"]]), uses: new Set(["occludedInputXGradient"]) })).to.throw(/occlusion is taught by task-3/);
  });

  it("what was sent is copied or refused", () => {
    expect(decodeAnswer({ t: "object", v: [["a", [1, null, { t: "number", v: "NaN" }]]] })).to.deep.equal({ a: [1, null, NaN] });
    expect(Object.getPrototypeOf(decodeAnswer({ t: "object", v: [["__proto__", true]] }))).to.equal(Object.prototype);
    expect(decodeAnswer({ t: "tensor", shape: [2], dtype: "int32", data: Buffer.from(Float32Array.of(1, 2).buffer).toString("base64") })).to.be.instanceOf(StudentTensor);
    const wrong: unknown[] = [{ t: "tensor", shape: [2], dtype: "float32", data: "AAAA" }, { t: "tensor", shape: [-1] }, { t: "tensor", shape: [1e9, 1e9], dtype: "float32", data: "" }, { t: "other", v: "a function" }, { a: 1 }, { t: "object", v: 3 }, [[[[[[[[[[1]]]]]]]]]]];
    for (const each of wrong) expect(() => decodeAnswer(each), JSON.stringify(each)).to.throw(/cannot be read/);
  });

  it("expectClose says what differs", () => {
    const fails = (got: Parameters<typeof expectClose>[0], wanted: Parameters<typeof expectClose>[1], words: RegExp): unknown => expect(() => expectClose(got, wanted, { says: "the map differs" })).to.throw(words);
    expectClose([1, 2.001], [1, 2], { says: "the map differs" });
    expectClose(new StudentTensor([2], "float32", Float32Array.of(1, 2)), Float32Array.of(1, 2), { says: "the map differs" });
    fails([1, 2], [[1, 2]], /shape is \[2\], but \[1, 2\]/);
    fails([-1, -2], [1, 2], /opposite sign/);
    fails([3, 6], [1, 2], /3 times what it should be/);
    fails([1, NaN], [1, 2], /not numbers/);
    fails(undefined, [1], /returned nothing/);
    fails("1", 1, /a string, but a number/);
  });

  it("of a single number expectClose says both, and nothing of every value", () => {
    const words = (got: Parameters<typeof expectClose>[0], wanted: Parameters<typeof expectClose>[1], tolerance?: number): string => {
      try {
        expectClose(got, wanted, { tolerance, says: "the share differs" });
        return "";
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(words(0.653, 1)).to.equal("The share differs: your function gives 0.653, but 1 is right.");
    expect(words([2], [0.5])).to.equal("The share differs: your function gives 2, but 0.5 is right.");
    expect(words(-0.25, 0.25)).to.equal("The share differs: your function gives -0.25, but 0.25 is right. Only the sign is wrong.");
    expect(words(1e-3, 0, 1e-6)).to.equal("The share differs: your function gives 0.001, but 0 is right.");
    expect(words(0.33333, 1 / 3, 1e-6)).to.equal("The share differs: your function gives 0.33333, but 0.3333333 is right.");
    expect([words(1.0005, 1), words(-1e-7, 0, 1e-6)]).to.deep.equal(["", ""]);
  });

  it("a definition that cannot be meant is refused", () => {
    const [task] = loadTasks(join(source, "judge"));
    expect(() => defineTask({ ...task, parts: [] })).to.throw(/no parts/);
    expect(() => defineTask({ ...task, uses: ["saliency"] })).to.throw(/saliency is in `teaches` and in `uses`/);
    expect(() => defineTask({ ...task, parts: [{ ...task.parts[0], points: 0 }] })).to.throw(/points above 0/);
  });

  it("checks and demonstrations do not run; solutions and the student's own cells do", () => {
    const path = join(folder, "select.ipynb"), notebook = solved();
    notebook.cells.push({ cell_type: "code", id: "own", metadata: {}, source: "const mine = 1;", outputs: [], execution_count: null });
    cellOf(notebook, "gradient-show").source = "const changedByMe = () => 1;";
    writeFileSync(path, JSON.stringify(notebook));
    const cells = selectCells(readNotebook(join(source, `${sheet}.ipynb`)).cells, readNotebook(path).cells);
    expect(cells.map(({ task, only, source: text }) => task ?? only ?? text)).to.deep.equal(["declarations", "task-1", "declarations", "task-2", "task-3", "const mine = 1;"]);
  });

  it("of cells without number sixty run; of a solution that is there twice the first is it, and the later one runs as a cell of their own", () => {
    const path = join(folder, "many.ipynb"), notebook = solved();
    notebook.cells.push({ ...cellOf(notebook, "task-1"), source: "const later = 1;" });
    for (let i = 0; i < 100; i++) addCell(notebook, `const own${i} = ${i};`);
    writeFileSync(path, JSON.stringify(notebook));
    const cells = selectCells(readNotebook(join(source, `${sheet}.ipynb`)).cells, readNotebook(path).cells);
    expect(cells.filter(({ source: text }) => /^const (own|later)/.test(text))).to.have.length(60);
    expect(cells.filter(({ task }) => task).map(({ task }) => task)).to.deep.equal(["task-1", "task-2", "task-3"]);
    notebook.cells = notebook.cells.filter(({ id }) => id !== "mine");
    writeFileSync(path, JSON.stringify(notebook));
    const last = selectCells(readNotebook(join(source, `${sheet}.ipynb`)).cells, readNotebook(path).cells).at(-1)!;
    expect([last.task, last.source]).to.deep.equal([undefined, "const later = 1;"]);
  });

  it("wrong usage and what is not there are said in one line", () => {
    expect(gradeOne().status).to.equal(2);
    const { status, stderr } = gradeOne("99-nothing", "x.ipynb", join(folder, "x.json"));
    expect(status).to.equal(1);
    expect(stderr).to.match(/^Cannot grade: there is no sheet 99-nothing.*\n$/);
  });

  describe(`in the sandbox${noSandbox ? " [needs service bubblewrap]" : ""}`, () => {
    before(function () { if (noSandbox) this.skip(); });

    // The same points whenever it is marked again: hostile-class.full.test.ts.
    it("the model solution has all points, and the file is whole", () => {
      const out = join(folder, "out.json"), { status, stderr } = gradeOne(sheet, join(source, `${sheet}.ipynb`), out, "--seed", "7");
      expect(status, stderr).to.equal(0);
      const results = JSON.parse(readFileSync(out, "utf8")) as Results;
      expect(results).to.include({ score: 12, max_score: 12 });
      expect(results.vitrine).to.include({ status: "graded", seed: 7, sheet });
      expect(results.tests.map((test) => test.status)).to.deep.equal(new Array(8).fill("passed"));
      expect(readdirSync(folder).filter((name) => name.includes("partial"))).to.deep.equal([]);
    });

    it("one sandbox: a right answer whatever the seed, a wrong one in words, the answer not to be called, nothing in reach", async () => {
      const tasks = loadTasks(join(source, "judge"));
      const stage = stageFor(projectRoot, { taught: new Map([["saliency", "task-1"]]), uses: new Set() });
      const cells = selectCells(readNotebook(join(source, `${sheet}.ipynb`)).cells, readNotebook(join(source, `${sheet}.ipynb`)).cells);
      const own = { name: "own", source: `
        const library = async (model: VisionModel, images: tf.Tensor4D, target: number[]) => (await saliency(model, images, { target })).values;
        const negative = (model: VisionModel, images: tf.Tensor4D, target: number[]) => tf.neg(myGradient(model, images, target));
        const reach = async () => { const fs = require("fs"), tried: string[] = []; for (const path of [${JSON.stringify(source)}, "/home", "/etc/passwd", "/grade/lib/dist/attribution/saliency.js"]) tried.push(String(fs.existsSync(path))); return [...tried, fs.readdirSync("/proc").filter((name: string) => /^[0-9]+$/.test(name)).length, process.getuid!() === 0]; };` };
      const kernel = new StudentKernel((memoryMiB) => sandboxCommand(projectRoot, stage.folder, { memoryMiB, cpuSeconds: 120 }), [...cells, own]);
      try {
        for (let seed = 1; seed <= 6; seed++) for (const task of tasks) {
          const outcomes = await runTask({ ...task, limits: { seconds: 60 } }, kernel, [seed]);
          expect(outcomes.map(({ reason }) => reason).filter(Boolean), `${task.task}, seed ${seed}`).to.deep.equal([]);
        }
        const renamed = (name: string) => runTask({ ...tasks[0], parts: tasks[0].parts.map((part) => ({ ...part, test: (tools) => part.test(asking(tools, () => name)) })) }, kernel, [1]);
        for (const { status, reason } of await renamed("negative")) expect(`${status}: ${reason}`).to.match(/failed: Sign: every value has the opposite sign/);
        for (const { status, reason } of await renamed("library")) expect(`${status}: ${reason}`).to.match(/failed: .*saliency is not there when task 1 is marked/);
        expect(await kernel.call("task-1", "reach", [], new Allowance(10))).to.deep.equal(["false", "false", "false", "false", 2, false]);
      } finally {
        await kernel.close();
      }
    });
  });
});
