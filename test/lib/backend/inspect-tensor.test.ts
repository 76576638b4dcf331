import { expect } from "chai";
import { inspect } from "util";
import { tf } from "../../../lib";

describe("backend: tensors as text", () => {
  it("type, shape and values, inside objects, arrays and Maps too", () => {
    const before = tf.memory().numTensors;
    const small = tf.tensor2d([
        [1, 2, 3],
        [4, 5, 1 / 3],
      ]),
      flag = tf.scalar(true, "bool"),
      words = tf.tensor(["a", "b"]),
      none = tf.zeros([0, 3]),
      two = tf.scalar(2),
      weight = tf.variable(two, true, "of-inspection");
    expect(inspect(small)).to.equal("Tensor float32 [2, 3] [[1, 2, 3], [4, 5, 0.33333]]");
    expect(inspect({ small, list: [flag] })).to.equal(
      "{\n  small: Tensor float32 [2, 3] [[1, 2, 3], [4, 5, 0.33333]],\n  list: [ Tensor bool [] true ]\n}",
    );
    expect(inspect(new Map([["w", words]]))).to.equal(`Map(1) { 'w' => Tensor string [2] ["a", "b"] }`);
    expect(inspect([none, weight])).to.equal("[ Tensor float32 [0, 3] (empty), Variable float32 [] 2 ]");
    expect(inspect({ a: { b: { c: { d: small } } } }, { depth: 3 })).to.contain("[Tensor float32 [2, 3]]");
    tf.dispose([small, flag, words, none, two, weight]);
    expect(inspect([small])).to.equal("[ Tensor float32 [2, 3] (disposed) ]");
    expect(tf.memory().numTensors).to.equal(before);
  });

  it("large ones by their corner, one row a line", () => {
    const large = tf.range(0, 400).reshape([2, 20, 10]);
    expect(inspect(large).split("\n").slice(0, 3)).to.deep.equal([
      "Tensor float32 [2, 20, 10]",
      "[[[0, 1, 2, 3, 4, 5, …],",
      "  [10, 11, 12, 13, 14, 15, …],",
    ]);
    large.dispose();
  });
});
