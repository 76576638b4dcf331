import { join } from "node:path";
import { expect } from "chai";
import type { PartTools } from "../../../kernel-setup/grading/judge/define-task";
import { loadTasks } from "../../../kernel-setup/grading/judge/load-tasks";
import { runTask, type PartOutcome } from "../../../kernel-setup/grading/judge/run-task";
import { sandboxCommand } from "../../../kernel-setup/grading/sandbox/command";
import { stageFor } from "../../../kernel-setup/grading/sandbox/stage";
import { StudentKernel } from "../../../kernel-setup/grading/sandbox/student-kernel";
import { projectRoot } from "../../helpers/jupyter-client";
import { asking, functionCell, noSandbox, sheet } from "./hostile-course";

/** What the function gives in place of a map, by name. */
const garbage: Record<string, string> = {
  "a number": "return 1;",
  nothing: "return;",
  "text with HTML and control characters": `return "<script>alert(1)</script>\\u001b[31m\\u0000";`,
  "a circle": "const a: any[] = []; a.push(a); return a;",
  "a proxy": "return new Proxy({}, { get: () => 1, ownKeys: () => { throw new Error('no'); } });",
  "a getter that throws": "return { get values() { throw new Error('no'); } };",
  "__proto__ and constructor":
    `return JSON.parse('{"__proto__":{"passed":true},` + `"constructor":{"prototype":{"passed":true}}}');`,
  "a function": "return () => 1;",
  "a symbol": "return Symbol('x');",
  "a big integer": "return 10n;",
  "a tensor that lies about its shape":
    "const one = tf.zeros([1]); Object.defineProperty(one, 'shape', { value: images.shape }); return one;",
  "a tensor of texts": "return tf.tensor(['a']);",
  "not numbers": "return tf.fill(images.shape, NaN);",
  infinite: "return tf.fill(images.shape, Infinity);",
  "a disposed tensor": "const gone = tf.zerosLike(images); gone.dispose(); return gone;",
  "its own argument": "return images;",
  "a tensor of no dimension": "return tf.scalar(1);",
  "a shape that is none": "return { shape: [-1, 1e9], dtype: 'float32', data: 'AAAA' };",
  "lists in place of a tensor": "return tf.zerosLike(images).arraySync();",
  "complex numbers": "return tf.complex([1], [2]);",
  "a deep list": "let deep: any = 1; for (let i = 0; i < 5000; i++) deep = [deep]; return deep;",
  "a sparse list": "const sparse: any[] = []; sparse[1e7] = 1; return sparse;",
  "a date, a map, an error": "return [new Date(), new Map([[1, 2]]), new Error('x')];",
  "no values with an empty shape": "return { shape: [], data: [] };",
  "no values with the right shape": "return { shape: images.shape, data: [] };",
  "a length and no values": "return { shape: images.shape, data: { length: 2e8 } };",
  "getters that claim to be right":
    "return { get shape() { return images.shape; }, get data() { return { get length() { return images.size; } }; } };",
  "a proxy that claims everything":
    "return new Proxy({}, { get: (_, key) => (key === 'shape' ? images.shape : 1), ownKeys: () => ['shape', " +
    "'data'], getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }) });",
  "names that cannot be printed": "return { toString: 1, valueOf: 1 };",
  "an error whose name is no text": "throw Object.assign(new Error('x'), { name: { toString: 1, valueOf: 1 } });",
  "an error whose message is a list of such": "throw { message: [{ toString: 1, valueOf: 1 }] };",
  "an error whose name throws": "throw new Proxy(new Error('x'), { get: () => { throw new Error('no'); } });",
  "a function thrown": "throw Object.assign(() => 1, { toString: null });",
};

describe(`grading: answers that are none${noSandbox ? " [needs service bubblewrap]" : ""}`, function () {
  this.timeout(300_000);
  const names = Object.keys(garbage);
  let outcomes: readonly PartOutcome[];

  // One sandbox for all: the sheet's own test asks a function of another name each time.
  before(async function () {
    if (noSandbox) return this.skip();
    const [task] = loadTasks(join(projectRoot, "notebooks", "source", sheet, "judge"));
    const cells = [
      { name: "sheet", source: `import { tf } from "vitrine"; import type { VisionModel } from "vitrine";` },
      {
        name: "task-1",
        source: names.map((name, i) => functionCell(`answer${i}`, { body: garbage[name] })).join("\n"),
      },
    ];
    const stage = stageFor(projectRoot, { taught: new Map(), uses: new Set() });
    const kernel = new StudentKernel(
      (memoryMiB) => sandboxCommand(projectRoot, stage.folder, { memoryMiB, cpuSeconds: 120 }),
      cells,
    );
    try {
      const parts = names.map((name, i) => ({
        name,
        points: 1,
        test: (tools: PartTools) => task.parts[1].test(asking(tools, () => `answer${i}`)),
      }));
      outcomes = await runTask({ ...task, parts, limits: { seconds: 60 } }, kernel, [1]);
    } finally {
      await kernel.close();
    }
  });

  for (const [i, name] of names.entries()) {
    it(`${name} has no points, and a reason`, () => {
      const { part, status, reason } = outcomes[i];
      expect({ name: part.name, status }).to.deep.equal({ name, status: "failed" });
      expect(reason)
        .to.be.a("string")
        .and.not.match(/There is no|time for this task/);
    });
  }
});
