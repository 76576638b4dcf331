import { expect } from "chai";
import { KernelClient } from "../../helpers/jupyter-client";

describe("kernel: many starts", function () {
  this.timeout(1_800_000);

  it("100 starts in a row all answer, and all end", async function () {
    const times: number[] = [];
    for (let i = 0; i < 100; i++) {
      const began = performance.now();
      const kernel = await KernelClient.start({ transport: i % 2 && process.platform !== "win32" ? "ipc" : "tcp" });
      times.push(performance.now() - began);
      // Half of them are ended while they still load the compiler, which may have to be broken off.
      const used = i % 4 < 2;
      if (used) expect((await kernel.execute(`${i} + 1`)).result, `start ${i}`).to.equal(String(i + 1));
      await kernel.shutdown(i % 3 === 0);
      expect(kernel.terminal, `start ${i}`).to.equal("");
      if (used) expect(kernel.process.exitCode, `start ${i}`).to.equal(0);
    }
    this.test!.title += ` (median ${times.sort((a, b) => a - b)[50].toFixed(0)} ms, slowest ${times[99].toFixed(0)} ms)`;
  });

  it("20 at once all answer, each with its own variables", async () => {
    const kernels = await Promise.all(Array.from({ length: 20 }, () => KernelClient.start()));
    try {
      const ids = kernels.map((kernel, i) => kernel.send("shell", "execute_request", { code: `const mine = ${i}; mine`, silent: false, store_history: true }));
      // Twenty compilers on two processors take their time.
      const replies = await Promise.all(kernels.map((kernel, i) => kernel.reply(ids[i], 300_000)));
      expect(replies.map(({ content }) => content.status)).to.deep.equal(kernels.map(() => "ok"));
      const results = await Promise.all(kernels.map(async (kernel, i) => (await kernel.outcome(ids[i], {})).result));
      expect(results).to.deep.equal(kernels.map((_, i) => String(i)));
    } finally {
      await Promise.all(kernels.map((kernel) => kernel.kill()));
    }
  });
});
