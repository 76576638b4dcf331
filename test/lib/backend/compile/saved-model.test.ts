import { expect } from "chai";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { inputGradient, ready } from "../../../../lib/backend";
import { compile } from "../../../../lib/backend/compile";
import { forEachBackend, tensorsLeft } from "../../../helpers/backends";
import { runReference } from "../../../helpers/pytorch";
import { random } from "../../../../lib/util/random";

describe("compile: SavedModel", () => {
  let folder: string;
  before(() => { folder = mkdtempSync(join(tmpdir(), "vitrine-test-")); });
  after(() => rmSync(folder, { recursive: true, force: true }));

  forEachBackend(() => {
    it("is loaded by Python's TensorFlow, gradient and weights included, and gives the same", async function () {
      this.timeout(180_000);
      await ready();
      const { normal } = random(3);
      const values = (shape: number[]): tf.Tensor => tf.tensor(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, normal), shape);
      const kernel = values([3, 3, 2, 4]), scale = tf.variable(tf.scalar(1.5)), x = values([2, 6, 6, 2]), oneHot = tf.tensor2d([[1, 0, 0, 0], [0, 0, 1, 0]]);
      const compiled = compile((image: tf.Tensor4D, { oneHot, threshold }: { oneHot: tf.Tensor; threshold: number }) => {
        const logits = (at: tf.Tensor4D): tf.Tensor => tf.mean(tf.maxPool(tf.relu(tf.conv2d(tf.pad(at, [[0, 0], [1, 1], [1, 1], [0, 0]]) as tf.Tensor4D, kernel as tf.Tensor4D, 1, "valid")), 2, 2, "valid"), [1, 2]).mul(scale);
        const scores = logits(image);
        return { gradient: inputGradient((at) => tf.mul(logits(at), oneHot), image), best: tf.argMax(scores, 1), above: tf.greater(scores, threshold) };
      });
      const left = await tensorsLeft(() => compiled.save(folder, [x as tf.Tensor4D, { oneHot, threshold: 0.5 }]));
      expect(left).to.equal(0);
      expect(existsSync(join(folder, "saved_model.pb"))).to.equal(true);
      const entry = (tensor: tf.Tensor): [string, number[], number[]] => [tensor.dtype, tensor.shape, Array.from(tensor.dataSync())];
      writeFileSync(join(folder, "inputs.json"), JSON.stringify({ input_0: entry(x), input_1_oneHot: entry(oneHot) }));
      const loaded = JSON.parse(runReference(this, "test/lib/backend/compile/saved_model_reference.py", folder, join(folder, "inputs.json"))) as Record<string, [string, number[], number[]]>;
      const own = compiled(x as tf.Tensor4D, { oneHot, threshold: 0.5 });
      expect(Object.keys(loaded).sort()).to.deep.equal(["output_above", "output_best", "output_gradient"]);
      for (const [name, dtype] of [["above", "bool"], ["best", "int32"], ["gradient", "float32"]] as const) {
        const [itsType, shape, numbers] = loaded[`output_${name}`], mine = own[name];
        expect([itsType, shape]).to.deep.equal([dtype, mine.shape]);
        const largest = Math.max(...mine.dataSync().map(Math.abs));
        mine.dataSync().forEach((value, i) => expect(Math.abs(value - Number(numbers[i]))).to.be.at.most(1e-5 * largest));
      }
      tf.dispose([kernel, scale, x, oneHot, own.gradient, own.best, own.above]);
      compiled.dispose();
    });

    it("takes names, and refuses such as do not fit", async () => {
      const compiled = compile((a: tf.Tensor, b: tf.Tensor) => tf.add(a, b)), a = tf.scalar(1);
      await compiled.save(join(folder, "named"), [a, a], { inputNames: ["left", "right"], outputNames: ["sum"] });
      const failure = async (options: object): Promise<string> => compiled.save(join(folder, "wrong"), [a, a], options).then(() => "", (error: Error) => error.message);
      expect(await failure({ inputNames: ["left"] })).to.match(/^inputNames is \["left"\]; allowed: 2 different names/);
      expect(await failure({ inputNames: ["x", "x"] })).to.match(/allowed: 2 different names/);
      expect(await failure({ outputNames: ["a b"] })).to.match(/letters, digits and _/);
      const reads = compile((x: tf.Tensor) => tf.mul(x, x.dataSync()[0]));
      expect(await reads.save(folder, [a]).catch((error: Error) => error.message)).to.match(/reads a tensor's values/);
      expect(existsSync(join(folder, "wrong"))).to.equal(false);
      a.dispose();
      compiled.dispose();
    });
  }, ["tensorflow"]);

  forEachBackend((backend) => {
    it("is refused elsewhere, by name", async () => {
      const compiled = compile((x: tf.Tensor) => tf.add(x, 1)), x = tf.scalar(1);
      expect(await compiled.save(folder, [x]).catch((error: Error) => error.message)).to.equal(`a graph can be saved on the tensorflow backend only; this is ${backend}`);
      x.dispose();
    });
  }, ["wasm", "cpu"]);
});
