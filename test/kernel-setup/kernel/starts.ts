import { expect } from "chai";
import { KernelClient } from "../../helpers/jupyter-client";

/** Starts and ends kernels one after the other. The milliseconds that each took to answer, in order. */
export async function startInARow(times: number): Promise<number[]> {
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    const began = performance.now();
    const kernel = await KernelClient.start({ transport: i % 2 && process.platform !== "win32" ? "ipc" : "tcp" });
    took.push(performance.now() - began);
    // Most are ended while they still load the compiler, which may have to be broken off.
    const used = i % 3 === 0;
    if (used) expect((await kernel.execute(`${i} + 1`)).result, `start ${i}`).to.equal(String(i + 1));
    await kernel.shutdown(i % 4 < 2);
    expect(kernel.terminal, `start ${i}`).to.equal("");
    if (used) expect(kernel.process.exitCode, `start ${i}`).to.equal(0);
  }
  return took.sort((a, b) => a - b);
}
