import { expect } from "chai";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { projectRoot, type KernelClient } from "../../helpers/jupyter-client";
import * as ts from "typescript";
import { BundledTypes, libraryBundle } from "../../../kernel-setup/kernel/cell/bundled-types";
import { sharedKernel } from "../../helpers/shared-kernel";

describe("kernel: many declarations in one file", function () {
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
      for (const [folder, said] of [
        ["tensorflow-types", 'declare module "@tensorflow/tfjs-core/dist/tensor" {'],
        ["library-types", 'declare module "vitrine/dist/model/vision-model" {'],
      ])
        expect(readFileSync(path.join(projectRoot, "kernel-setup/dist", folder, "index.d.ts"), "utf8")).to.contain(
          said,
        );
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

  it("says the same of the library: one type whatever it is imported from, and its wrong uses", async () => {
    expect(
      await run(`import type { Model as BundledModel, AttributionOptions as BundledOptions } from "vitrine";
        import type { Model as PlacedModel } from "vitrine/dist/model/vision-model";
        const bundledModel = undefined as BundledModel | undefined, placedModel: PlacedModel | undefined = bundledModel;
        const bundledSteps: BundledOptions = { batchSize: 2 };`),
    ).to.equal("ok");
    expect(await run("const wrong: BundledOptions = { batchSise: 2 }")).to.match(/'batchSise' does not exist in type/);
    expect(await run('import { gradiant } from "vitrine"')).to.match(/has no exported member (named )?'gradiant'/);
    expect(
      await run('import { nearNames } from "vitrine/dist/kit"; import { tf as same } from "vitrine"; nearNames.length'),
    ).to.equal("ok");
    expect(await run("const placed: number = same.ones([1])")).to.match(
      /Type 'Tensor(1D|<Rank(.R1)?>)' is not assignable/,
    );
  });

  describe("made from a folder", () => {
    let root: string;
    const file = (name: string): string => path.join(root, name);
    beforeEach(() => {
      root = mkdtempSync(path.join(tmpdir(), "bundle-"));
      mkdirSync(file("lib/dist/parts"), { recursive: true });
      writeFileSync(file("lib/package.json"), '{ "name": "vitrine", "types": "dist/index.d.ts" }');
      writeFileSync(file("lib/dist/.tsbuildinfo"), "{}");
      writeFileSync(file("lib/dist/index.d.ts"), 'export * from "./parts/one";\nexport declare const two: 2;\n');
      writeFileSync(file("lib/dist/parts/one.d.ts"), "export declare const one: 1;\n");
    });
    afterEach(() => rmSync(root, { recursive: true, force: true }));

    it("names each module as it could be imported, and is made again when the library was compiled again", () => {
      const bundle = new BundledTypes(ts, libraryBundle(root));
      expect([bundle.has("vitrine"), bundle.has("vitrine/dist/parts/one")]).to.deep.equal([true, true]);
      expect(readFileSync(bundle.file!, "utf8")).to.contain('export * from "vitrine/dist/parts/one"');
      expect(bundle.isOutdated()).to.equal(false);
      writeFileSync(file("lib/dist/parts/one.d.ts"), "export declare const three: 3;\n");
      utimesSync(file("lib/dist/.tsbuildinfo"), 1, 1);
      expect([bundle.isOutdated(), bundle.active]).to.deep.equal([true, false]);
      const again = new BundledTypes(ts, libraryBundle(root));
      expect(readFileSync(again.file!, "utf8")).to.contain("three");
    });

    it("does without where there is no compiled library, or no place to write", () => {
      rmSync(file("lib/dist/.tsbuildinfo"));
      expect(new BundledTypes(ts, libraryBundle(root)).active).to.equal(false);
      writeFileSync(file("lib/dist/.tsbuildinfo"), "{}");
      writeFileSync(file("kernel-setup"), "a file where the folder should be");
      expect(new BundledTypes(ts, libraryBundle(root)).active).to.equal(false);
    });
  });
});
