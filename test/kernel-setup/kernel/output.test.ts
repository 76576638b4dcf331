import { expect } from "chai";
import { KernelClient, plain } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";

const host = "(globalThis as any)[Symbol.for('vitrine.host')]";
const RED = "\u001b[31m";

describe("kernel: how output looks", function () {
  this.timeout(60000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await sharedKernel();
  });

  it("printed objects and tracebacks are coloured, results are not", async () => {
    const { outputs } = await kernel.execute("console.log({ n: 1 }); ({ n: 1 })");
    expect(outputs[0].content.text).to.equal("{ n: \u001b[33m1\u001b[39m }\n");
    expect(outputs[1].content.data["text/plain"]).to.equal("{ n: 1 }");
    for (const code of ["throw new Error('x')", "const s: string = 1"]) {
      const [error] = (await kernel.execute(code)).outputs;
      expect(error.content.traceback.join("\n")).to.include(RED);
      expect(error.content.ename + error.content.evalue).to.equal(plain(error.content.ename + error.content.evalue));
    }
  });

  it("objects are opened as deep as stays readable", async () => {
    const nested = "{ a: { b: { c: { d: { e: 1 } } } } }";
    expect((await kernel.execute(`(${nested})`)).result).to.include("e: 1");
    expect(
      (await kernel.execute("Array.from({ length: 300 }, (_, i) => ({ i, deep: { deeper: { deepest: { i } } } }))"))
        .result,
    ).to.include("[Object]");
    const { result } = await kernel.execute("const ring: any = { name: 'ring' }; ring.self = ring; ring");
    expect(result).to.match(/\[Circular \*1\]/);
    expect((await kernel.execute("'x'.repeat(5_000_000)")).result!.length).to.be.below(20_000);
    expect((await kernel.execute("new Array(1_000_000).fill(0)")).result!.length).to.be.below(20_000);
  });

  it("carriage returns and escape sequences of the student's own pass", async () => {
    expect(
      (await kernel.execute(`process.stdout.write("1\\r2\\u001b[1mbold\\u001b[22m")`)).outputs[0].content.text,
    ).to.equal("1\r2\u001b[1mbold\u001b[22m");
  });
});

describe("kernel: the limit on a cell's output", function () {
  this.timeout(60000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await KernelClient.start({ env: { VITRINE_OUTPUT_LIMIT_MB: "0.2" }, warm: true });
  });
  after(() => kernel?.kill());

  it("a cell that prints too much is cut with a notice, goes on, and the next one prints again", async () => {
    const { reply, stdout, stderr, result } = await kernel.execute(
      "for (let i = 0; i < 40_000; i++) console.log('0123456789'); 'done'",
    );
    expect([reply.status, result]).to.deep.equal(["ok", "'done'"]);
    expect(stdout).to.have.length(200_000);
    expect(stderr).to.match(
      /^\n\[This cell's output is cut here, at 0\.2 MB; the cell goes on\. .*VITRINE_OUTPUT_LIMIT_MB.*\]\n$/,
    );
    expect((await kernel.execute("console.log('again')")).stdout).to.equal("again\n");
  });

  it("cutting does not hide the error that ends the cell", async () => {
    const { error } = await kernel.execute(
      "for (let i = 0; i < 40_000; i++) console.log('0123456789'); throw new Error('seen')",
    );
    expect(error!.evalue).to.equal("seen");
  });

  it("a loop without end that prints can still be interrupted", async () => {
    const before = kernel.published.length;
    const cell = kernel.execute("for (;;) console.log('0123456789'.repeat(10))");
    await kernel.until(
      () => kernel.published.slice(before).some((each) => each.type === "stream" && /cut here/.test(each.content.text)),
      10000,
      "cut",
    );
    await kernel.interrupt();
    expect((await cell).reply.ename).to.equal("KeyboardInterrupt");
  });

  it("displays count too, ten times as generously; replacing and clearing are free", async () => {
    const picture = `{ "text/plain": "p".repeat(100_000) }`;
    const { outputs, stderr } = await kernel.execute(`for (let i = 0; i < 30; i++) ${host}.display(${picture})`);
    expect(outputs.filter((each) => each.type === "display_data")).to.have.length(19);
    expect(stderr).to.match(/at 2 MB/);
    const replaced = await kernel.execute(
      `${host}.display({}, {}, { displayId: "p" }); for (let i = 0; i < 30; i++) ${host}.display(${picture}, {}, ` +
        `{ displayId: "p", update: true })`,
    );
    expect(replaced.outputs.filter((each) => each.type === "update_display_data")).to.have.length(30);
    const cleared = await kernel.execute(
      `for (let i = 0; i < 5; i++) { console.log("x".repeat(100_000)); ${host}.clearOutput(); }`,
    );
    expect(cleared.stdout).to.have.length(500_005);
    expect(cleared.stderr).to.equal("");
  });

  it("after its output is cleared, a cell whose output was cut prints again", async () => {
    const { stdout } = await kernel.execute(
      `for (let i = 0; i < 5; i++) console.log("x".repeat(100_000)); ${host}.clearOutput(); console.log("after");`,
    );
    expect(stdout).to.match(/^[x\n]{200000}after\n$/);
  });

  it("can be set from a cell; nonsense is refused", async () => {
    expect((await kernel.execute(`${host}.outputLimit = 0`)).error!.evalue).to.match(
      /^outputLimit must be a number of characters above 0 .* got 0$/,
    );
    const { stdout, stderr } = await kernel.execute(
      `${host}.outputLimit = Infinity; for (let i = 0; i < 5; i++) console.log("x".repeat(100_000))`,
    );
    expect([stdout.length, stderr]).to.deep.equal([500_005, ""]);
  });
});

describe("kernel: output as the environment wants it", function () {
  this.timeout(60000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await KernelClient.start({ env: { NO_COLOR: "1", VITRINE_OUTPUT_LIMIT_MB: "0" }, warm: true });
  });
  after(() => kernel?.kill());

  it("NO_COLOR turns colours off", async () => {
    const { outputs } = await kernel.execute("console.log({ n: 1 }); throw new Error('x')");
    expect(outputs[0].content.text).to.equal("{ n: 1 }\n");
    expect(outputs[1].content.traceback.join("\n")).to.not.include("\u001b");
  });

  it("VITRINE_OUTPUT_LIMIT_MB=0 lifts the limit on a cell's output", async () => {
    expect(
      (await kernel.execute("for (let i = 0; i < 110; i++) console.log('x'.repeat(99_999))")).stdout,
    ).to.have.length(11_000_000);
  });
});
