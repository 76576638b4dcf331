import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { executeContent, type KernelClient } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";

describe("kernel: results and output", function () {
  this.timeout(60000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await sharedKernel();
  });

  it("the last expression is an execute_result, with the cell's number, after its execute_input", async () => {
    const { reply, outputs, result } = await kernel.execute("const a: number = 20;\na + 22");
    expect(reply.status).to.equal("ok");
    expect(result).to.equal("42");
    const shown = outputs.find((each) => each.type === "execute_result")!;
    expect(shown.content.execution_count).to.equal(reply.execution_count);
    const input = kernel.published.find(
      (each) => each.type === "execute_input" && each.parent.msg_id === shown.parent.msg_id,
    )!;
    expect(input.content).to.deep.equal({
      code: "const a: number = 20;\na + 22",
      execution_count: reply.execution_count,
    });
    expect(kernel.published.indexOf(input)).to.be.below(kernel.published.indexOf(shown));
  });

  it("undefined and declarations show nothing, null and promises are shown as they are", async () => {
    expect((await kernel.execute("undefined")).outputs).to.deep.equal([]);
    expect((await kernel.execute("const unseen = 1")).outputs).to.deep.equal([]);
    expect((await kernel.execute("null")).result).to.equal("null");
    expect((await kernel.execute("Promise.resolve(4)")).result).to.equal("Promise { 4 }");
    expect((await kernel.execute("await Promise.resolve(4)")).result).to.equal("4");
    expect((await kernel.execute("'text'")).result).to.equal("'text'");
  });

  it("later cells see earlier declarations with their types, and may declare a name again", async () => {
    await kernel.execute("let first = 1; function twice(x: number) { return 2 * x; }");
    expect((await kernel.execute("twice(first)")).result).to.equal("2");
    expect((await kernel.execute("twice('a')")).error!.evalue).to.match(
      /'string' is not assignable to parameter of type 'number'/,
    );
    await kernel.execute("let first = 'now a text'");
    expect((await kernel.execute("first.toUpperCase()")).result).to.equal("'NOW A TEXT'");
  });

  it("the same cell runs as often as one likes, without another in between", async () => {
    for (let run = 0; run < 5; run++)
      expect((await kernel.execute("let again = 1;\nagain++;\nagain")).result, `run ${run + 1}`).to.equal("2");
  });

  it("names may begin with underscores, and declarations may say export", async () => {
    expect((await kernel.execute("const _a = 1, __b = 2, ___c = 3; _a + __b + ___c")).result).to.equal("6");
    expect(
      (await kernel.execute("export const said = __b + ___c; export function sayIt() { return said; } said")).result,
    ).to.equal("5");
    expect((await kernel.execute("sayIt()")).result).to.equal("5");
  });

  it("await stands at top level in every form", async () => {
    expect((await kernel.execute("await (Promise.resolve(1))")).result).to.equal("1");
    expect((await kernel.execute("const cast = await (Promise.resolve(2) as any); cast")).result).to.equal("2");
    expect(
      (await kernel.execute("let sum = 0; for await (const n of [Promise.resolve(3), 4]) sum += n; sum")).result,
    ).to.equal("7");
  });

  it("console and process streams arrive in order, each under its name", async () => {
    const { stdout, stderr, outputs } = await kernel.execute(
      "console.log('a', { b: 1 }); console.error('c'); process.stdout.write('d'); " +
        "process.stdout.write(Buffer.from('é\\n')); console.table",
    );
    expect(stdout).to.equal("a { b: 1 }\ndé\n");
    expect(stderr).to.equal("c\n");
    expect(outputs.filter((each) => each.type === "stream").map((each) => each.content.name)).to.deep.equal([
      "stdout",
      "stderr",
      "stdout",
    ]);
  });

  for (const count of [20_000, 100_000]) {
    it(`${count} lines of a synchronous loop arrive whole, in order, in few messages, and the cell ends`, async () => {
      const { reply, stdout, outputs } = await kernel.execute(
        `for (let i = 0; i < ${count}; i++) console.log("line", i)`,
      );
      expect(reply.status).to.equal("ok");
      expect(stdout === Array.from({ length: count }, (_, i) => `line ${i}\n`).join("")).to.equal(true);
      expect(outputs.length).to.be.below(500);
    });
  }

  it("600 separate displays in one turn all arrive", async () => {
    const { outputs } = await kernel.execute(
      "for (let i = 0; i < 600; i++) (globalThis as any)[Symbol.for('vitrine.host')].display({ 'text/plain': " +
        "String(i) })",
    );
    expect(outputs.map((each) => each.content.data["text/plain"])).to.deep.equal(
      Array.from({ length: 600 }, (_, i) => String(i)),
    );
  });

  it("output is seen while the loop that writes it still runs, synchronous or not", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "vitrine-output-"));
    try {
      for (const [name, waiting] of [
        ["at once", "while (!seen());"],
        ["later", "while (!seen()) await new Promise((resolve) => setTimeout(resolve, 10));"],
      ]) {
        // The cell ends when this file is there, which it is once its output was seen.
        const file = path.join(folder, name);
        const id = kernel.send(
          "shell",
          "execute_request",
          executeContent(
            `import { existsSync } from "fs"; const seen = () => existsSync(${JSON.stringify(file)}); ` +
              `console.log("begun"); ${waiting} 1`,
          ),
        );
        const reply = kernel.reply(id);
        await kernel.until(
          () => kernel.published.some((each) => each.parent.msg_id === id && each.content.text === "begun\n"),
          10000,
          "begun",
        );
        writeFileSync(file, "");
        expect((await kernel.outcome(id, (await reply).content)).result).to.equal("1");
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("a tensor shows its shape, dtype and a corner", async () => {
    await kernel.execute('import * as tf from "@tensorflow/tfjs"');
    const { result } = await kernel.execute("tf.range(0, 200).reshape([20, 10])");
    expect(result).to.match(/^Tensor float32 \[20, 10\]\n\[\[0, 1, 2, 3, 4, 5, …\],\n \[10, 11,/);
    expect((await kernel.execute("const before = tf.memory().numTensors; tf.scalar(3.14159265)")).result).to.equal(
      "Tensor float32 []\n3.1416",
    );
    expect((await kernel.execute("tf.memory().numTensors - before")).result).to.equal("1");
  });

  it("so does a tensor inside an object, an array or a Map, and one that is printed", async () => {
    await kernel.execute('import { tf as t } from "vitrine"; const pair = t.tensor2d([[1, 2], [3, 4]])');
    expect((await kernel.execute("({ pair, list: [pair] })")).result).to.equal(
      "{\n  pair: Tensor float32 [2, 2] [[1, 2], [3, 4]],\n  list: [ Tensor float32 [2, 2] [[1, 2], [3, 4]] ]\n}",
    );
    expect((await kernel.execute("new Map([['p', pair]])")).result).to.equal(
      "Map(1) { 'p' => Tensor float32 [2, 2] [[1, 2], [3, 4]] }",
    );
    expect((await kernel.execute("console.log(pair, 'and', { pair })")).stdout).to.equal(
      "Tensor float32 [2, 2] [[1, 2], [3, 4]] and { pair: Tensor float32 [2, 2] [[1, 2], [3, 4]] }\n",
    );
  });

  it("user_expressions are evaluated, a failing one by itself", async () => {
    const { reply } = await kernel.execute("const u = 5", { user_expressions: { good: "u * 2", bad: "nowhere" } });
    expect(reply.status).to.equal("ok");
    expect(reply.user_expressions.good).to.deep.include({ status: "ok", data: { "text/plain": "10" } });
    expect(reply.user_expressions.bad).to.include({ status: "error", ename: "TypeScriptError" });
  });

  it("silent cells publish nothing and count nothing; store_history: false counts nothing", async () => {
    const before = (await kernel.execute("0")).reply.execution_count;
    const silent = await kernel.execute("console.log('no'); 1", { silent: true });
    expect(silent.outputs).to.deep.equal([]);
    expect((await kernel.execute("1", { store_history: false })).reply.execution_count).to.equal(before);
    expect((await kernel.execute("0")).reply.execution_count).to.equal(before + 1);
  });
});
