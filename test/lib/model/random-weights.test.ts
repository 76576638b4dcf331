import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { loadModel } from "../../../lib/model/load-model";
import { randomArrays, randomizeLayers } from "../../../lib/model/from-weights";
import { random } from "../../../lib/core/random";
import { tensorsLeft } from "../../helpers/backends";
import { sequential } from "./tiny-models";

const sizeOf = (values: ArrayLike<number>): number =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0) / values.length);

describe("untrained networks", () => {
  it("have kernels of the trained size without their order, biases of 0 and gains of 1", () => {
    const array = (scale: number, ...shape: number[]) => {
      const { uniform } = random(9);
      return {
        dtype: "float32" as const,
        shape,
        data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => scale * (uniform() + 1)),
      };
    };
    const arrays = new Map([
      ["a.weight", array(0.1, 30, 20, 3, 3)],
      ["a.bias", array(1, 30)],
      ["norm.weight", array(2, 9)],
      ["head.weight", array(5, 60, 80)],
    ]);
    const made = randomArrays(arrays, 1);
    expect([...made.keys()]).to.deep.equal([...arrays.keys()]);
    for (const name of ["a.weight", "head.weight"]) {
      const [values, trained] = [made, arrays].map((from) => from.get(name)!.data as Float32Array);
      expect(sizeOf(values) / sizeOf(trained), name).to.be.within(0.97, 1.03);
      expect(Math.abs(values.reduce((a, b) => a + b) / values.length), name).to.be.below(0.05 * sizeOf(trained));
    }
    expect([...(made.get("a.bias")!.data as Float32Array)].every((value) => value === 0)).to.equal(true);
    expect([...(made.get("norm.weight")!.data as Float32Array)].every((value) => value === 1)).to.equal(true);
    expect(randomArrays(arrays, 1).get("a.weight")).to.deep.equal(made.get("a.weight"));
    expect(randomArrays(arrays, 2).get("a.weight")).to.not.deep.equal(made.get("a.weight"));
  });

  it("keep their layers, and leave no tensors", async () => {
    const model = sequential();
    expect(await tensorsLeft(() => randomizeLayers(model, 3))).to.equal(0);
    const [gamma, beta, mean, variance] = model
      .getLayer("norm")
      .getWeights()
      .map((weight) => [...weight.dataSync()]);
    expect([gamma, beta, mean, variance]).to.deep.equal([
      [1, 1],
      [0, 0],
      [0, 0],
      [1, 1],
    ]);
    expect([...model.getLayer("probabilities").getWeights()[1].dataSync()]).to.deep.equal([0, 0, 0]);
    model.dispose();
  });

  it("are loaded by name and seed, and say other things than trained ones", async () => {
    const image = tf.randomUniform([1, 28, 28, 1], 0, 1, "float32", 4) as tf.Tensor4D;
    const said = async (options: object): Promise<number[]> => {
      const model = await loadModel("fashion-deep", options);
      const logits = [...tf.tidy(() => model.logits(image)).dataSync()];
      model.dispose();
      return logits;
    };
    const [trained, first, again, other] = [
      await said({}),
      await said({ untrained: true, seed: 1 }),
      await said({ untrained: true, seed: 1 }),
      await said({ untrained: true }),
    ];
    expect(first).to.deep.equal(again).and.not.deep.equal(other).and.not.deep.equal(trained);
    image.dispose();
  });
});
