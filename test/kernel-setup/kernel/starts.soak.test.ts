import { expect } from "chai";
import { executeContent, KernelClient } from "../../helpers/jupyter-client";
import { startInARow } from "./starts";

describe("kernel: many starts", function () {
  this.timeout(1_800_000);

  it("100 in a row all answer, over both transports, and all end", async function () {
    const took = await startInARow(100);
    this.test!.title += ` (median ${took[50].toFixed(0)} ms, slowest ${took[99].toFixed(0)} ms)`;
  });

  it("20 at once all answer, each with its own variables", async () => {
    const kernels = await Promise.all(Array.from({ length: 20 }, () => KernelClient.start()));
    try {
      const ids = kernels.map((kernel, i) =>
        kernel.send("shell", "execute_request", executeContent(`const mine = ${i}; mine`)),
      );
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
