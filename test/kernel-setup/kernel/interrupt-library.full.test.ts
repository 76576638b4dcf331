import { expect } from "chai";
import { existsSync } from "fs";
import { kernelMain } from "../../helpers/jupyter-client";
import { interruptAtRandom, interruptGuidedBackprop } from "../../helpers/interrupt-at-random";
import { LibraryKernel, longCells } from "../../helpers/library-kernel";

/** A stop takes well under a second; a loaded machine gets more. */
const LIMIT_MS = 4000;

describe("kernel: interrupt of the library's own work", function () {
  this.timeout(180_000);
  let kernel: LibraryKernel;
  before(async () => {
    expect(existsSync(kernelMain)).to.equal(true);
    kernel = await LibraryKernel.start();
  });
  after(() => kernel?.client.kill());

  for (const { name, code } of longCells) {
    it(`${name}: stopped, silent, and the kernel whole`, async function () {
      const stopped = await kernel.stop(code, 100, "begun");
      this.test!.title += ` (${stopped.took.toFixed(0)} ms)`;
      expect(stopped.outcome.reply).to.include({ status: "error", ename: "KeyboardInterrupt" });
      expect(stopped.interrupts).to.equal(1);
      expect(stopped.took).to.be.below(LIMIT_MS);
      await kernel.expectStill(stopped);
    });
  }

  for (const name of ["deepFool", "pgd"]) {
    it(`${name}, cut off while its first step becomes a graph, leaves nothing behind`, async () => {
      // A model that has no graph yet, and is disposed of with what is left of it.
      const { code } = longCells.find((each) => each.name === name)!;
      const loaded = await kernel.client.execute("var fresh = await loadModel('fashion-deep'); ticks.n = 0;");
      expect(loaded.reply.status, JSON.stringify(loaded.reply)).to.equal("ok");
      const { outcome } = await kernel.stop(code.replaceAll("model", "fresh"), 60);
      expect(outcome.reply, JSON.stringify(outcome.reply)).to.include({ ename: "KeyboardInterrupt" });
      await kernel.client.execute("fresh.dispose();");
      await kernel.expectNoTensorsLeft();
    });
  }

  it("what an interrupted cell keeps stays, what it merely made is freed", async () => {
    const { outcome } = await kernel.stop(
      `
      const mine = tf.ones([3]); kept["more"] = [tf.zeros([2])];
      const lost = () => tf.fill([4], 7);
      lost(); lost(); lost();
      while (true) { ticks.n++; await tf.nextFrame(); }`.replace('kept["more"]', "(kept as any).more"),
      50,
      "begun",
    );
    expect(outcome.reply).to.include({ ename: "KeyboardInterrupt" });
    await kernel.expectNoTensorsLeft(2);
    const { result } = await kernel.client.execute(
      "const both = [mine, (kept as any).more[0]].map((each) => each.dataSync().join()); tf.dispose([mine, (kept " +
        "as any).more]); both.join(' ')",
    );
    expect(result).to.equal("'1,1,1 0,0'");
    await kernel.expectNoTensorsLeft();
  });

  it("an interrupted visualization has its best images still", async () => {
    const { outcome } = await kernel.stop(
      "await classVisualization(model, [1, 2], { iterations: 1e6, learningRate: 1, onProgress: ({ done }) => { " +
        "if (done > 60) ticks.n++; } });",
      0,
      "begun",
    );
    expect(outcome.reply).to.include({ ename: "KeyboardInterrupt" });
    const { result } = await kernel.client.execute(`
      const best = lastVisualization()!, logits = model.logits(best.image), [first, second] = logits.arraySync();
      best.image.dispose(); logits.dispose();
      JSON.stringify({ done: best.done > 20,
        sure: first.indexOf(Math.max(...first)) === 1 && second.indexOf(Math.max(...second)) === 2 })`);
    expect(JSON.parse(result!.slice(1, -1))).to.deep.equal({ done: true, sure: true });
    await kernel.expectNoTensorsLeft();
  });

  it("a loop that the interrupt finds asleep and that then no longer sleeps is stopped too", async () => {
    const { outcome, took } = await kernel.stop(
      "await new Promise((resolve) => setTimeout(resolve, 400)); while (true) ticks.n++;",
      300,
    );
    expect(outcome.reply).to.include({ ename: "KeyboardInterrupt" });
    expect(took).to.be.below(LIMIT_MS);
    await kernel.expectWhole();
  });

  it("a dozen interrupts at random moments leave nothing behind", async function () {
    const { slowest } = await interruptAtRandom(kernel, 12, 4);
    this.test!.title += ` (slowest ${slowest.toFixed(0)} ms)`;
    await kernel.expectWhole();
  });

  it("after interrupts of guidedBackprop saliency is the same to the last bit", () =>
    interruptGuidedBackprop(kernel, 6, (i) => 50 + 60 * i));
});
