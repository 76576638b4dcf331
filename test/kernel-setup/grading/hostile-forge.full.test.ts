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
import { Attacks, HostileCourse, inPairs, noSandbox, sheet, type Marked } from "./hostile-course";
import { forgeries } from "./hostile-forge-attacks";

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
    for (const { name, notebook } of forgeries) marked.set(name, inTurn(() => table.mark(name, notebook, { seconds: 8 })));
  });
  after(() => { table?.finish(); course?.remove(); });

  for (const { name, reason = /0 everywhere|There is no function|stopped with an error|not be read|not those asked for/ } of forgeries) {
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
    const kernel = new StudentKernel((memoryMiB) => sandboxCommand(projectRoot, stage.folder, { memoryMiB, cpuSeconds: 120 }), cells);
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
