import { expect } from "chai";
import { existsSync } from "fs";
import * as path from "path";
import { projectRoot, type KernelClient } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";

describe("kernel: TensorFlow.js's declarations in one file", function () {
  this.timeout(60000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await sharedKernel();
  });

  const run = async (code: string): Promise<string> => {
    const { error } = await kernel.execute(code);
    return error ? error.evalue : "ok";
  };

  it(
    "says the same as the packages: one Tensor whatever it is imported from, with its chained operations and its " +
      "wrong uses",
    async () => {
      expect(existsSync(path.join(projectRoot, "kernel-setup/dist/tensorflow-types/index.d.ts"))).to.equal(true);
      expect(
        await run(`import * as tf from "@tensorflow/tfjs"; import { tf as ours } from "vitrine";
          import type { Tensor } from "@tensorflow/tfjs-core/dist/tensor";
      const a: Tensor = tf.ones([2]).add(1).relu(), b: Tensor = ours.zeros([2]);
      const layered: tf.LayersModel = tf.sequential();`),
      ).to.equal("ok");
      expect(await run("const wrong: number = a.add(b)")).to.match(
        /^line 1: Type 'Tensor<Rank>' is not assignable to type 'number'/,
      );
      expect(await run("a.addd(b)")).to.match(/Property 'addd' does not exist on type 'Tensor<Rank>'/);
      expect(await run("tf.conv2d(a, b, 1, 'sme')")).to.match(/not assignable/);
    },
  );

  it("is left for the packages' own files when a cell imports a part that is not in it", async () => {
    expect(
      await run(
        'import type { TestEnv } from "@tensorflow/tfjs-core/dist/jasmine_util"; const name: ' +
          'TestEnv["backendName"] = "cpu"',
      ),
    ).to.equal("ok");
    expect((await kernel.execute("const c: Tensor = a.add(b).tanh(); name")).result).to.equal("'cpu'");
    expect(await run("const wrong: number = c")).to.match(/Type 'Tensor<Rank>' is not assignable to type 'number'/);
  });
});
