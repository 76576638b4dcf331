import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { deconvolution, guidedBackprop } from "../../../lib/attribution/rectifier-rules";
import { saliency } from "../../../lib/attribution/saliency";
import { backAsChosen, onWebgpu } from "../../helpers/webgpu";
import { leaky, modelWith, pixels, ruled } from "./graph-rectifiers";

describe("rectifiers of graph models, by each rule, on webgpu", function () {
  this.timeout(120_000);
  before("backend webgpu", async function () {
    await onWebgpu(this);
  });
  after("backend as chosen", backAsChosen);

  for (const [name, [rectifier, , open]] of Object.entries(ruled)) {
    it(name, async () => {
      const model = modelWith(rectifier);
      for (const [a, b] of pixels.slice(0, 4)) {
        const passes = open(20 * a + b - 1),
          image = tf.tensor4d([a, b], [1, 1, 1, 2]);
        for (const [method, by] of [
          [saliency, passes ? 1 : 0],
          [guidedBackprop, passes ? 1 : 0],
          [deconvolution, 1],
        ] as const) {
          const result = await method(model, image, { target: 0 });
          Array.from(await result.values.data()).forEach((each, i) =>
            expect(each, `${method.name} at ${a}, ${b}`).to.be.closeTo(by * [20, 1][i], 1e-4),
          );
          result.dispose();
        }
        image.dispose();
      }
      model.dispose();
    });
  }

  for (const [name, [rectifier, , said]] of Object.entries(leaky)) {
    it(`${name} is refused by name`, async () => {
      const model = modelWith(rectifier),
        image = tf.tensor4d([1, 1], [1, 1, 1, 2]);
      const error = await guidedBackprop(model, image).then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      expect(error?.message).to.contain(`whose layer ${said}`);
      image.dispose();
      model.dispose();
    });
  }
});
