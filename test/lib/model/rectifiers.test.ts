import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { deconvolution } from "../../../lib/attribution/deconvolution";
import { guidedBackprop } from "../../../lib/attribution/guided-backprop";
import { guidedGradCam } from "../../../lib/attribution/guided-grad-cam";
import { saliency } from "../../../lib/attribution/saliency";
import { FileError, BadInputError } from "../../../lib/core/errors";
import { loadModel } from "../../../lib/model/load-model";
import { fromLayersModel } from "../../../lib/model/from-layers-model";
import type { VisionModel } from "../../../lib/model/vision-model";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";
import { warnings } from "../../helpers/warnings";

const layers: Record<string, () => tf.layers.Layer[]> = {
  relu: () => [tf.layers.activation({ activation: "relu" })],
  relu6: () => [tf.layers.activation({ activation: "relu6" })],
  "a ReLU of at most 6": () => [tf.layers.reLU({ maxValue: 6 })],
  "a ReLU of at most 9": () => [tf.layers.reLU({ maxValue: 9 })],
  "a thresholded ReLU": () => [tf.layers.thresholdedReLU({ theta: 2 })],
};
/** Where each lets the derivative pass. */
const open: Record<string, (x: number) => boolean> = {
  relu: (x) => x > 0,
  relu6: (x) => x > 0 && x < 6,
  "a ReLU of at most 6": (x) => x > 0 && x < 6,
  "a ReLU of at most 9": (x) => x > 0 && x < 9,
  "a thresholded ReLU": (x) => x > 2,
};
const forward: Record<string, (x: number) => number> = {
  relu: (x) => Math.max(0, x),
  relu6: (x) => Math.min(6, Math.max(0, x)),
  "a ReLU of at most 6": (x) => Math.min(6, Math.max(0, x)),
  "a ReLU of at most 9": (x) => Math.min(9, Math.max(0, x)),
  "a thresholded ReLU": (x) => (x > 2 ? x : 0),
};

/** One unit 20 a + b − 1, the rectifier, and two logits: it, and its opposite. */
function modelWith(name: string): VisionModel {
  const network = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [1, 1, 2] }),
      tf.layers.dense({ units: 1, name: "unit" }),
      ...layers[name](),
      tf.layers.dense({ units: 2, useBias: false, name: "end" }),
    ],
  });
  network.getLayer("unit").setWeights([tf.tensor2d([20, 1], [2, 1]), tf.tensor1d([-1])]);
  network.getLayer("end").setWeights([tf.tensor2d([1, -1], [1, 2])]);
  return fromLayersModel(network, { classNames: ["it", "its opposite"] });
}

