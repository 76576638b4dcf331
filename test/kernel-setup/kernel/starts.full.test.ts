import { startInARow } from "./starts";

describe("kernel: starts", function () {
  this.timeout(300_000);

  it("a dozen in a row all answer, over both transports, and all end", async function () {
    const took = await startInARow(12);
    this.test!.title += ` (median ${took[6].toFixed(0)} ms, slowest ${took[11].toFixed(0)} ms)`;
  });
});
