import { expect } from "chai";
import { executeContent, type KernelClient } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";

const cells: [string, string][] = [
  ["a synchronous loop", "console.log('in'); while (true);"],
  [
    "a synchronous loop after an await",
    "await new Promise((resolve) => setTimeout(resolve, 20)); console.log('in'); while (true);",
  ],
  ["a loop of microtasks", "console.log('in'); while (true) await null;"],
  [
    "an async loop that sleeps on setTimeout",
    "console.log('in'); while (true) await new Promise((resolve) => setTimeout(resolve, 30));",
  ],
  [
    "an async loop on setImmediate",
    "console.log('in'); while (true) await new Promise((resolve) => setImmediate(resolve));",
  ],
  ["a promise that never settles", "console.log('in'); await new Promise(() => {});"],
];

describe("kernel: interrupt", function () {
  this.timeout(60000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await sharedKernel();
  });

  async function interrupted(
    code: string,
    how: () => unknown,
  ): Promise<{ reply: Record<string, any>; took: number; id: string }> {
    const id = kernel.send("shell", "execute_request", executeContent(code));
    const reply = kernel.reply(id);
    await kernel.until(
      () => kernel.published.some((each) => each.type === "stream" && each.parent.msg_id === id),
      10000,
      "begun",
    );
    const began = Date.now();
    how();
    return { reply: (await reply).content, took: Date.now() - began, id };
  }

  for (const [name, code] of cells) {
    for (const [by, how] of [
      ["interrupt_request", () => kernel.interrupt()],
      ["SIGINT", () => kernel.process.kill("SIGINT")],
    ] as const) {
      it(`${name} ends by ${by}, and the kernel goes on`, async () => {
        const { reply, took } = await interrupted(code, how);
        expect(reply).to.include({ status: "error", ename: "KeyboardInterrupt" });
        expect(took).to.be.below(3000);
        expect((await kernel.execute("6 * 7")).result).to.equal("42");
      });
    }
  }

  it("code that watches the host's signal stops by itself, through its finally, at once", async () => {
    const { reply, took, id } = await interrupted(
      `const { signal } = (globalThis as any)[Symbol.for("vitrine.host")];
       console.log("in");
       try { await new Promise((_, reject) => signal.addEventListener("abort",
         () => reject(new Error("stopped by the signal")))); }
       finally { console.log("finally ran"); }`,
      () => kernel.interrupt(),
    );
    expect(reply).to.include({ status: "error", evalue: "stopped by the signal" });
    expect(took).to.be.below(400);
    expect((await kernel.outcome(id, reply)).stdout).to.equal("in\nfinally ran\n");
  });

  it("a sleep of timers/promises rejects, so finally runs", async () => {
    const { reply, id } = await interrupted(
      `import { setTimeout as sleep } from "timers/promises"; console.log("in"); try { while (true) await ` +
        `sleep(20); } finally { console.log("finally ran"); }`,
      () => kernel.interrupt(),
    );
    expect(reply.ename).to.equal("KeyboardInterrupt");
    expect((await kernel.outcome(id, reply)).stdout).to.equal("in\nfinally ran\n");
  });

  it("an interrupted loop of sleeps really stops", async () => {
    await interrupted(
      "const ticks = { n: 0 }; (globalThis as any).ticks = ticks; console.log('in'); while (true) { ticks.n++; " +
        "await new Promise((resolve) => setTimeout(resolve, 10)); }",
      () => kernel.interrupt(),
    );
    const { result } = await kernel.execute(
      "const seen = (globalThis as any).ticks.n; await new Promise((resolve) => setTimeout(resolve, 200)); [seen " +
        "> 0, (globalThis as any).ticks.n - seen]",
    );
    expect(result).to.equal("[ true, 0 ]");
  });

  it("after a termination the library is asked to put its state right", async () => {
    await kernel.execute(
      "let resets = 0; const world = globalThis as any, key = Symbol.for('vitrine.reset'), own = world[key]; " +
        "world[key] = () => { resets++; own?.(); }",
    );
    await interrupted("console.log('in'); while (true);", () => kernel.interrupt());
    expect((await kernel.execute("world[key] = own; resets")).result).to.equal("1");
  });

  it("cells queued behind the interrupted one are aborted", async () => {
    const first = kernel.send("shell", "execute_request", executeContent("console.log('in'); while (true);"));
    const second = kernel.send("shell", "execute_request", executeContent("'not run'"));
    const replies = [kernel.reply(first), kernel.reply(second)];
    await kernel.until(
      () => kernel.published.some((each) => each.type === "stream" && each.parent.msg_id === first),
      10000,
      "begun",
    );
    await kernel.interrupt();
    expect((await Promise.all(replies)).map(({ content }) => content.status)).to.deep.equal(["error", "aborted"]);
  });

  it("an interrupt of an idle kernel does nothing to the next cell", async () => {
    expect((await kernel.interrupt()).content.status).to.equal("ok");
    kernel.process.kill("SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await kernel.execute("1")).result).to.equal("1");
  });

  it("heartbeat and control answer while a cell keeps the thread", async () => {
    await interrupted("console.log('in'); while (true);", async () => {
      expect(await kernel.heartbeat()).to.equal("ping");
      expect((await kernel.request("control", "kernel_info_request")).type).to.equal("kernel_info_reply");
      await kernel.interrupt();
    });
  });
});
