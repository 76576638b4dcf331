import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { inputGradient } from "../../../../lib/backend";
import { compile } from "../../../../lib/backend/graph";
import { random } from "../../../../lib/core/random";
import { tensorsLeft } from "../../../helpers/backends";

/** An output as another reader of the graph gives it. */
export interface LoadedOutput {
  dtype: string;
  shape: number[];
  values: ArrayLike<number | boolean>;
}

type Loader = (inputs: Record<string, tf.Tensor>) => Promise<Record<string, LoadedOutput>>;

/**
 * Saves a graph with a gradient, weights, a variable and outputs of three types to `folder`, has it run by somebody
 * else and compares what it gives with what it gives here.
 * @param loaded gets the inputs by their names, and returns the outputs by theirs
 */
export async function comparedWhenLoaded(folder: string, loaded: Loader): Promise<void> {
  const { normal } = random(3);
  const values = (shape: [number, number, number, number]): tf.Tensor4D =>
    tf.tensor4d(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, normal), shape);
  const kernel = values([3, 3, 2, 4]),
    scale = tf.variable(tf.scalar(1.5)),
    x = values([2, 6, 6, 2]);
  const oneHot = tf.tensor2d([
    [1, 0, 0, 0],
    [0, 0, 1, 0],
  ]);
  const logitsAt = (at: tf.Tensor4D): tf.Tensor => {
    const padded = tf.pad(at, [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ]);
    return tf.mean(tf.maxPool(tf.relu(tf.conv2d(padded, kernel, 1, "valid")), 2, 2, "valid"), [1, 2]).mul(scale);
  };
  const compiled = compile((image: tf.Tensor4D, given: { oneHot: tf.Tensor; threshold: number }) => {
    const scores = logitsAt(image),
      gradient = inputGradient((at: tf.Tensor4D) => tf.mul(logitsAt(at), given.oneHot), image);
    return { gradient, best: tf.argMax(scores, 1), above: tf.greater(scores, given.threshold) };
  });
  expect(await tensorsLeft(() => compiled.save(folder, [x, { oneHot, threshold: 0.5 }]))).to.equal(0);
  const theirs = await loaded({ input_0: x, input_1_oneHot: oneHot }),
    own = compiled(x, { oneHot, threshold: 0.5 });
  expect(Object.keys(theirs).sort()).to.deep.equal(["output_above", "output_best", "output_gradient"]);
  for (const [name, dtype] of [
    ["above", "bool"],
    ["best", "int32"],
    ["gradient", "float32"],
  ] as const) {
    const { dtype: itsType, shape, values: numbers } = theirs[`output_${name}`],
      mine = own[name];
    expect([itsType, shape]).to.deep.equal([dtype, mine.shape]);
    const largest = Math.max(...mine.dataSync().map(Math.abs));
    mine.dataSync().forEach((value, i) => expect(Math.abs(value - Number(numbers[i]))).to.be.at.most(1e-5 * largest));
  }
  tf.dispose([kernel, scale, x, oneHot, own.gradient, own.best, own.above]);
  compiled.dispose();
}
