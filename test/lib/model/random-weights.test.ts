import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { loadModel } from "../../../lib/model/load-model";
import { randomArrays, randomizeLayers } from "../../../lib/model/random-weights";
import { tensorsLeft } from "../../helpers/backends";
import { sequential } from "./tiny-models";

const deviationOf = (values: ArrayLike<number>): number => Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0) / values.length);

describe("untrained networks", () => {
  it("have kernels of He's deviation by their inputs, biases of 0, gains of 1, and embeddings of 0.02", () => {
    const array = (...shape: number[]) => ({ dtype: "float32" as const, shape, data: new Float32Array(shape.reduce((a, b) => a * b)).fill(7) });
    const arrays = new Map([["a.weight", array(30, 20, 3, 3)], ["a.bias", array(30)], ["norm.weight", array(9)], ["pos_embed", array(1, 50, 40)], ["head.weight", array(60, 80)]]);
    const made = randomArrays(arrays, "OIHW", 1);
    expect([...made.keys()]).to.deep.equal([...arrays.keys()]);
    expect(deviationOf(made.get("a.weight")!.data as Float32Array)).to.be.closeTo(Math.sqrt(2 / 180), 0.004);
    expect(deviationOf(made.get("head.weight")!.data as Float32Array)).to.be.closeTo(Math.sqrt(2 / 80), 0.006);
    expect(deviationOf(made.get("pos_embed")!.data as Float32Array)).to.be.closeTo(0.02, 0.002);
    expect([...made.get("a.bias")!.data as Float32Array].every((value) => value === 0)).to.equal(true);
    expect([...made.get("norm.weight")!.data as Float32Array].every((value) => value === 1)).to.equal(true);
    expect(deviationOf(randomArrays(new Map([["k", array(3, 3, 20, 30)]]), "HWIO", 1).get("k")!.data as Float32Array)).to.be.closeTo(Math.sqrt(2 / 180), 0.004);
    expect(randomArrays(arrays, "OIHW", 1).get("a.weight")).to.deep.equal(made.get("a.weight"));
    expect(randomArrays(arrays, "OIHW", 2).get("a.weight")).to.not.deep.equal(made.get("a.weight"));
  });

  it("keep their layers, and leave no tensors", async () => {
    const model = sequential();
    expect(await tensorsLeft(() => randomizeLayers(model, 3))).to.equal(0);
    const [gamma, beta, mean, variance] = model.getLayer("norm").getWeights().map((weight) => [...weight.dataSync()]);
    expect([gamma, beta, mean, variance]).to.deep.equal([[1, 1], [0, 0], [0, 0], [1, 1]]);
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
    const [trained, first, again, other] = [await said({}), await said({ untrained: true, seed: 1 }), await said({ untrained: true, seed: 1 }), await said({ untrained: true })];
    expect(first).to.deep.equal(again).and.not.deep.equal(other).and.not.deep.equal(trained);
    image.dispose();
  });
});