describe("rectifiers of layers models, by each rule", () => {
  forEachBackend(() => {
    for (const name of Object.keys(layers)) {
      it(name, async () => {
        const model = modelWith(name);
        for (const [a, b] of [
          [1, 1],
          [0.1, 1],
          [0.4, 1],
          [0, 0.5],
          [0.12, 1],
          [0.2, 0.9],
        ]) {
          const before = 20 * a + b - 1,
            image = tf.tensor4d([a, b], [1, 1, 1, 2]);
          const [logit] = tf.tidy(() => Array.from(model.logits(image).dataSync()));
          expect(logit, `${before}`).to.be.closeTo(forward[name](before), 2e-5);
          for (const target of [0, 1]) {
            const sign = target === 0 ? 1 : -1,
              passes = open[name](before);
            const wanted = {
              saliency: passes ? sign : 0,
              guidedBackprop: passes && sign > 0 ? 1 : 0,
              deconvolution: sign > 0 ? 1 : 0,
            };
            for (const method of [saliency, guidedBackprop, deconvolution]) {
              const result = await method(model, image, { target });
              const by = wanted[method.name as keyof typeof wanted];
              Array.from(result.values.dataSync()).forEach((value, i) =>
                expect(value, `${method.name} at ${before}, target ${target}`).to.be.closeTo(by * [20, 1][i], 1e-4),
              );
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
  for (const [kind, layer] of [
    ["LeakyReLU", () => tf.layers.leakyReLU({})],
    ["PReLU", () => tf.layers.prelu({})],
    ["ThresholdedReLU with a threshold of -1", () => tf.layers.thresholdedReLU({ theta: -1 })],
  ] as const) {
    it(`${kind}: guided backprop, guided Grad-CAM and deconvolution name it, saliency takes it`, async () => {
      const network = tf.sequential({
        layers: [
          tf.layers.conv2d({ inputShape: [4, 4, 1], filters: 2, kernelSize: 3 }),
          layer(),
          tf.layers.flatten(),
          tf.layers.dense({ units: 2 }),
        ],
      });
      const model = fromLayersModel(network, { classNames: ["a", "b"] }),
        image = tf.ones([1, 4, 4, 1]) as tf.Tensor4D;
      expect(
        await tensorsLeft(async () => {
          for (const method of [guidedBackprop, guidedGradCam, deconvolution]) {
            const error = await method(model, image).then(
              () => undefined,
              (thrown: Error) => thrown,
            );
            expect(error).to.be.instanceOf(BadInputError);
            expect(error!.message)
              .to.match(new RegExp(`is a ${kind}"; allowed: for .* networks whose rectifiers are 0 below 0`))
              .and.not.include("\n");
          }
          (await saliency(model, image)).dispose();
        }),
      ).to.equal(0);
      image.dispose();
      model.dispose();
    });
  }
});

/** A layer class of somebody's own, whose kind says nothing. */
class OwnLayer extends tf.layers.Layer {
  static className = "OwnLayer";
  constructor(private readonly activation: (x: tf.Tensor) => tf.Tensor) {
    super({});
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => this.activation(Array.isArray(inputs) ? inputs[0] : inputs));
  }
}

describe("a stored model whose rectifier has an option that TensorFlow.js leaves out", () => {
  for (const [kind, option, value] of [
    ["ReLU", "negative_slope", 0.1],
    ["ReLU", "threshold", 0.5],
    ["LeakyReLU", "negative_slope", 0.1],
  ] as const) {
    it(`${kind} with ${option} is refused by name, in one line`, async () => {
      const network = tf.sequential({
        layers: [tf.layers.flatten({ inputShape: [1, 1, 2] }), tf.layers.dense({ units: 2 })],
      });
      const json = JSON.parse(network.toJSON() as unknown as string) as { config: { layers: object[] } };
      json.config.layers.push({ class_name: kind, config: { name: "bend", trainable: true, [option]: value } });
      const folder = mkdtempSync(join(tmpdir(), "vitrine-unread-"));
      const weights = [...network.weights.map(({ name, shape }) => ({ name, shape, dtype: "float32" }))];
      const bytes =
        4 * weights.reduce((sum, { shape }) => sum + shape.reduce<number>((product, size) => product * size!, 1), 0);
      writeFileSync(join(folder, "weights.bin"), Buffer.alloc(bytes));
      writeFileSync(
        join(folder, "model.json"),
        JSON.stringify({
          format: "layers-model",
          modelTopology: json,
          weightsManifest: [{ paths: ["weights.bin"], weights }],
        }),
      );
      expect(
        await tensorsLeft(async () => {
          const error = await loadModel(folder).then(
            () => undefined,
            (thrown: Error) => thrown,
          );
          expect(error).to.be.instanceOf(FileError);
          expect(error!.message)
            .to.contain(`has a ${kind} layer, bend, whose ${option} of ${value} TensorFlow.js leaves out`)
            .and.not.include("\n");
        }),
      ).to.equal(0);
      network.dispose();
      rmSync(folder, { recursive: true });
    });
  }
});

describe("networks without a rectifier that a kind of layer tells", () => {
  const modelOf = (layer: tf.layers.Layer): VisionModel =>
    fromLayersModel(
      tf.sequential({
        name: "network",
        layers: [
          tf.layers.conv2d({ inputShape: [4, 4, 1], filters: 2, kernelSize: 3 }),
          layer,
          tf.layers.flatten(),
          tf.layers.dense({ units: 2 }),
        ],
      }),
      { classNames: ["a", "b"] },
    );
  const same = async (model: VisionModel, image: tf.Tensor4D, method: typeof saliency): Promise<void> => {
    const [map, gradient] = [await method(model, image, { target: 0 }), await saliency(model, image, { target: 0 })];
    expect(Array.from(map.values.dataSync())).to.deep.equal(Array.from(gradient.values.dataSync()));
    map.dispose();
    gradient.dispose();
  };

  forEachBackend(() => {
    for (const activation of ["elu", "selu", "tanh", "swish", "gelu", "softplus", "hardSigmoid"] as const) {
      it(`${activation}: guided backprop and deconvolution are the gradient, and the first says so once`, async () => {
        const model = modelOf(tf.layers.activation({ activation: activation as "elu" })),
          image = tf.ones([1, 4, 4, 1]) as tf.Tensor4D;
        const said = await warnings(async () => {
          for (const method of [deconvolution, guidedBackprop, deconvolution]) await same(model, image, method);
        });
        expect(said).to.deep.equal([
          "network has no rectifier (ReLU, ReLU6): for it deconvolution is the plain gradient, as saliency gives it.",
        ]);
        image.dispose();
        model.dispose();
      });
    }

    it("a ReLU or a LeakyReLU inside a layer class of one's own is met all the same", async () => {
      const image = tf.ones([1, 4, 4, 1]) as tf.Tensor4D;
      const said = await warnings(async () => {
        const rectified = modelOf(new OwnLayer((x) => tf.relu(x)));
        (await guidedBackprop(rectified, image)).dispose();
        rectified.dispose();
        const model = modelOf(new OwnLayer((x) => tf.leakyRelu(x, 0.1)));
        expect(
          await tensorsLeft(async () => {
            for (const method of [guidedBackprop, deconvolution, guidedGradCam]) {
              const error = await method(model, image).then(
                () => undefined,
                (thrown: Error) => thrown,
              );
              expect(error).to.be.instanceOf(BadInputError);
              expect(error!.message)
                .to.match(/is "network, which applies a LeakyReLU or PReLU inside a layer"; allowed: for /)
                .and.not.include("\n");
            }
          }),
        ).to.equal(0);
        model.dispose();
      });
      // With random weights a map may well be 0 everywhere, which is said, too.
      expect(said.filter((words) => words.includes("rectifier"))).to.deep.equal([]);
      image.dispose();
    });
  });
});
