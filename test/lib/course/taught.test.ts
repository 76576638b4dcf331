import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import {
  checkBoundingBox, checkFgsm, checkGradient, classVisualization, energyPointingGame, fgsm, localize, maximize, objectives, ready, saliency, smoothGrad, type VisionModel,
} from "../../../lib/index";
import { withoutMethods } from "../../../lib/course/taught";
import { smallNetwork } from "../../../lib/course/checks/small-network";
import { hostKey } from "../../../lib/runtime/host";
import { failsWith } from "./checks/spoken";

describe("checks: the library's methods while a student's function runs", () => {
  before(() => ready());

  it("a task is not solved by calling the answer, and the answer is there again afterwards", async () => {
    const tensors = tf.memory().numTensors;
    const call = async (model: VisionModel, images: tf.Tensor4D, target: number[]) => (await saliency(model, images, { target })).values;
    await failsWith(() => checkGradient(call), /saliency is not there when task 1 is marked: what the task asks for is yours to write/);
    await failsWith(() => checkFgsm(async (model, images, labels, epsilon) => (await fgsm(model, images, { epsilon, criterion: undefined, target: labels })).clipped), /fgsm is not there when task 2 is marked/);
    await failsWith(() => checkBoundingBox(async (map) => (await localize(map as never))[0]!), /localize is not there when task 3 is marked/);
    expect(tf.memory().numTensors).to.equal(tensors);
    const { model } = smallNetwork(1, [4, 4, 1]), images = tf.zeros([1, 4, 4, 1]) as tf.Tensor4D;
    (await call(model, images, [1])).dispose();
    tf.dispose(images);
    model.dispose();
  });

  it("methods of every kind refuse", async () => {
    const { model } = smallNetwork(1, [4, 4, 1]), images = tf.zeros([1, 4, 4, 1]) as tf.Tensor4D;
    const calls: [string, () => Promise<unknown>][] = [
      ["smooth", () => smoothGrad(model, images)], ["maximize", () => maximize(model, objectives.logit(1))], ["classVisualization", () => classVisualization(model, 1)],
      ["localize", () => localize([] as never)], ["energyPointingGame", () => energyPointingGame([] as never, [])],
    ];
    for (const [name, call] of calls) {
      const error = await withoutMethods("Task 9", async () => call().then(() => undefined, (thrown: Error) => thrown));
      expect(error?.message, name).to.match(new RegExp(`^${name}\\w* is not there when task 9 is marked`));
    }
    tf.dispose(images);
    model.dispose();
  });

  it("a check that never ended has no say in another cell", async () => {
    const holder = globalThis as { [hostKey]?: { signal: AbortSignal } };
    const cell = (): void => { holder[hostKey] = { signal: new AbortController().signal }; };
    const { model } = smallNetwork(1, [4, 4, 1]), images = tf.zeros([1, 4, 4, 1]) as tf.Tensor4D;
    const outcome = (): Promise<string> => saliency(model, images).then((map) => { map.dispose(); return "there"; }, (error: Error) => error.message);
    try {
      cell();
      void withoutMethods("Task 1", () => new Promise(() => undefined));
      expect(await outcome()).to.match(/not there when task 1/);
      cell();
      expect(await outcome()).to.equal("there");
    } finally {
      delete holder[hostKey];
      await withoutMethods("Task 1", () => undefined);
      tf.dispose(images);
      model.dispose();
    }
  });
});
