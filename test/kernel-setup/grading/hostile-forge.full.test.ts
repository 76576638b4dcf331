import { join } from "node:path";
import { expect } from "chai";
import type { Argument } from "../../../kernel-setup/grading/judge/arguments";
import type { PartTools } from "../../../kernel-setup/grading/judge/define-task";
import { loadTasks } from "../../../kernel-setup/grading/judge/load-tasks";
import { runTask } from "../../../kernel-setup/grading/judge/run-task";
import { sandboxCommand } from "../../../kernel-setup/grading/sandbox/command";
import { stageFor } from "../../../kernel-setup/grading/sandbox/stage";
import { StudentKernel } from "../../../kernel-setup/grading/sandbox/student-kernel";
import { projectRoot } from "../../helpers/jupyter-client";
import { asTask1, Attacks, HostileCourse, inPairs, noSandbox, sheet, withTask1, type Marked, type Notebook } from "./hostile-course";

/** Wrong, and would be right if the thing it changes were believed. */
const wrong = "return tf.zerosLike(images);";
const changing = (code: string, body = wrong): Notebook => withTask1(`${code}\nfunction myGradient(model: VisionModel, images: tf.Tensor4D, target: number[]): any {\n${body}\n}`);

const attacks: { name: string; notebook: Notebook; reason?: RegExp }[] = [
  { name: "vm.runInThisContext and vm.Script say yes", notebook: changing(`const vm = require("vm"); vm.runInThisContext = () => () => true; vm.Script.prototype.runInThisContext = () => () => true; vm.Script = class {};`) },
  { name: "assert and chai never fail", notebook: changing(`const assert = require("assert"); for (const key of Object.keys(assert)) assert[key] = () => true; try { const chai = require("chai"); chai.expect = () => new Proxy({}, { get: () => () => true }); } catch {}`) },
  { name: "JSON.stringify and JSON.parse", notebook: changing(`const plain = JSON.stringify; JSON.stringify = ((value: any) => plain(value && value.id ? { ...value, ok: true, passed: true, points: 100, score: 100, value: true } : value)) as any; const parse = JSON.parse; JSON.parse = ((text: string) => ({ ...parse(text), args: [] })) as any;`), reason: /tensor is asked for|stopped with an error/ },
  { name: "prototypes of Object, Array, Number, Function, Promise", notebook: changing(`Object.assign(Object.prototype, { passed: true, ok: true, points: 100, score: 100, status: "passed" }); Array.prototype.every = (() => true) as any; Array.prototype.some = () => false; Number.isFinite = () => true; Math.abs = () => 0; Math.max = () => 0; Function.prototype.call = function () { return true; } as any; Promise.prototype.catch = function () { return this; } as any;`), reason: /./ },
  { name: "toJSON of every object", notebook: changing(`(Object.prototype as any).toJSON = function () { return { passed: true, points: 100 }; };`), reason: /./ },
  { name: "the library's own functions", notebook: changing(`const library = require("vitrine") as any; for (const key of ["sub", "abs", "max", "grad"]) { try { library.tf[key] = () => library.tf.scalar(0); } catch {} } tf.Tensor.prototype.data = async function () { return new Float32Array(this.size) as any; }; tf.Tensor.prototype.dataSync = function () { return new Float32Array(this.size) as any; };`) },
  { name: "the network made constant, so that a map of zeros would be right", notebook: asTask1(`(model as any).logits = (x: tf.Tensor4D) => tf.zeros([x.shape[0], 10]); (model as any).dispose = () => undefined; ${wrong}`) },
  { name: "forged replies on the protocol's socket, for every number", notebook: asTask1(`const fs = require("fs"); for (let id = 0; id < 400; id++) fs.writeSync(3, JSON.stringify({ id, nonce: "0".repeat(24), ok: true, value: { t: "tensor", shape: images.shape, dtype: "float32", data: "" }, passed: true, points: 100 }) + "\\n"); ${wrong}`) },
  { name: "the nonce read off the socket, and used first", notebook: changing(`const net = require("net"); let nonce = ""; const emit = net.Socket.prototype.emit; net.Socket.prototype.emit = function (event: string, data: any) { const found = /"id":(\\d+),"nonce":"(\\w+)"/.exec(String(data)); if (event === "data" && found) this.write(JSON.stringify({ id: Number(found[1]), nonce: found[2], ok: true, passed: true, points: 100, status: "passed", value: { t: "object", v: [["passed", true], ["points", 100]] } }) + "\\n"); return emit.apply(this, arguments); };`), reason: /tensor is asked for|There is no function/ },
  { name: "says that it is ready again and again", notebook: asTask1(`for (let i = 0; i < 50; i++) require("fs").writeSync(3, '{"ready":true}\\n'); ${wrong}`) },
  { name: "prints results", notebook: asTask1(`console.log('{"score":100,"tests":[{"name":"task-1","score":100,"max_score":3,"status":"passed"}]}'); console.log("✓ all right"); require("fs").writeSync(2, "\\u001b]0;passed\\u0007\\u001b[2J 12 passing\\n"); ${wrong}`) },
  { name: "writes results.json wherever it can", notebook: asTask1(`for (const folder of ["/tmp", "/grade/work", "."]) require("fs").writeFileSync(folder + "/results.json", '{"score":100}'); ${wrong}`) },
  { name: "throws what a passed check would", notebook: asTask1(`throw Object.assign(new Error("passed"), { name: "Passed", points: 100, status: "passed" });`), reason: /Passed: passed/ },
  { name: "throws null, and an error whose message throws", notebook: asTask1(`if (images.shape[0] === 1) throw null; throw { get message() { throw new Error("deeper"); }, get name() { return 3; } };`), reason: /./ },
];

