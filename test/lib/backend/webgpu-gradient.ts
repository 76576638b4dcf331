import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { finiteDifference, relativeError } from "../../helpers/finite-difference";
import { onChosen } from "../../helpers/webgpu";
import type { cases } from "./gradient-cases";
import { input, weighted } from "./numbers";

/**
 * Compares a case's gradient on webgpu, which must be the backend, with central differences of the chosen backend,
 * which can read values at once.
 */
export async function comparesOnWebgpu([, shape, f]: (typeof cases)[number]): Promise<void> {
  const before = tf.memory().numTensors;
  const score = (x: tf.Tensor): tf.Tensor => weighted(f(x));
  const expected = await onChosen(() => {
    const x = input(shape);
    try {
      return finiteDifference(score, x, 5e-3);
    } finally {
      x.dispose();
    }
  });
  const gradient = tf.tidy(() => tf.grad(score)(input(shape)));
  const found = await gradient.data();
  gradient.dispose();
  expect(relativeError(found, expected)).to.be.below(5e-3);
  expect(tf.memory().numTensors - before, "tensors left").to.equal(0);
}
