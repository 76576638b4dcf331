import { expect } from "chai";
import { spawn } from "child_process";
import { randomUUID } from "crypto";
import { join } from "path";
import { executeContent, KernelClient, projectRoot, type CellOutcome } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";

describe("kernel: faults", function () {
  this.timeout(90000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await sharedKernel();
  });

  it("a front end that is lost while its cell runs disturbs neither the cell nor the next front end", async () => {
    await kernel.execute("const done = { n: 0 }");
    const lost = await kernel.another();
    lost.send(
      "shell",
      "execute_request",
      executeContent(
        "for (let i = 0; i < 5; i++) { await new Promise((resolve) => setTimeout(resolve, 60)); console.log(i); " +
          "} done.n = 5",
      ),
    );
    await lost.until(() => lost.published.some((each) => each.type === "stream"), 10000, "begun");
    lost.vanish();
    const next = await kernel.another();
    expect((await next.execute("done.n")).result).to.equal("5");
    next.vanish();
  });

  it("a front end back under its old name is answered, though the old connection was never closed", async () => {
    await kernel.execute("const kept = 'still here'");
    const first = await kernel.another();
    const again = await kernel.another({ session: first.session });
    expect((await again.execute("kept")).result).to.equal("'still here'");
    expect((await again.request("control", "kernel_info_request")).content.status).to.equal("ok");
    again.vanish();
    first.vanish();
  });

  for (const channel of ["shell", "control", "stdin"] as const) {
    it(`what is malformed, unsigned or wrongly signed on the ${channel} channel is dropped and logged`, async () => {
      const type = channel === "control" ? "shutdown_request" : channel === "shell" ? "execute_request" : "input_reply";
      const frames = (key?: string): string[] =>
        kernel.frames(type, { code: "process.env.FORGED = '1'", restart: false, value: "forged" }, randomUUID(), key);
      const before = kernel.terminal.length;
      const good = frames();
      const signed = (index: number, text: string): string[] =>
        kernel.frames(type, {}, randomUUID()).map((each, i) => (i === index ? text : each));
      for (const bad of [
        frames("another key"),
        [good[0], "", ...good.slice(2)],
        good.slice(2),
        good.slice(0, 4),
        signed(2, "{"),
        signed(5, "[]"),
      ])
        await kernel.sendFrames(bad, channel);
      const dropped = (): number => kernel.terminal.slice(before).split("message dropped").length - 1;
      await kernel.until(() => dropped() >= 6, 5000, "dropped six times");
      expect(dropped()).to.equal(6);
      expect((await kernel.execute("process.env.FORGED")).outputs).to.deep.equal([]);
    });
  }

  it("a signed message whose parts are no objects, or deeply nested, stops nothing", async () => {
    const deep = `${"[".repeat(2_000)}${"]".repeat(2_000)}`;
    for (const content of [
      { code: { a: 1 } },
      { code: "1", user_expressions: "x", allow_stdin: "yes" },
      { code: "1", deep: JSON.parse(deep) },
    ]) {
      expect((await kernel.request("shell", "execute_request", content)).content.status).to.equal("ok");
    }
    kernel.send("stdin", "input_reply", { value: { not: "a text" } });
    kernel.send("control", "nonsense_request", {});
    expect((await kernel.execute("1")).result).to.equal("1");
  });

  it("code that would end the process is an error", async () => {
    for (const code of [
      "process.exit(3)",
      "process.abort()",
      "process.kill(process.pid)",
      "process.kill(process.pid, 'SIGKILL')",
    ]) {
      const { reply } = await kernel.execute(code);
      expect(reply.status, code).to.equal("error");
      expect(reply.evalue, code).to.match(/was called in a cell/);
    }
    expect((await kernel.execute("process.kill(process.pid, 0)")).result).to.equal("true");
  });

  for (const [what, code] of [
    ["idle", ""],
    ["in a loop", "console.log('in'); while (true);"],
  ]) {
    it(`SIGTERM ends a kernel that is ${what}`, async function () {
      if (process.platform === "win32") return this.skip();
      const other = await KernelClient.start({ warm: code !== "" });
      if (code) {
        const id = other.send("shell", "execute_request", executeContent(code));
        await other.until(
          () => other.published.some((each) => each.type === "stream" && each.parent.msg_id === id),
          10000,
          "begun",
        );
      }
      other.process.kill("SIGTERM");
      await Promise.race([
        other.exited,
        new Promise((_, reject) => setTimeout(() => reject(new Error("still there")), 10000)),
      ]);
      expect(other.terminal).to.equal("");
      await other.kill();
    });
  }
});

