import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attributionMethods } from "../../../lib/attribution/methods";
import type { AttributionOptions } from "../../../lib/attribution/attribution";
import type { AttackResult } from "../../../lib/attack/attack";
import { attackMethods } from "../../../lib/attack/methods";
import { classVisualization, maximize, objectives } from "../../../lib/visualize";
import { loadModel } from "../../../lib/model/load-model";
import { saveModel } from "../../../lib/model/save-model";
import type { VisionModel } from "../../../lib/model/vision-model";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";
import { pixelDifferences, relativeError } from "../../helpers/finite-difference";
import { threeNames } from "./tiny-models";

const side = 8;
const values = (count: number, seed: number, low = -0.7, high = 0.7): Float32Array =>
  tf.tidy(() => tf.randomUniform([count], low, high, "float32", seed).dataSync() as Float32Array);

/** What MobileNets are made of, as a LayersModel: convolution, depthwise and separable ones, batch norm, ReLU6. */
function mobileLayers(): tf.LayersModel {
  const draw = (seed: number) => ({
    kernelInitializer: tf.initializers.glorotNormal({ seed }),
    depthwiseInitializer: tf.initializers.glorotNormal({ seed: seed + 50 }),
  });
  const model = tf.sequential({
    name: "mobile",
    layers: [
      tf.layers.conv2d({
        name: "conv1",
        inputShape: [side, side, 3],
        filters: 6,
        kernelSize: 3,
        padding: "same",
        ...draw(1),
      }),
      tf.layers.batchNormalization({ name: "norm1" }),
      tf.layers.reLU({ name: "relu1", maxValue: 6 }),
      tf.layers.depthwiseConv2d({ name: "depthwise", kernelSize: 3, strides: 2, padding: "same", ...draw(2) }),
      tf.layers.batchNormalization({ name: "norm2" }),
      tf.layers.activation({ name: "relu2", activation: "relu6" }),
      tf.layers.separableConv2d({
        name: "separable",
        filters: 8,
        kernelSize: 3,
        padding: "same",
        depthwiseInitializer: tf.initializers.glorotNormal({ seed: 6 }),
        pointwiseInitializer: tf.initializers.glorotNormal({ seed: 7 }),
      }),
      tf.layers.reLU({ name: "relu3", maxValue: 6 }),
      tf.layers.globalAveragePooling2d({ name: "mean", dataFormat: "channelsLast" }),
      tf.layers.dense({
        name: "scores",
        units: 3,
        activation: "softmax",
        kernelInitializer: tf.initializers.glorotNormal({ seed: 4 }),
      }),
    ],
  });
  for (const name of ["norm1", "norm2"]) {
    const weights = [
      [0.5, 1.5],
      [-0.3, 0.3],
      [-0.2, 0.2],
      [0.5, 2],
    ].map(([low, high], i) => tf.tensor1d(values(6, 20 + i, low, high)));
    model.getLayer(name).setWeights(weights);
    tf.dispose(weights);
  }
  return model;
}

/** The same kinds of ops as a converted graph, written by hand. */
function writeMobileGraph(folder: string): void {
  const float = { type: "DT_FLOAT" },
    text = (value: string) => ({ s: Buffer.from(value).toString("base64") }),
    integers = (...list: number[]) => ({ list: { i: list.map(String) } });
  const dims = (...sizes: number[]) => ({ dim: sizes.map((size) => ({ size: String(size) })) });
  const window = (stride: number) => ({
    T: float,
    strides: integers(1, stride, stride, 1),
    padding: text("SAME"),
    data_format: text("NHWC"),
    dilations: integers(1, 1, 1, 1),
  });
  const constants: [string, number[], Float32Array | Int32Array][] = [
    ["axes", [2], Int32Array.of(1, 2)],
    ["bias", [3], values(3, 31)],
    ["dense", [5, 3], values(15, 32)],
    ["depth", [3, 3, 3, 1], values(27, 33)],
    ["gamma", [3], values(3, 34, 0.5, 1.5)],
    ["kernel", [3, 3, 3, 5], values(135, 35)],
    ["mean0", [3], values(3, 36)],
    ["offset", [3], values(3, 37)],
    ["variance", [3], values(3, 38, 0.5, 2)],
  ];
  const node = [
    { name: "image", op: "Placeholder", attr: { dtype: float, shape: { shape: dims(-1, side, side, 3) } } },
    ...constants.map(([name, shape, data]) => {
      const dtype = data instanceof Int32Array ? "DT_INT32" : "DT_FLOAT";
      return {
        name,
        op: "Const",
        attr: { dtype: { type: dtype }, value: { tensor: { dtype, tensorShape: dims(...shape) } } },
      };
    }),
    { name: "depthwise", op: "DepthwiseConv2dNative", input: ["image", "depth"], attr: window(1) },
    {
      name: "norm",
      op: "FusedBatchNormV3",
      input: ["depthwise", "gamma", "offset", "mean0", "variance"],
      attr: { T: float, U: float, epsilon: { f: 0.001 }, is_training: { b: false }, data_format: text("NHWC") },
    },
    { name: "relu", op: "Relu6", input: ["norm"], attr: { T: float } },
    { name: "conv", op: "Conv2D", input: ["relu", "kernel"], attr: window(2) },
    { name: "relu2", op: "Relu6", input: ["conv"], attr: { T: float } },
    { name: "mean", op: "Mean", input: ["relu2", "axes"], attr: { T: float, keep_dims: { b: false } } },
    {
      name: "product",
      op: "MatMul",
      input: ["mean", "dense"],
      attr: { T: float, transpose_a: { b: false }, transpose_b: { b: false } },
    },
    { name: "scores", op: "BiasAdd", input: ["product", "bias"], attr: { T: float, data_format: text("NHWC") } },
    { name: "softmax", op: "Softmax", input: ["scores"], attr: { T: float } },
  ];
  writeFileSync(
    join(folder, "model.json"),
    JSON.stringify({
      format: "graph-model",
      modelTopology: { node, library: {}, versions: { producer: 1 } },
      signature: {
        inputs: { image: { name: "image:0", dtype: "DT_FLOAT", tensorShape: dims(-1, side, side, 3) } },
        outputs: { output: { name: "softmax:0", dtype: "DT_FLOAT", tensorShape: dims(-1, 3) } },
      },
      userDefinedMetadata: { name: "graph", classNames: threeNames },
      weightsManifest: [
        {
          paths: ["weights.bin"],
          weights: constants.map(([name, shape, data]) => ({
            name,
            shape,
            dtype: data instanceof Int32Array ? "int32" : "float32",
          })),
        },
      ],
    }),
  );
  writeFileSync(
    join(folder, "weights.bin"),
    Buffer.concat(constants.map(([, , data]) => Buffer.from(data.buffer, data.byteOffset, data.byteLength))),
  );
}

