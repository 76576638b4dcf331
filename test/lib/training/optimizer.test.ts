import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { Optimizer, type OptimizerName } from "../../../lib/training/optimizer";
import { random } from "../../../lib/core/random";
import { tensorsLeft } from "../../helpers/backends";

describe("optimizers", () => {
  before(() => ready());

  /** Where a weight of 0 comes under a gradient of 1, after each step. */
  const path = (name: OptimizerName, rates: number[]): number[] =>
    tf.tidy(() => {
      const weight = tf.variable(tf.scalar(0)),
        optimizer = new Optimizer(name, [weight]);
      const places = rates.map((rate) => {
        optimizer.assign(
          optimizer.next(
            [tf.scalar(1)],
            optimizer.factors(rate).map((factor) => tf.scalar(factor)),
          ),
        );
        return weight.dataSync()[0];
      });
      optimizer.dispose();
      weight.dispose();
      return places;
    });
  const close = (actual: number[], wanted: number[]): void =>
    actual.forEach((value, i) => expect(value).to.be.closeTo(wanted[i], 1e-5));

  it("momentum moves at the rate of the moment: velocities 1, 1.9, 2.71", () =>
    close(path("momentum", [0.1, 0.01, 0]), [-0.1, -0.119, -0.119]));
  it("Adam moves at the rate of the moment: a steady gradient by the rate itself", () =>
    close(path("adam", [0.1, 0.01, 0]), [-0.1, -0.11, -0.11]));

  for (const name of ["adam", "momentum"] as const) {
    it(`${name} takes the steps of TensorFlow.js's, bit by bit`, () =>
      tf.tidy(() => {
        const chance = random(8),
          values = (): number[] => Array.from({ length: 40 }, () => chance.normal());
        const start = values(),
          ours = tf.variable(tf.tensor1d(start)),
          theirs = tf.variable(tf.tensor1d(start)),
          optimizer = new Optimizer(name, [ours]);
        const reference = name === "adam" ? tf.train.adam(0.01) : tf.train.momentum(0.01, 0.9);
        for (let step = 0; step < 20; step++) {
          const gradient = tf.tensor1d(values());
          optimizer.assign(
            optimizer.next(
              [gradient],
              optimizer.factors(0.01).map((factor) => tf.scalar(factor)),
            ),
          );
          reference.applyGradients([{ name: theirs.name, tensor: gradient }]);
        }
        expect(Array.from(ours.dataSync())).to.deep.equal(Array.from(theirs.dataSync())).and.not.to.deep.equal(start);
        reference.dispose();
        optimizer.dispose();
        tf.dispose([ours, theirs]);
      }));
  }
  for (const name of ["adam", "momentum"] as const)
    it(`${name} leaves no tensors behind`, async () =>
      expect(await tensorsLeft(() => path(name, [0.1, 0.2]))).to.equal(0));
});
