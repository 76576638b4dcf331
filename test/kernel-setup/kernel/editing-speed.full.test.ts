import { expect } from "chai";
import { KernelClient } from "../../helpers/jupyter-client";

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];

describe("kernel: many cells in one session", function () {
  this.timeout(600000);
  // Other work on the machine may slow one half only.
  this.retries(1);

  it("300 cells: the last are as quick as the first, and memory does not pile up", async function () {
    const kernel = await KernelClient.start();
    try {
      const run = async (code: string): Promise<string | undefined> => {
        const { result, error } = await kernel.execute(code);
        expect(error, code).to.equal(undefined);
        return result;
      };
      await run("import * as v8 from 'v8'; import * as vm from 'vm'; v8.setFlagsFromString('--expose-gc'); const collect = vm.runInNewContext('gc') as () => void");
      await run('import * as tf from "@tensorflow/tfjs"');
      const heap = async (): Promise<number> => Number(await run("collect(); process.memoryUsage().heapUsed")) / 2 ** 20;
      const times: number[] = [], heaps: number[] = [];
      for (let i = 0; i < 300; i++) {
        const began = performance.now();
        await run(i % 3 === 0 ? `const t${i % 30} = tf.tensor([${i}]); function f${i % 30}(n: number) { return n + ${i}; }` : `${i} + 1`);
        times.push(performance.now() - began);
        if (i % 30 === 29) heaps.push(await heap());
      }
      const early = median(times.slice(30, 120)), late = median(times.slice(210)), least = (part: number[]): number => Math.min(...part);
      this.test!.title += ` (${early.toFixed(0)} ms, then ${late.toFixed(0)} ms; at least ${least(heaps.slice(1, 4)).toFixed(0)} MiB, then ${least(heaps.slice(7)).toFixed(0)} MiB)`;
      expect(late, "median of the last 90 cells, ms").to.be.below(3 * early + 30);
      expect(least(heaps.slice(7)), "MiB in use").to.be.below(least(heaps.slice(1, 4)) + 50);
    } finally {
      await kernel.kill();
    }
  });
});
