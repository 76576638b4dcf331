import { expect } from "chai";
import { random } from "../../lib/core/random";
import { longCells, type LibraryKernel } from "./library-kernel";

/**
 * Interrupts the library's long cells one after the other, each at a random moment; the next cell must work every time.
 */
export async function interruptAtRandom(
  kernel: LibraryKernel,
  times: number,
  seed: number,
): Promise<{ slowest: number; median: number }> {
  const chance = random(seed);
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    const { name, code } = longCells[chance.integer(longCells.length)];
    const delay = 600 * chance.uniform();
    const what = `interrupt ${i}, of ${name}, after ${delay.toFixed(0)} ms`;
    const stopped = await kernel.stop(code, delay);
    expect(stopped.outcome.reply.status, what).to.equal("error");
    expect(stopped.outcome.reply.ename, `${what}: ${stopped.outcome.reply.evalue}`).to.equal("KeyboardInterrupt");
    // The interrupt may come before the kernel has taken up the cell; there is nothing to be stopped then.
    expect(stopped.interrupts, `${what}: interrupts sent`).to.be.below(3);
    took.push(stopped.took);
    const next = await kernel.client.execute("kept.answer");
    expect(next.result, `the cell after ${what}: ${JSON.stringify(next.reply)} ${kernel.client.terminal}`).to.equal(
      "42",
    );
  }
  took.sort((a, b) => a - b);
  return { slowest: took[took.length - 1], median: took[took.length >> 1] };
}

/**
 * Gradients must be right again after interrupts of the method that changes a ReLU's gradient. `delay` in milliseconds.
 */
export async function interruptGuidedBackprop(
  kernel: LibraryKernel,
  times: number,
  delay: (i: number) => number,
): Promise<void> {
  const cells = longCells.filter(({ name }) => name.startsWith("guidedBackprop"));
  for (let i = 0; i < times; i++) await kernel.stop(cells[i % cells.length].code, delay(i));
  await kernel.expectWhole();
}
