import { expect } from "chai";
import { interruptAtRandom } from "../../helpers/interrupt-at-random";
import { LibraryKernel, longCells } from "../../helpers/library-kernel";
import { installNode, nodeVersions } from "../../helpers/node-versions";

const plain = [
  { name: "a synchronous loop", code: "while (true) ticks.n++;" },
  {
    name: "a synchronous loop after an await",
    code: "await new Promise((resolve) => setTimeout(resolve, 20)); while (true) ticks.n++;",
  },
  { name: "a loop of microtasks", code: "while (true) { ticks.n++; await null; }" },
  { name: "an await that never resolves", code: "ticks.n++; await new Promise(() => {});" },
  {
    name: "an async loop with sleeps",
    code: "while (true) { ticks.n++; await new Promise((resolve) => setTimeout(resolve, 10)); }",
  },
];

describe("kernel: interrupt on other Node versions", function () {
  this.timeout(600_000);
  for (const version of nodeVersions) {
    it(`Node ${version}: every kind of cell stops, and the kernel is whole after it`, async function () {
      const found = installNode(version);
      if ("missing" in found) {
        this.test!.title += ` (skipped: ${found.missing})`;
        return this.skip();
      }
      const kernel = await LibraryKernel.start(found.node);
      const times: string[] = [];
      try {
        expect((await kernel.client.execute("process.versions.node")).result).to.match(new RegExp(`^'${version}\\.`));
        for (const { name, code } of [...plain, ...longCells]) {
          const stopped = await kernel.stop(code, 500);
          times.push(`${name}: ${stopped.took.toFixed(0)} ms`);
          expect(stopped.outcome.reply, name).to.include({ status: "error", ename: "KeyboardInterrupt" });
          expect(stopped.interrupts, `${name}: interrupts sent`).to.equal(1);
          expect(stopped.took, name).to.be.below(3000);
          await kernel.expectStill(stopped, `${name}: steps and messages after the interrupt`);
        }
        await interruptAtRandom(kernel, 15, Number(version));
        await kernel.expectWhole();
      } finally {
        console.log(`      Node ${version}: ${times.join(", ")}`);
        await kernel.client.kill();
      }
    });
  }
});