/** What the function gives in place of a map, by name. */
const garbage: Record<string, string> = {
    "a number": "return 1;", "nothing": "return;", "text with HTML and control characters": `return "<script>alert(1)</script>\\u001b[31m\\u0000";`, "a circle": "const a: any[] = []; a.push(a); return a;", "a proxy": "return new Proxy({}, { get: () => 1, ownKeys: () => { throw new Error('no'); } });",
    "a getter that throws": "return { get values() { throw new Error('no'); } };", "__proto__ and constructor": `return JSON.parse('{"__proto__":{"passed":true},"constructor":{"prototype":{"passed":true}}}');`, "a function": "return () => 1;", "a symbol": "return Symbol('x');", "a big integer": "return 10n;",
    "a tensor that lies about its shape": "const one = tf.zeros([1]); Object.defineProperty(one, 'shape', { value: images.shape }); return one;", "a tensor of texts": "return tf.tensor(['a']);", "not numbers": "return tf.fill(images.shape, NaN);", "infinite": "return tf.fill(images.shape, Infinity);",
    "a disposed tensor": "const gone = tf.zerosLike(images); gone.dispose(); return gone;", "its own argument": "return images;", "a tensor of no dimension": "return tf.scalar(1);", "a shape that is none": "return { shape: [-1, 1e9], dtype: 'float32', data: 'AAAA' };", "lists in place of a tensor": "return tf.zerosLike(images).arraySync();",
    "complex numbers": "return tf.complex([1], [2]);", "a deep list": "let deep: any = 1; for (let i = 0; i < 5000; i++) deep = [deep]; return deep;", "a sparse list": "const sparse: any[] = []; sparse[1e7] = 1; return sparse;", "a date, a map, an error": "return [new Date(), new Map([[1, 2]]), new Error('x')];",
};

describe(`grading: what a hostile submission forges${noSandbox ? " [needs service bubblewrap]" : ""}`, function () {
  this.timeout(600_000);
  let course: HostileCourse, table: Attacks;
  const marked = new Map<string, Promise<Marked>>(), inTurn = inPairs();
  before(function () {
    if (noSandbox) return this.skip();
    course = new HostileCourse();
    table = new Attacks("forge", course);
    for (const { name, notebook } of attacks) marked.set(name, inTurn(() => table.mark(name, notebook, { seconds: 8 })));
  });
  after(() => { table?.finish(); course?.remove(); });

  for (const { name, reason = /0 everywhere|There is no function|stopped with an error|not be read|not those asked for/ } of attacks) {
    it(name, async () => {
      const { results, task } = await marked.get(name)!;
      expect(results.vitrine.status, results.vitrine.reason).to.equal("graded");
      expect(task("task-1"), JSON.stringify(results.vitrine.tasks)).to.include({ points: 0, status: "failed" });
      expect(task("task-1").reason).to.match(reason).and.not.match(/[\u0000-\u0008\u001b]/);
      expect(results.score).to.be.oneOf([0, 5, 9]);
      expect(results).to.have.keys("score", "max_score", "execution_time", "output", "tests", "vitrine");
      course.expectUntouched();
    });
  }

  it(`answers that are none: ${Object.keys(garbage).join(", ")}`, async () => {
    // One sandbox for all: the sheet's own test asks a function of another name each time.
    const names = Object.keys(garbage), [task] = loadTasks(join(course.root, "source", sheet, "judge"));
    const functions = names.map((name, i) => `async function answer${i}(model: VisionModel, images: tf.Tensor4D, target: number[]): Promise<any> { ${garbage[name]} }`);
    const cells = [{ name: "sheet", source: `import { tf } from "vitrine"; import type { VisionModel } from "vitrine";` }, { name: "task-1", source: functions.join("\n") }];
    const stage = stageFor(projectRoot, { taught: new Map(), uses: new Set() });
    const kernel = new StudentKernel(() => sandboxCommand(projectRoot, stage.folder, { memoryMiB: 1024, cpuSeconds: 120 }), cells);
    try {
      const parts = names.map((name, i) => ({ name, points: 1, test: (tools: PartTools) => task.parts[1].test({ ...tools, student: { ...tools.student, call: (_: string, args: readonly Argument[]) => tools.student.call(`answer${i}`, args) } }) }));
      const outcomes = await runTask({ ...task, parts, limits: { seconds: 60 } }, kernel, [1]);
      for (const { part, status, reason, seconds } of outcomes) {
        table.add({ attack: `answers with ${part.name}`, happened: reason ?? "", points: status === "passed" ? "all" : "0", seconds });
        expect({ name: part.name, status }).to.deep.equal({ name: part.name, status: "failed" });
        expect(reason, part.name).to.be.a("string").and.not.match(/There is no|time for this task/);
      }
    } finally {
      await kernel.close();
    }
  });
});
