import { expect } from "chai";
import { existsSync } from "fs";
import { kernelMain } from "../../helpers/jupyter-client";
import { interruptAtRandom } from "../../helpers/interrupt-at-random";
import { LibraryKernel, longCells, pause } from "../../helpers/library-kernel";

/** A stop takes well under a second; a loaded machine gets more. */
const LIMIT_MS = 3000;

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
      await kernel.client.execute("ticks.n = 0");
      const { outcome, took, id, interrupts } = await kernel.stop(code, 1500);
      this.test!.title += ` (${took.toFixed(0)} ms)`;
      expect(outcome.reply).to.include({ status: "error", ename: "KeyboardInterrupt" });
      expect(interrupts).to.equal(1);
      expect(took).to.be.below(LIMIT_MS);
      const printed = (): number => kernel.client.published.filter((each) => each.parent.msg_id === id).length;
      const before = printed();
      expect(await kernel.ticksWithin(300), "steps after the interrupt").to.equal(0);
      await pause(100);
      expect(printed(), "messages after the interrupt").to.equal(before);
      expect(Number((await kernel.client.execute("ticks.n")).result), "steps before it").to.be.above(0);
      await kernel.expectWhole();
    });
  }

  it("what an interrupted cell keeps stays, what it merely made is freed", async () => {
    const { outcome } = await kernel.stop(`
      const mine = tf.ones([3]); kept["more"] = [tf.zeros([2])];
      const lost = () => tf.fill([4], 7);
      lost(); lost(); lost();
      while (true) { ticks.n++; await tf.nextFrame(); }`.replace('kept["more"]', '(kept as any).more'), 500);
    expect(outcome.reply).to.include({ ename: "KeyboardInterrupt" });
    await kernel.expectNoTensorsLeft(2);
    const { result } = await kernel.client.execute("const both = [mine, (kept as any).more[0]].map((each) => each.dataSync().join()); tf.dispose([mine, (kept as any).more]); both.join(' ')");
    expect(result).to.equal("'1,1,1 0,0'");
    await kernel.expectNoTensorsLeft();
  });

  it("an interrupted visualization has its best images still", async () => {
    const { outcome } = await kernel.stop("ticks.n = 0; await classVisualization(model, [1, 2], { iterations: 1e6, learningRate: 1 });", 1500);
    expect(outcome.reply).to.include({ ename: "KeyboardInterrupt" });
    const { result } = await kernel.client.execute(`
      const best = lastVisualization()!, logits = model.logits(best.image), [first, second] = logits.arraySync();
      best.image.dispose(); logits.dispose();
      JSON.stringify({ done: best.done > 20, sure: first.indexOf(Math.max(...first)) === 1 && second.indexOf(Math.max(...second)) === 2 })`);
    expect(JSON.parse(result!.slice(1, -1))).to.deep.equal({ done: true, sure: true });
    await kernel.expectNoTensorsLeft();
  });

  it("a loop that the interrupt finds asleep and that then no longer sleeps is stopped too", async () => {
    const { outcome, took } = await kernel.stop("await new Promise((resolve) => setTimeout(resolve, 400)); while (true) ticks.n++;", 300);
    expect(outcome.reply).to.include({ ename: "KeyboardInterrupt" });
    expect(took).to.be.below(LIMIT_MS);
    await kernel.expectWhole();
  });

  it("20 interrupts at random moments leave nothing behind", async function () {
    const { slowest } = await interruptAtRandom(kernel, 20, 4);
    this.test!.title += ` (slowest ${slowest.toFixed(0)} ms)`;
    await kernel.expectWhole();
  });

  it("10 interrupts of guidedBackprop, and saliency is the same to the last bit", async () => {
    const cells = longCells.filter(({ name }) => name.startsWith("guidedBackprop"));
    for (let i = 0; i < 10; i++) await kernel.stop(cells[i % cells.length].code, 100 + 37 * i);
    await kernel.expectWhole();
  });
});