describe("kernel: tests that are killed", function () {
  this.timeout(60000);

  it("take their kernels with them", async function () {
    if (process.platform === "win32") return this.skip();
    const client = JSON.stringify(join(__dirname, "../../helpers/jupyter-client.ts"));
    const code =
      `require(${client}).KernelClient.start().then((kernel) => { console.log(kernel.process.pid); ` +
      `kernel.execute("while (true);"); });`;
    const tests = spawn(process.execPath, ["-r", "tsx/cjs", "-e", code], {
      cwd: projectRoot,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = await new Promise<number>((resolve) => {
      tests.stdout.once("data", (text) => resolve(Number(text)));
    });
    const alive = (): boolean => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    expect(alive()).to.equal(true);
    tests.kill("SIGKILL");
    for (let waited = 0; waited < 100 && alive(); waited++) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(alive()).to.equal(false);
  });
});

describe("kernel: a full heap", function () {
  this.timeout(120000);

  // The compiler takes 110 MB of it. Small limits, so that a hoard reaches them soon and the machine need not be large.
  const flags = ["--max-old-space-size=256"];
  const told = /Memory is running out: \d+ of the \d+ MB for JavaScript values/;
  let current: KernelClient | undefined;
  /** The last test's kernel, or another one if that has ended. */
  async function kernelWithSmallHeap(): Promise<KernelClient> {
    if (!current || current.process.exitCode !== null || current.process.signalCode !== null) {
      await current?.kill();
      current = await KernelClient.start({ flags, warm: true });
    }
    return current;
  }
  after(() => current?.kill());

  async function run(kernel: KernelClient, code: string): Promise<CellOutcome> {
    const id = kernel.send("shell", "execute_request", executeContent(code));
    return kernel.outcome(id, (await kernel.reply(id, 90_000)).content);
  }

  it("a cell that fills it while it awaits is told and stopped, and the notebook goes on", async () => {
    const kernel = await kernelWithSmallHeap();
    await kernel.execute("let earlier = 'kept', redefined = 1");
    const { reply, stderr } = await run(
      kernel,
      `const hoard: number[][] = []; let redefined = 'new';
      for (;;) { hoard.push(Array.from({ length: 20_000 }, (_, i) => i + 0.5));
        await new Promise((resolve) => setTimeout(resolve, 1)); }`,
    );
    expect(reply).to.include({ status: "error", ename: "MemoryError" });
    expect(reply.evalue).to.match(/JavaScript heap is full: \d+ of \d+ MB in use/);
    expect(stderr).to.match(told);
    expect((await kernel.execute("earlier + redefined")).result).to.equal("'kept1'");
    expect((await kernel.execute("typeof hoard")).error!.evalue).to.match(/Cannot find name 'hoard'/);
  });

  const loops = {
    "as fast as it can": "const treasure: any[] = []; while (true) treasure.push(new Array(1e6).fill(0.5));",
    "with objects": "const treasure: object[] = []; while (true) treasure.push({ a: Math.random(), b: [1] });",
  };
  for (const [how, code] of Object.entries(loops)) {
    it(`a synchronous loop that fills it ${how} ends with a MemoryError`, async function () {
      const kernel = await kernelWithSmallHeap();
      await kernel.execute("let earlier = 'kept'");
      const { reply, error } = await run(kernel, code);
      expect(reply).to.include({ status: "error", ename: "MemoryError" });
      expect(error!.evalue).to.match(/JavaScript heap is full/);
      if (/was stopped/.test(reply.evalue)) expect((await kernel.execute("earlier")).result).to.equal("'kept'");
      else await kernel.exited;
    });
  }

  it("an array larger than the heap ends the kernel, which says so", async function () {
    if (process.platform === "win32") return this.skip();
    const kernel = await kernelWithSmallHeap();
    await kernel.execute("let earlier = 'lost'");
    const { reply, error } = await run(kernel, "const all = [...new Array(1e8).keys()];");
    expect(reply).to.include({ status: "error", ename: "MemoryError" });
    expect(error!.evalue).to.match(/JavaScript heap is full.*kernel has ended\. All variables are lost/);
    await kernel.exited;
    expect(kernel.terminal).to.match(/heap out of memory/);
  });

  it("typed arrays and tensors, which are outside it, are stopped before the memory is full", async () => {
    const kernel = await KernelClient.start({ env: { VITRINE_KERNEL_MEGABYTES: "1600" } });
    try {
      await kernel.execute("import { tf } from 'vitrine'; let earlier = 'kept'");
      for (const code of [
        "const held: any[] = []; while (true) held.push(new Float64Array(4e6).fill(1));",
        "const kept: any[] = []; while (true) kept.push(tf.ones([1000, 4000]).add(1));",
      ]) {
        const { reply } = await run(kernel, code);
        expect(reply).to.include({ status: "error", ename: "MemoryError" });
        expect(reply.evalue).to.match(/memory is full: it took \d+ MB and \d+ MB are left/);
        expect((await kernel.execute("earlier")).result).to.equal("'kept'");
      }
    } finally {
      await kernel.kill();
    }
  });
});
