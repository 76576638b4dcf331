import * as path from "path";
import { debugAtRandom } from "../../helpers/debug-at-random";
import { KernelClient, projectRoot } from "../../helpers/jupyter-client";

describe("kernel: debugging at random", function () {
  this.timeout(600_000);
  for (const seed of [1, 5, 8])
    it(`300 cells that are paused, stepped and interrupted within milliseconds: seed ${seed}`, async () => {
      const kernel = await KernelClient.start({ cwd: path.join(projectRoot, "test/kernel-setup"), warm: true });
      try {
        await debugAtRandom(kernel, 300, seed);
      } finally {
        await kernel.kill();
      }
    });
});
