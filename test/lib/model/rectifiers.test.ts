import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { deconvolution } from "../../../lib/attribution/deconvolution";
import { guidedBackprop } from "../../../lib/attribution/guided-backprop";
import { guidedGradCam } from "../../../lib/attribution/guided-grad-cam";
import { saliency } from "../../../lib/attribution/saliency";
import { BadInputError } from "../../../lib/errors";
import { fromLayersModel } from "../../../lib/model/from-layers-model";
import type { VisionModel } from "../../../lib/model/vision-model";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";

const layers: Record<string, () => tf.layers.Layer[]> = {
  "relu": () => [tf.layers.activation({ activation: "relu" })],
  "relu6": () => [tf.layers.activation({ activation: "relu6" })],
  "a ReLU of at most 6": () => [tf.layers.reLU({ maxValue: 6 })],
  "a ReLU of at most 9": () => [tf.layers.reLU({ maxValue: 9 })],
  "a thresholded ReLU": () => [tf.layers.thresholdedReLU({ theta: 2 })],
};
/** Where each lets the derivative pass. */
const open: Record<string, (x: number) => boolean> = {
  "relu": (x) => x > 0, "relu6": (x) => x > 0 && x < 6, "a ReLU of at most 6": (x) => x > 0 && x < 6,
  "a ReLU of at most 9": (x) => x > 0 && x < 9, "a thresholded ReLU": (x) => x > 2,
};
const forward: Record<string, (x: number) => number> = {
  "relu": (x) => Math.max(0, x), "relu6": (x) => Math.min(6, Math.max(0, x)), "a ReLU of at most 6": (x) => Math.min(6, Math.max(0, x)),
  "a ReLU of at most 9": (x) => Math.min(9, Math.max(0, x)), "a thresholded ReLU": (x) => (x > 2 ? x : 0),
};

/** One unit 20 a + b − 1, the rectifier, and two logits: it, and its opposite. */
function modelWith(name: string): VisionModel {
  const network = tf.sequential({ layers: [
    tf.layers.flatten({ inputShape: [1, 1, 2] }), tf.layers.dense({ units: 1, name: "unit" }), ...layers[name](), tf.layers.dense({ units: 2, useBias: false, name: "end" }),
  ] });
  network.getLayer("unit").setWeights([tf.tensor2d([20, 1], [2, 1]), tf.tensor1d([-1])]);
  network.getLayer("end").setWeights([tf.tensor2d([1, -1], [1, 2])]);
  return fromLayersModel(network, { classNames: ["it", "its opposite"] });
}

describe("rectifiers of layers models, by each rule", () => {
  forEachBackend(() => {
    for (const name of Object.keys(layers)) {
      it(name, async () => {
        const model = modelWith(name);
        for (const [a, b] of [[1, 1], [0.1, 1], [0.4, 1], [0, 0.5], [0.12, 1], [0.2, 0.9]]) {
          const before = 20 * a + b - 1, image = tf.tensor4d([a, b], [1, 1, 1, 2]);
          const [logit] = tf.tidy(() => Array.from(model.logits(image).dataSync()));
          expect(logit, `${before}`).to.be.closeTo(forward[name](before), 2e-5);
          for (const target of [0, 1]) {
            const sign = target === 0 ? 1 : -1, passes = open[name](before);
            const wanted = { saliency: passes ? sign : 0, guidedBackprop: passes && sign > 0 ? 1 : 0, deconvolution: sign > 0 ? 1 : 0 };
            for (const method of [saliency, guidedBackprop, deconvolution]) {
              const result = await method(model, image, { target });
              const by = wanted[method.name as keyof typeof wanted];
              Array.from(result.values.dataSync()).forEach((value, i) => expect(value, `${method.name} at ${before}, target ${target}`).to.be.closeTo(by * [20, 1][i], 1e-4));
              result.dispose();
            }
          }
          image.dispose();
        }
        model.dispose();
      });
    }
  });
});

describe("rectifiers that let something pass below 0", () => {
  for (const [kind, layer] of [["LeakyReLU", () => tf.layers.leakyReLU({})], ["PReLU", () => tf.layers.prelu({})]] as const) {
    it(`${kind}: guided backprop, guided Grad-CAM and deconvolution name it, saliency takes it`, async () => {
      const network = tf.sequential({ layers: [
        tf.layers.conv2d({ inputShape: [4, 4, 1], filters: 2, kernelSize: 3 }), layer(), tf.layers.flatten(), tf.layers.dense({ units: 2 }),
      ] });
      const model = fromLayersModel(network, { classNames: ["a", "b"] }), image = tf.ones([1, 4, 4, 1]) as tf.Tensor4D;
      expect(await tensorsLeft(async () => {
        for (const method of [guidedBackprop, guidedGradCam, deconvolution]) {
          const error = await method(model, image).then(() => undefined, (thrown: Error) => thrown);
          expect(error).to.be.instanceOf(BadInputError);
          expect(error!.message).to.match(new RegExp(`is a ${kind}"; allowed: for .* networks whose rectifiers are 0 below 0`)).and.not.include("\n");
        }
        (await saliency(model, image)).dispose();
      })).to.equal(0);
      image.dispose();
      model.dispose();
    });
  }
});
