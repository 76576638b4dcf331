// What networks of other people have, and the first ones here had not.
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { gradCam } from "../../../lib/attribution/grad-cam";
import { guidedBackprop } from "../../../lib/attribution/rectifier-rules";
import { integratedGradients } from "../../../lib/attribution/integrated-gradients";
import { occlusion } from "../../../lib/attribution/occlusion";
import { saliency } from "../../../lib/attribution/saliency";
import { inputGradient } from "../../../lib/backend/input-gradient";
import { VitrineError } from "../../../lib/core/errors";
import { fromGraphModel, fromLayersModel } from "../../../lib/model/adapters";
import type { Model, VisionModel } from "../../../lib/model/vision-model";
import { maximize, objectives } from "../../../lib/visualize";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";
import { pixelDifferences, relativeError } from "../../helpers/finite-difference";
import { graphModel, integers, text, texts, type GraphNode } from "../../helpers/graph-model";
import { messageOf, pictures } from "./tiny-models";

const draw = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.sin(7 * i * i + 13 * i * seed + seed));
const product = { transpose_a: { b: false }, transpose_b: { b: false } };
/** From `before` [batch, height, width, channels] the means over places, times `weight`. */
const head = (before: string): GraphNode[] => [
  { name: "mean", op: "Mean", input: [before, "axes"], attr: { keep_dims: { b: false } } },
  { name: "scores", op: "MatMul", input: ["mean", "weight"], attr: product },
];
const axes = { shape: [2], values: [1, 2], dtype: "int32" as const },
  last = { shape: [], values: [3], dtype: "int32" as const };

