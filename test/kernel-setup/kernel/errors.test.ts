import { expect } from "chai";
import { executeContent, type KernelClient } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";

describe("kernel: errors", function () {
  this.timeout(60000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await sharedKernel();
  });

  it("a type error is an error reply and message; it names the line, shows it and underlines the place", async () => {
    const { reply, error } = await kernel.execute('const fine = 1;\nconst wrong: number = "text";');
    expect(reply.status).to.equal("error");
    expect(reply).to.deep.include(error!);
    expect(error!.ename).to.equal("TypeScriptError");
    expect(error!.evalue).to.equal("line 2: Type 'string' is not assignable to type 'number'. (TS2322)");
    expect(error!.traceback.slice(1)).to.deep.equal([
      "  1 | const fine = 1;",
      '> 2 | const wrong: number = "text";',
      "    |       ^^^^^",
    ]);
  });

  it("nothing of a cell with a type error runs", async () => {
    await kernel.execute("globalThis.process.env.VITRINE_TEST = 'ran'; const bad: number = ''");
    expect((await kernel.execute("process.env.VITRINE_TEST")).outputs).to.deep.equal([]);
  });

  it("a runtime error carries the student's lines, counted in the TypeScript that was written", async () => {
    const { reply, error } = await kernel.execute(
      "interface Erased { a: number }\ntype AlsoErased =\n  | 1\n  | 2;\nfunction outer(): void {\n  " +
        "inner();\n}\nfunction inner(): void {\n  // a comment\n  throw new RangeError('too far');\n}\nouter()",
    );
    expect(reply).to.include({ status: "error", ename: "RangeError", evalue: "too far" });
    const name = `In [${reply.execution_count}]`;
    expect(error!.traceback.slice(0, 4)).to.deep.equal([
      "RangeError: too far",
      `    at inner (${name}:10:9)`,
      `    at outer (${name}:6:3)`,
      `    at ${name}:12:1`,
    ]);
    expect(error!.traceback.join("\n")).to.match(/> 10 \| {3}throw new RangeError\('too far'\);\n {5}\| {9}\^/);
  });

  it("a function of an earlier cell is named with that cell's number and shown", async () => {
    const {
      reply: { execution_count: n },
    } = await kernel.execute("function earlierCell() {\n  null!.x;\n}".replace("null!", "(undefined as any)"));
    const { error } = await kernel.execute("earlierCell()");
    expect(error!.ename).to.equal("TypeError");
    expect(error!.traceback).to.include(`In [${n}], line 2:`);
  });

  it("lines are right after an await and in printed errors too", async () => {
    const { error } = await kernel.execute("interface A {}\nawait null;\nthrow new Error('later')");
    expect(error!.traceback[1]).to.match(/In \[\d+\]:3:7/);
    const { stderr } = await kernel.execute("interface B {}\nconsole.error(new Error('shown'))");
    expect(stderr).to.match(/Error: shown\n {4}at In \[\d+\]:2:15\n/);
  });

  it("what is thrown need not be an Error", async () => {
    expect((await kernel.execute("throw 'just text'")).reply).to.include({
      status: "error",
      ename: "string",
      evalue: "just text",
    });
    expect((await kernel.execute("throw { code: 5 }")).reply).to.include({
      status: "error",
      ename: "Object",
      evalue: "{ code: 5 }",
    });
    expect((await kernel.execute("throw undefined")).reply).to.include({ status: "error", evalue: "undefined" });
    expect((await kernel.execute("throw new Proxy({}, { get() { throw new Error('trap') } })")).reply.status).to.equal(
      "error",
    );
  });

  it("the student's frames are there below any number of a library's, and a package's are folded", async () => {
    const { reply, error } = await kernel.execute(
      "import { tf as deepTf } from 'vitrine';\n" +
        "function below(n: number): number { return n > 0 ? below(n - 1) : size(); }\n" +
        "const size = () => deepTf.util.sizeFromShape(null as never);\n" +
        "function fromAbove(): number { return below(3); }\nfromAbove()",
    );
    const name = `In [${reply.execution_count}]`;
    expect(error!.traceback.join("\n")).to.not.include("node_modules");
    expect(error!.traceback).to.include(`    at fromAbove (${name}:4:39)`).and.to.include(`    at ${name}:5:1`);
    const sorted = await kernel.execute(
      "function compared(): number { throw new Error('deep'); }\n" +
        "const nest = (n: number): unknown => n > 0 ? [1].map(() => nest(n - 1)) : compared();\nnest(7)",
    );
    expect(sorted.error!.traceback.join("\n")).to.match(/at In \[\d+\]:3:1/);
  });

  it("an operation of TensorFlow.js that fails names itself, the shapes and the student's own line", async () => {
    const { reply, error } = await kernel.execute(
      "import { tf as shapeTf } from 'vitrine';\nconst shapeQ = shapeTf.tensor1d([1, 2, 3]);\n" +
        "function goWrong() { const r = shapeQ.reshape([3, 1]); return shapeTf.matMul(r, r); }\ngoWrong();",
    );
    const name = `In [${reply.execution_count}]`;
    expect(error!.evalue).to.equal(
      "matMul of [3,1] and [3,1]: the inner sizes 1 and 3 differ. " +
        "The first matrix has as many columns as the second has rows.",
    );
    expect(error!.traceback.slice(1, 3)).to.deep.equal([`    at goWrong (${name}:3:71)`, `    at ${name}:4:1`]);
    expect(error!.traceback.join("\n")).to.include(`${name}, line 3:`).and.not.include("node_modules");
  });

  it("the cause is shown", async () => {
    const { error } = await kernel.execute("throw new Error('outer', { cause: new Error('inner') })");
    expect(error!.traceback).to.include("Caused by:").and.to.include("Error: inner");
  });

  it("what a failed cell defined before the error stays; what it did not reach does not", async () => {
    await kernel.execute("let kept = 1; let replaced = 'old'; let empty: number | undefined");
    await kernel.execute(
      "interface Shape { a: number }\nfunction failing(): Shape { throw new Error('x'); }\nconst reached: Shape " +
        "= { a: 2 }, both = 3;\nfailing();\nlet unreached = 4, replaced = 5;",
    );
    expect(
      (await kernel.execute("const again: Shape = reached; [kept, again.a, both, typeof failing]")).result,
    ).to.equal("[ 1, 2, 3, 'function' ]");
    expect((await kernel.execute("typeof empty")).result).to.equal("'undefined'");
    expect((await kernel.execute("unreached")).error!.evalue).to.match(/Cannot find name 'unreached'/);
    expect((await kernel.execute("replaced")).error!.evalue).to.match(/Cannot find name 'replaced'/);
  });

  it("syntax errors are errors", async () => {
    expect((await kernel.execute("let = = 3")).reply).to.include({ status: "error", ename: "TypeScriptError" });
    expect((await kernel.execute("1 + 1")).result).to.equal("2");
  });

  it("rejections and exceptions that nobody caught fail the running cell; the kernel lives", async () => {
    expect((await kernel.execute("Promise.reject(new Error('not awaited')); 1")).reply).to.include({
      status: "error",
      evalue: "not awaited",
    });
    expect(
      (await kernel.execute("setTimeout(() => { throw new Error('from a timer') }, 5); await new Promise(() => {})"))
        .reply,
    ).to.include({ status: "error", evalue: "from a timer" });
    expect((await kernel.execute("'alive'")).result).to.equal("'alive'");
  });

  it("one that comes after the cell has ended is published as an error", async () => {
    await kernel.execute("setTimeout(() => { throw new Error('too late') }, 100)");
    await kernel.until(
      () => kernel.published.some((each) => each.type === "error" && each.content.evalue === "too late"),
      3000,
      "published",
    );
    expect((await kernel.execute("'alive'")).result).to.equal("'alive'");
  });

  it("process.exit is an error", async () => {
    expect((await kernel.execute("process.exit(0)")).error!.evalue).to.match(/process\.exit\(0\) was called in a cell/);
    expect((await kernel.execute("'alive'")).result).to.equal("'alive'");
  });

  it("reading stdin ends at once", async () => {
    const { stdout } = await kernel.execute(
      "let text = ''; for await (const chunk of process.stdin) text += chunk; console.log('read', text.length)",
    );
    expect(stdout).to.equal("read 0\n");
  });

  it("a variable that is undefined outlives a cell that fails", async () => {
    await kernel.execute("let unset: number | undefined; const empty = undefined;");
    await kernel.execute("const never = 1; throw new Error('x')");
    expect((await kernel.execute("unset === empty")).result).to.equal("true");
  });

  it("stop_on_error aborts the cells already sent, in the protocol's word, and not those sent after", async () => {
    const ids = ["throw new Error('stop')", "console.log('ran 1')", "console.log('ran 2')"].map((code) =>
      kernel.send("shell", "execute_request", executeContent(code)),
    );
    const replies = await Promise.all(ids.map((id) => kernel.reply(id)));
    expect(replies.map(({ content }) => content.status)).to.deep.equal(["error", "aborted", "aborted"]);
    expect((await kernel.execute("2")).reply.status).to.equal("ok");
    for (const id of ids.slice(1)) expect((await kernel.outcome(id, {})).outputs).to.deep.equal([]);
  });

  it("stop_on_error: false runs the rest", async () => {
    const ids = ["throw new Error('go on')", "3"].map((code) =>
      kernel.send("shell", "execute_request", executeContent(code, { stop_on_error: false })),
    );
    const replies = await Promise.all(ids.map((id) => kernel.reply(id)));
    expect(replies.map(({ content }) => content.status)).to.deep.equal(["error", "ok"]);
  });
});
