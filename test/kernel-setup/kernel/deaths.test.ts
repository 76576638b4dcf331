import { expect } from "chai";
import { executeContent, KernelClient, type CellOutcome } from "../../helpers/jupyter-client";

/** What no guard can prevent: the launcher speaks for the kernel. */
const deaths: [string, string, RegExp, RegExp][] = [
  [
    "abort in native code",
    "(process as any)._kill(process.pid, 6)",
    /^KernelDied$/,
    /ended while this cell ran: native code .*abort\(\) \(SIGABRT\)\. All variables are lost\./,
  ],
  [
    "a signal from outside, as the system's when memory is full",
    "",
    /^KernelDied$/,
    /killed it: .*memory .*\(SIGKILL\)/,
  ],
  [
    "native code that uses memory that is not its own",
    "(process as any)._kill(process.pid, 11)",
    /^KernelDied$/,
    /memory that is not its own \(SIGSEGV\)/,
  ],
  [
    "an assertion in native code",
    "import fs from 'fs'; for (let i = 9; i < 64; i++) try { fs.closeSync(i); } catch {}\n" +
      "await new Promise((resolve) => setTimeout(resolve, 3000));",
    /^KernelDied$/,
    /\(SIG(ABRT|TRAP|ILL)\)\. All variables are lost\./,
  ],
];

/** What was printed the moment before is lost with the thread that was about to send it. */
const pause = "await new Promise((resolve) => setTimeout(resolve, 200));";

describe("kernel: last words", function () {
  this.timeout(60000);
  before(function () {
    if (process.platform === "win32") this.skip();
  });

  async function dying(kernel: KernelClient, code: string): Promise<CellOutcome & { queued: string }> {
    const pid = Number((await kernel.execute("process.pid")).result);
    const id = kernel.send("shell", "execute_request", executeContent(`console.log("before"); ${pause}\n${code}`));
    const reply = kernel.reply(id, 30_000);
    const next = kernel.reply(kernel.send("shell", "execute_request", executeContent("2")), 30_000);
    if (code.endsWith("while (true);")) {
      await kernel.until(() => kernel.published.some((each) => /before/.test(each.content.text)), 10_000, "begun");
      process.kill(pid, "SIGKILL");
    }
    const outcome = await kernel.outcome(id, (await reply).content);
    return { ...outcome, queued: (await next).content.status as string };
  }

  for (const [what, code, name, words] of deaths) {
    it(`${what}: the cell gets an error with the reason, what waits is aborted`, async () => {
      const kernel = await KernelClient.start({ warm: true });
      try {
        const { reply, error, stdout, queued } = await dying(kernel, code || "while (true);");
        expect(stdout).to.equal("before\n");
        expect(reply.status).to.equal("error");
        expect(reply.ename).to.match(name);
        expect(reply.evalue).to.match(words);
        expect(error).to.include({ ename: reply.ename, evalue: reply.evalue });
        expect(queued).to.equal("aborted");
        await kernel.exited;
        expect(kernel.process.exitCode).to.be.above(0);
        expect(kernel.terminal).to.include(reply.evalue);
      } finally {
        await kernel.kill();
      }
    });
  }

  it("a kernel that dies between two cells says so to all who listen", async () => {
    const kernel = await KernelClient.start({ warm: true });
    try {
      const pid = Number((await kernel.execute("process.pid")).result);
      process.kill(pid, "SIGSEGV");
      await kernel.until(() => kernel.published.some((each) => each.type === "error"), 10_000, "told");
      const { content } = kernel.published.find((each) => each.type === "error")!;
      expect(content.evalue).to.match(/^The kernel has ended: native code used memory .*\(SIGSEGV\)/);
    } finally {
      await kernel.kill();
    }
  });

  it("where no temporary file can be written the kernel runs without the launcher's help", async () => {
    const kernel = await KernelClient.start({ env: { TMPDIR: "/nonexistent" }, warm: true });
    try {
      expect((await kernel.execute("console.log('said'); process.ppid")).stdout).to.equal("said\n");
      await kernel.shutdown();
      expect(kernel.process.exitCode).to.equal(0);
    } finally {
      await kernel.kill();
    }
  });
});
