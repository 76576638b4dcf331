import { interruptAtRandom, interruptGuidedBackprop } from "../../helpers/interrupt-at-random";
import { LibraryKernel } from "../../helpers/library-kernel";

describe("kernel: many interrupts", function () {
  this.timeout(1_200_000);
  let kernel: LibraryKernel;
  beforeEach(async () => {
    kernel = await LibraryKernel.start();
  });
  afterEach(() => kernel?.client.kill());

  it("200 at random moments leave the kernel alive, the next cell right and no tensor behind", async function () {
    const { slowest, median } = await interruptAtRandom(kernel, 200, Number(process.env.VITRINE_SEED ?? 20));
    await kernel.expectWhole();
    this.test!.title += ` (median ${median.toFixed(0)} ms, slowest ${slowest.toFixed(0)} ms)`;
  });

  it("after 50 of guidedBackprop saliency is the same to the last bit", () =>
    interruptGuidedBackprop(kernel, 50, (i) => 20 + 17 * i));
});
