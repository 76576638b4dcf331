import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { disposeOptimizer, makeOptimizer, setLearningRate } from "../../../lib/training/optimizer";
import { tensorsLeft } from "../../helpers/backends";

describe("optimizers", () => {
  before(() => ready());

  /** Where a weight of 0 comes under a gradient of 1, after each step. */
  const path = (name: "adam" | "momentum", rates: number[]): number[] => {
    const zero = tf.scalar(0), weight = tf.variable(zero), optimizer = makeOptimizer(name, 99);
    const places = rates.map((rate) => {
      setLearningRate(optimizer, rate);
      optimizer.minimize(() => weight.sum());
      return weight.dataSync()[0];
    });
    disposeOptimizer(optimizer);
    tf.dispose([zero, weight]);
    return places;
  };
  const close = (actual: number[], wanted: number[]): void => actual.forEach((value, i) => expect(value).to.be.closeTo(wanted[i], 1e-5));

  it("momentum moves at the rate of the moment: velocities 1, 1.9, 2.71", () => close(path("momentum", [0.1, 0.01, 0]), [-0.1, -0.119, -0.119]));
  it("Adam moves at the rate of the moment: a steady gradient by the rate itself", () => close(path("adam", [0.1, 0.01, 0]), [-0.1, -0.11, -0.11]));
  for (const name of ["adam", "momentum"] as const) it(`${name} leaves no tensors behind`, async () => expect(await tensorsLeft(() => path(name, [0.1, 0.2]))).to.equal(0));
});
