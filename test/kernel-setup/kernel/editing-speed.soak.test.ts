import { runManyCells } from "./editing-speed";

describe("kernel: many cells in one session", function () {
  this.timeout(600_000);
  // Other work on the machine may slow one half only.
  this.retries(1);

  it("300 cells: the last are as quick as the first, and memory does not pile up", async function () {
    this.test!.title += ` (${await runManyCells(300, 50)})`;
  });
});
