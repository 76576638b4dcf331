import { expect } from "chai";
import { KernelClient } from "../../helpers/jupyter-client";

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];

/**
 * Runs `cells` cells in one session: the last must be as quick as the first, and `megabytes` are the most by which the
 * memory in use may grow. What was measured, in words.
 */
export async function runManyCells(cells: number, megabytes: number): Promise<string> {
  const kernel = await KernelClient.start({ warm: true });
  try {
    const run = async (code: string): Promise<string | undefined> => {
      const { result, error } = await kernel.execute(code);
      expect(error, code).to.equal(undefined);
      return result;
    };
    await run(
      "import * as v8 from 'v8'; import * as vm from 'vm'; v8.setFlagsFromString('--expose-gc'); const collect = " +
        "vm.runInNewContext('gc') as () => void",
    );
    await run('import * as tf from "@tensorflow/tfjs"');
    const heap = async (): Promise<number> => Number(await run("collect(); process.memoryUsage().heapUsed")) / 2 ** 20;
    const times: number[] = [],
      heaps: number[] = [];
    for (let i = 0; i < cells; i++) {
      const began = performance.now();
      await run(
        i % 3 === 0
          ? `const t${i % 30} = tf.tensor([${i}]); function f${i % 30}(n: number) { return n + ${i}; }`
          : `${i} + 1`,
      );
      times.push(performance.now() - began);
      // Ten times in all.
      if ((i + 1) % (cells / 10) === 0) heaps.push(await heap());
    }
    const early = median(times.slice(0.1 * cells, 0.4 * cells)),
      late = median(times.slice(0.7 * cells)),
      least = (part: number[]): number => Math.min(...part);
    const measured =
      `${early.toFixed(0)} ms, then ${late.toFixed(0)} ms; at least ${least(heaps.slice(1, 4)).toFixed(1)} MiB, ` +
      `then ${least(heaps.slice(7)).toFixed(1)} MiB`;
    expect(late, `median of the last cells, ms: ${measured}`).to.be.below(3 * early + 30);
    expect(least(heaps.slice(7)), `MiB in use: ${measured}`).to.be.below(least(heaps.slice(1, 4)) + megabytes);
    return measured;
  } finally {
    await kernel.kill();
  }
}