forEachBackend(() => {
  describe("a dilated convolution whose activation is a layer of its own", () => {
    it("as a layer has the gradient of a finite difference", async () => {
      const network = tf.sequential({
        layers: [
          tf.layers.conv2d({
            inputShape: [6, 5, 2],
            filters: 3,
            kernelSize: 3,
            padding: "same",
            dilationRate: 2,
            name: "wide",
            kernelInitializer: tf.initializers.glorotNormal({ seed: 1 }),
          }),
          tf.layers.activation({ activation: "tanh" }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 2, kernelInitializer: tf.initializers.glorotNormal({ seed: 2 }) }),
        ],
      });
      const x = pictures([1, 6, 5, 2]),
        whole = tf.tidy(() => (network.predict(x) as tf.Tensor).dataSync()),
        model = fromLayersModel(network);
      expect(
        relativeError(
          tf.tidy(() => model.logits(x).dataSync()),
          whole,
        ),
      ).to.be.below(1e-6);
      const map = await saliency(model, x, { target: 1 });
      expect(
        relativeError(
          map.values.dataSync(),
          pixelDifferences((at) => tf.slice(model.logits(at), [0, 1], [-1, 1]), x, 5e-3),
        ),
      ).to.be.below(1e-2);
      map.dispose();
      x.dispose();
      model.dispose();
    });
    for (const [op, shape] of [
      ["_FusedConv2D", [3, 3, 2, 3]],
      ["FusedDepthwiseConv2dNative", [3, 3, 2, 1]],
    ] as const) {
      it(`as a graph's ${op}, too`, async () => {
        const size = (shape as readonly number[]).reduce((a, b) => a * b, 1),
          channels = op === "_FusedConv2D" ? 3 : 2;
        const attr = {
          strides: integers(1, 1, 1, 1),
          padding: text("SAME"),
          data_format: text("NHWC"),
          dilations: integers(1, 2, 2, 1),
          fused_ops: texts("BiasAdd"),
          num_args: { i: "1" },
        };
        const model = fromGraphModel(
          graphModel(
            [6, 5, 2],
            [
              { name: "wide", op, input: ["image", "kernel", "bias"], attr },
              { name: "bent", op: "Tanh", input: ["wide"] },
              ...head("bent"),
            ],
            {
              kernel: { shape: [...shape], values: draw(size, 1) },
              bias: { shape: [channels], values: draw(channels, 2) },
              weight: { shape: [channels, 2], values: draw(2 * channels, 3) },
              axes,
            },
          ),
        );
        const x = pictures([1, 6, 5, 2]),
          map = await saliency(model, x, { target: 0 });
        expect(
          relativeError(
            map.values.dataSync(),
            pixelDifferences((at) => tf.slice(model.logits(at), [0, 0], [-1, 1]), x, 5e-3),
          ),
        ).to.be.below(1e-2);
        map.dispose();
        x.dispose();
        model.dispose();
      });
    }
  });

  describe("a graph", () => {
    const constants = { weight: { shape: [3, 2], values: [0.5, -1, 0.25, 2, -0.75, 1] }, axes, last };
    it("whose split's further outputs are read is explained behind them; only named nodes are tapped", async () => {
      // Parts a, b of four channels; a · b, b + a and b: three maps.
      const nodes = [
        { name: "parts", op: "Split", input: ["last", "image"], attr: { num_split: { i: "4" } } },
        { name: "times", op: "Mul", input: ["parts:1", "parts"] },
        { name: "plus", op: "AddV2", input: ["parts:3", "parts:1"] },
        { name: "joined", op: "ConcatV2", input: ["times", "plus", "parts:2", "last"], attr: { N: { i: "3" } } },
        ...head("joined"),
      ];
      const model = fromGraphModel(graphModel([3, 2, 4], nodes, constants)),
        x = pictures([2, 3, 2, 4]),
        values = x.dataSync(),
        { weight } = constants;
      const made = await gradCam(model, x, { target: 0, layer: "joined", signed: true });
      const right = Array.from({ length: 12 }, (_, p) => {
        const [a, b, c, d] = values.slice(4 * p, 4 * p + 4);
        return (weight.values[0] * a * b + weight.values[2] * (d + b) + weight.values[4] * c) / 6;
      });
      expect(relativeError(made.values.dataSync(), right)).to.be.below(1e-5);
      const tapped = tf.tidy(() => model.logits(x, (_, output) => output).dataSync());
      expect(
        relativeError(
          tapped,
          tf.tidy(() => model.logits(x).dataSync()),
        ),
      ).to.be.below(1e-6);
      made.dispose();
      x.dispose();
      model.dispose();
    });
    it("made for one image at a time gets several one after the other", async () => {
      const nodes = [{ name: "bent", op: "Tanh", input: ["image"] }, ...head("bent")];
      const [one, any] = [1, -1].map((batch) => fromGraphModel(graphModel([3, 2, 3], nodes, constants, { batch }))),
        x = pictures([3, 3, 2, 3]);
      expect(
        await tensorsLeft(async () => {
          const [alone, together] = [
            await integratedGradients(one, x, { target: 1, steps: 5 }),
            await integratedGradients(any, x, { target: 1, steps: 5 }),
          ];
          expect(relativeError(alone.values.dataSync(), together.values.dataSync())).to.be.below(1e-5);
          const [map, other] = [
            await gradCam(one, x, { target: 1, layer: "bent", signed: true }),
            await gradCam(any, x, { target: 1, layer: "bent", signed: true }),
          ];
          expect(relativeError(map.values.dataSync(), other.values.dataSync())).to.be.below(1e-5);
          [alone, together, map, other].forEach((each) => each.dispose());
        }),
      ).to.equal(0);
      x.dispose();
      [one, any].forEach((model) => model.dispose());
    });
    it("that is read once for each of its heads says the same each time", async () => {
      const nodes = [{ name: "open", op: "Maximum", input: ["zero", "moved"] }, ...head("open")];
      const graph = graphModel([3, 2, 3], [{ name: "moved", op: "Sub", input: ["image", "half"] }, ...nodes], {
        ...constants,
        zero: { shape: [], values: [0] },
        half: { shape: [], values: [0.5] },
      });
      const x = pictures([2, 3, 2, 3]),
        [first, second] = [fromGraphModel(graph), fromGraphModel(graph)];
      const maps = [await guidedBackprop(first, x, { target: 0 }), await guidedBackprop(second, x, { target: 0 })];
      const right = Array.from(x.dataSync(), (value, i) =>
        value > 0.5 ? Math.max(0, constants.weight.values[2 * (i % 3)]) / 6 : 0,
      );
      for (const map of maps) expect(relativeError(map.values.dataSync(), right)).to.be.below(1e-5);
      maps.forEach((map) => map.dispose());
      x.dispose();
      second.dispose();
    });
    it("that takes integers gets them", async () => {
      const nodes = [
        {
          name: "float",
          op: "Cast",
          input: ["image"],
          attr: { SrcT: { type: "DT_INT32" }, DstT: { type: "DT_FLOAT" } },
        },
        ...head("float"),
      ];
      const model = fromGraphModel(graphModel([1, 1, 3], nodes, constants, { type: "DT_INT32" }), { bounds: [0, 255] }),
        x = tf.tensor4d([7, 200, 30], [1, 1, 1, 3]);
      const fall = await occlusion(model, x, { target: 0, window: [1, 1, 1], stride: [1, 1, 1] });
      expect(
        relativeError(
          fall.values.dataSync(),
          [7, 200, 30].map((value, i) => value * constants.weight.values[2 * i]),
        ),
      ).to.be.below(1e-5);
      fall.dispose();
      x.dispose();
      model.dispose();
    });
    it("through an op without a gradient is refused by the op's name", async () => {
      const nodes = [
        { name: "best", op: "TopKV2", input: ["image", "two"], attr: { sorted: { b: true } } },
        { name: "scores", op: "Identity", input: ["best"] },
      ];
      const model = fromGraphModel(graphModel([3], nodes, { two: { shape: [], values: [2], dtype: "int32" } })),
        x = tf.tensor2d([[1, 3, 2]]);
      expect(await messageOf(() => saliency(model as never, x, { target: 0 } as never)))
        .to.match(/^the score is "one through TopK".*occlusion needs no gradient/)
        .and.not.contain("\n");
      x.dispose();
      model.dispose();
    });
  });

  describe("an output for each place", () => {
    const segments = (): VisionModel => {
      const network = tf.sequential({
        layers: [
          tf.layers.conv2d({
            inputShape: [2, 3, 2],
            filters: 2,
            kernelSize: 1,
            useBias: false,
            activation: "softmax",
            name: "labels",
          }),
        ],
      });
      const kernel = tf.tensor4d([0.5, -1, 0.25, 2], [1, 1, 2, 2]);
      network.setWeights([kernel]);
      kernel.dispose();
      return fromLayersModel(network, { name: "segments" });
    };
    it("has Grad-CAM at its last layer by what is explained: before the softmax, or the layer's own", async () => {
      const model = segments(),
        x = pictures([1, 2, 3, 2]),
        values = x.dataSync(),
        places = [0, 1, 2, 3, 4, 5];
      const second = (outputs: tf.Tensor): tf.Tensor =>
        tf.sum(tf.square(tf.slice(outputs, [0, 0, 0, 1], [-1, -1, -1, 1])), [1, 2, 3]);
      const logit = (p: number): number => -values[2 * p] + 2 * values[2 * p + 1];
      const probability = (p: number): number =>
        1 / (1 + Math.exp(0.5 * values[2 * p] + 0.25 * values[2 * p + 1] - logit(p)));
      const byDefinition = (of: (p: number) => number): number[] =>
        places.map((p) => (of(p) * places.reduce((sum, q) => sum + 2 * of(q), 0)) / 6);
      const before = await gradCam(model, x, { score: second, signed: true }),
        own = await gradCam(model, x, { score: { layer: "labels", of: second }, signed: true });
      expect(relativeError(before.values.dataSync(), byDefinition(logit))).to.be.below(1e-5);
      expect(relativeError(own.values.dataSync(), byDefinition(probability))).to.be.below(1e-5);
      [before, own].forEach((made) => made.dispose());
      x.dispose();
      model.dispose();
    });
    it("has no logit to maximize, in one line", async () => {
      const model = segments();
      expect(
        await tensorsLeft(async () => {
          expect(await messageOf(() => maximize(model, objectives.logit(1), { iterations: 2 }))).to.match(
            /output of segments is \[1, 2, 3, 2\]; allowed: \[batch, classes\]/,
          );
        }),
      ).to.equal(0);
      model.dispose();
    });
  });

  it("the gradient of a split into one piece is there", () => {
    tf.tidy(() => {
      const x = tf.tensor2d([
        [1, 2],
        [3, 4],
      ]);
      expect(Array.from(inputGradient((at) => tf.square(tf.split(at, 1)[0]), x).dataSync())).to.deep.equal([
        2, 4, 6, 8,
      ]);
      expect(
        Array.from(inputGradient((at) => tf.square(tf.unstack(tf.reshape(at, [1, 2, 2]))[0]), x).dataSync()),
      ).to.deep.equal([2, 4, 6, 8]);
    });
  });

  it("a layer, or a network inside, that is called twice goes with the model, once nothing else uses it", async () => {
    const twice = (body: tf.layers.Layer): tf.LayersModel => {
      const x = tf.input({ shape: [3] });
      return tf.model({
        inputs: x,
        outputs: tf.layers
          .dense({ units: 1 })
          .apply(body.apply(body.apply(x)) as tf.SymbolicTensor) as tf.SymbolicTensor,
      });
    };
    const dense = (): tf.layers.Layer => tf.layers.dense({ units: 3 });
    for (const make of [
      dense,
      () => tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [3] })] }) as unknown as tf.layers.Layer,
    ]) {
      expect(await tensorsLeft(() => fromLayersModel<Model>(twice(make())).dispose())).to.equal(0);
    }
    const shared = dense(),
      other = fromLayersModel<Model>(twice(shared)),
      x = tf.ones([1, 3]);
    fromLayersModel<Model>(twice(shared)).dispose();
    expect(tf.tidy(() => other.logits(x).dataSync())).to.have.length(1);
    other.dispose();
    x.dispose();
  });

  it("a layer that TensorFlow.js cannot compute is named, in one line", async () => {
    const network = tf.sequential({
      layers: [
        tf.layers.conv1d({ inputShape: [5, 2], filters: 2, kernelSize: 2, padding: "causal", name: "past" }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 2 }),
      ],
    });
    const model = fromLayersModel(network, { name: "series" }),
      x = tf.zeros([1, 5, 2]);
    const error = await saliency(model as never, x as never).then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error).to.be.instanceOf(VitrineError);
    expect(error!.message)
      .to.match(/^TensorFlow.js cannot compute layer past \(Conv1D\) of series: .*CAUSAL/)
      .and.not.contain("\n");
    x.dispose();
    model.dispose();
  });
}, ["tensorflow", "wasm"]);
