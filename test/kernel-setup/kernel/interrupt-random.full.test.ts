import { interruptAtRandom } from "../../helpers/interrupt-at-random";
import { LibraryKernel, longCells } from "../../helpers/library-kernel";

describe("kernel: many interrupts", function () {
  this.timeout(1_200_000);
  let kernel: LibraryKernel;
  beforeEach(async () => { kernel = await LibraryKernel.start(); });
  afterEach(() => kernel?.client.kill());

  it("200 at random moments leave the kernel alive, the next cell right and no tensor behind", async function () {
    const { slowest, median } = await interruptAtRandom(kernel, 200, Number(process.env.VITRINE_SEED ?? 20));
    await kernel.expectWhole();
    this.test!.title += ` (median ${median.toFixed(0)} ms, slowest ${slowest.toFixed(0)} ms)`;
  });

  it("50 of guidedBackprop, and saliency is the same to the last bit", async () => {
    const cells = longCells.filter(({ name }) => name.startsWith("guidedBackprop"));
    for (let i = 0; i < 50; i++) await kernel.stop(cells[i % cells.length].code, 20 + 17 * i);
    await kernel.expectWhole();
  });
});