describe("a model that a user brings", function () {
  this.timeout(60_000);
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "vitrine-any-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const makers: Record<string, () => Promise<unknown>> = {
    "a LayersModel": () => saveModel(mobileLayers(), folder, { classNames: threeNames }),
    "a GraphModel": async () => writeMobileGraph(folder),
  };
  forEachBackend(() => {
    for (const [kind, make] of Object.entries(makers))
      describe(`${kind} with depthwise convolutions, batch norm and ReLU6`, () => {
        let model: VisionModel, images: tf.Tensor4D;
        before(async () => {
          await make();
          model = await loadModel(folder);
          images = tf.tensor4d(values(2 * side * side * 3, 9, 0.05, 0.95), [2, side, side, 3]);
        });
        after(() => {
          model.dispose();
          images.dispose();
        });

        it("has the gradient of a finite difference", async () => {
          const map = await attributionMethods.saliency.explain(model, images, { target: [0, 2] });
          const alone = [0, 1].map((i) => tf.slice(images, i, 1));
          const wanted = [0, 2].flatMap((target, i) => [
            ...pixelDifferences((x) => tf.slice(model.logits(x), [0, target], [-1, 1]), alone[i], 2e-3),
          ]);
          expect(relativeError(map.values.dataSync(), wanted)).to.be.below(2e-2);
          tf.dispose(alone);
          map.dispose();
        });

        for (const [name, { explain }] of Object.entries(attributionMethods))
          it(`is explained by ${name}`, async () => {
            expect(
              await tensorsLeft(async () => {
                const map = await explain(model, images, {
                  window: 3,
                  stride: 2,
                  steps: 10,
                  samples: 3,
                  target: 1,
                } as AttributionOptions);
                const seen = map.values.dataSync();
                expect(seen.every(Number.isFinite) && seen.some((value) => value !== 0)).to.equal(true);
                map.dispose();
              }),
            ).to.equal(0);
          });

        for (const [name, { attack }] of Object.entries(attackMethods))
          it(`is attacked by ${name}`, async () => {
            expect(
              await tensorsLeft(async () => {
                const settings = {
                  epsilon: 0.1,
                  steps: 5,
                  searches: 2,
                  window: 3,
                  stride: 2,
                  ...(name === "fooling" && { target: 1, epsilon: undefined, maxIterations: 5 }),
                };
                const result = (await attack(model, images, settings as never)) as AttackResult;
                const clipped = result.clipped.dataSync();
                expect(result.clipped.shape).to.deep.equal(images.shape);
                expect(clipped.every((value) => value >= 0 && value <= 1)).to.equal(true);
                result.dispose();
              }),
            ).to.equal(0);
          });

        it("is visualized: a class, a channel of each layer that has some", async () => {
          expect(
            await tensorsLeft(async () => {
              const ofClass = await classVisualization(model, 1, {
                iterations: 6,
                learningRate: 0.1,
                jitter: 0,
                blurEvery: 0,
              });
              // The noise it begins with is cut to what pixels allow by the first step.
              expect(ofClass.scores[5][0]).to.be.above(ofClass.scores[1][0]);
              ofClass.dispose();
              for (const { name } of model.layers().filter(({ outputShape }) => outputShape.length === 3)) {
                const ofChannel = await maximize(model, objectives.channel(name, 1), { iterations: 2 });
                expect(ofChannel.image.dataSync().every(Number.isFinite), name).to.equal(true);
                ofChannel.dispose();
              }
            }),
          ).to.equal(0);
        });

        it("is guided at its ReLU6", async () => {
          const guided = await attributionMethods["guided-backprop"].explain(model, images, { target: 1 }),
            plain = await attributionMethods.saliency.explain(model, images, { target: 1 });
          expect(relativeError(guided.values.dataSync(), plain.values.dataSync())).to.be.above(0.05);
          guided.dispose();
          plain.dispose();
        });
      });
  });
});
