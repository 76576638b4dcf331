// Small networks that differ in kind. None was trained: their weights are drawn by a seed.
import * as tf from "@tensorflow/tfjs";
import { fromGraphModel, fromLayersModel, type FromLayersModelOptions } from "../../../lib/model/adapters";
import type { Model } from "../../../lib/model/vision-model";
import { graphModel, integers, text, texts, type Constant } from "../../helpers/graph-model";
import { Builder, chance, weightValues, type Form } from "./builder";

type Symbol = tf.SymbolicTensor;

export interface Network {
  readonly name: string;
  /** Of one input; of several inputs each. */
  readonly shapes: readonly (readonly number[])[];
  readonly options?: FromLayersModelOptions;
  build(b: Builder): tf.LayersModel;
  /** The Model, where it is not made of what `build` makes. */
  model?(): Model;
  /** The inputs' numbers. Default: at random in the bounds. */
  values?(part: number, count: number): Float32Array;
  /** An output for each place: what is explained is a region's class. */
  readonly places?: boolean;
  /** Numbers stand for words. */
  readonly words?: number;
  /** What each refused method says, by name; all attacks as `attack`, all methods as `any`. */
  readonly refused?: Readonly<Record<string, RegExp>>;
  /** Has no rectifier. */
  readonly smooth?: boolean;
  /** Values that are equal: one side of each is a kink, where no difference can be taken. */
  readonly ties?: boolean;
}

const input = (...shape: number[]): Symbol => tf.input({ shape });
const pooled = (x: Symbol, name: string): Symbol =>
  tf.layers.globalAveragePooling2d({ name, dataFormat: "channelsLast" }).apply(x) as Symbol;
const flat = (x: Symbol): Symbol => tf.layers.flatten().apply(x) as Symbol;
const norm = (name: string): tf.layers.Layer => tf.layers.batchNormalization({ name });
const joined = (b: Builder, xs: Symbol[], name: string): Symbol => b.put(tf.layers.concatenate({ name }), xs);

/** Zeros before the first step. */
class Before extends tf.layers.Layer {
  static className = "Before";
  constructor(
    private readonly steps: number,
    name: string,
  ) {
    super({ name });
  }

  override computeOutputShape([batch, steps, channels]: tf.Shape): tf.Shape {
    return [batch, steps! + this.steps, channels];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.pad((Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor3D, [
      [0, 0],
      [this.steps, 0],
      [0, 0],
    ]);
  }
}

const noMap = /model is .*whose inputs are \[.*\], allowed|for (guided )?Grad-CAM a model of images/;
const notImages = {
  "grad-cam": noMap,
  "guided-grad-cam": noMap,
  classVisualization: /a model of images/,
  maximize: /a model of images/,
};
const noConvolution = { "grad-cam": /no convolutional one/, "guided-grad-cam": /no convolutional one/ };
const regression = { attack: /output of .* is "linear"/ };
const leaky = {
  "guided-backprop": /whose layer .* LeakyReLU|PReLU/,
  deconvolution: /whose layer .* LeakyReLU|PReLU/,
  "guided-grad-cam": /whose layer .* LeakyReLU|PReLU/,
};

/** A layer of a user's own: x · sin(x) + x / 2. */
class Wave extends tf.layers.Layer {
  static className = "Wave";
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    return tf.tidy(() => tf.add(tf.mul(x, tf.sin(x)), tf.div(x, 2)));
  }
}

export const networks: readonly Network[] = [
  {
    name: "mlp, one sigmoid unit",
    shapes: [[7]],
    options: { bounds: [-2, 2], classNames: ["ill"] },
    refused: notImages,
    build(b) {
      const x = input(7),
        hidden = b.dense(b.dense(x, "h1", 9, "relu"), "h2", 6, "relu");
      return b.model(x, b.head(hidden, "out", 1, "sigmoid"), 1);
    },
  },
  {
    name: "several labels, grey 7×5",
    shapes: [[7, 5, 1]],
    build(b) {
      const x = input(7, 5, 1),
        c1 = b.conv(x, { name: "c1", filters: 5, kernelSize: 3, activation: "relu" });
      const pool = b.put(tf.layers.maxPooling2d({ name: "pool", poolSize: 2, strides: 2, padding: "same" }), c1);
      return b.model(x, b.head(flat(pool), "out", 4, "sigmoid"), 2);
    },
  },
  {
    name: "regression",
    shapes: [[6]],
    options: { bounds: [-1, 1] },
    refused: { ...notImages, ...regression },
    smooth: true,
    build(b) {
      const x = input(6);
      return b.model(x, b.dense(b.dense(b.dense(x, "h1", 7, "tanh"), "h2", 5, "softplus"), "out", 1), 3);
    },
  },
  {
    name: "two heads",
    shapes: [[6, 6, 3]],
    options: { head: "kind" },
    build(b) {
      const x = input(6, 6, 3),
        body = flat(b.conv(x, { name: "c1", filters: 6, kernelSize: 3, strides: 2, activation: "relu" }));
      const kind = b.head(body, "kind", 3, "softmax"),
        age = b.dense(body, "age", 1);
      return b.model(x, [kind, age], 4);
    },
  },
  {
    name: "like MobileNet, 1×1 behind the pooling",
    shapes: [[9, 8, 3]],
    build(b) {
      const x = input(9, 8, 3);
      let y = b.relu(
        b.put(norm("n1"), b.conv(x, { name: "c1", filters: 6, kernelSize: 3, strides: 2, useBias: false })),
        "r1",
        "relu6",
      );
      y = b.relu(
        b.put(norm("n2"), b.put(tf.layers.depthwiseConv2d({ name: "depthwise", kernelSize: 3, padding: "same" }), y)),
        "r2",
        "relu6",
      );
      y = b.relu(
        b.put(tf.layers.separableConv2d({ name: "separable", filters: 8, kernelSize: 3, padding: "same" }), y),
        "r3",
        "relu6",
      );
      const one = b.put(tf.layers.reshape({ name: "one", targetShape: [1, 1, 8] }), pooled(y, "mean"));
      const scores = b.put(
        tf.layers.reshape({ name: "row", targetShape: [4] }),
        b.conv(one, { name: "scores", filters: 4, kernelSize: 1 }),
      );
      return b.model(x, b.last(scores, "softmax"), 5);
    },
  },
  {
    name: "residual",
    shapes: [[8, 8, 3]],
    build(b) {
      const x = input(8, 8, 3),
        stem = b.conv(x, { name: "stem", filters: 6, kernelSize: 3, activation: "relu" });
      const inner = b.put(norm("n1"), b.conv(stem, { name: "c1", filters: 8, kernelSize: 3, strides: 2 }));
      const short = b.conv(stem, { name: "short", filters: 8, kernelSize: 1, strides: 2 });
      const sum = b.relu(
        b.put(tf.layers.add({ name: "sum" }), [
          b.conv(b.relu(inner, "r1"), { name: "c2", filters: 8, kernelSize: 3 }),
          short,
        ]),
        "r2",
      );
      return b.model(x, b.head(pooled(sum, "mean"), "out", 3, "softmax"), 6);
    },
  },
  {
    name: "dense blocks",
    shapes: [[8, 6, 3]],
    build(b) {
      const x = input(8, 6, 3);
      let y = b.conv(x, { name: "c0", filters: 4, kernelSize: 3 });
      for (const i of [1, 2, 3])
        y = joined(
          b,
          [y, b.conv(b.relu(b.put(norm(`n${i}`), y), `r${i}`), { name: `c${i}`, filters: 3, kernelSize: 3 })],
          `joined${i}`,
        );
      const shrunk = b.put(tf.layers.averagePooling2d({ name: "pool", poolSize: 2 }), y);
      return b.model(x, b.head(flat(shrunk), "out", 4, "softmax"), 7);
    },
  },
  {
    name: "branches with average pooling",
    shapes: [[9, 7, 3]],
    build(b) {
      const x = input(9, 7, 3),
        stem = b.conv(x, { name: "stem", filters: 4, kernelSize: 3, strides: 2, activation: "relu" });
      const one = b.conv(stem, { name: "one", filters: 3, kernelSize: 1, activation: "relu" });
      const five = b.conv(b.conv(stem, { name: "small", filters: 2, kernelSize: 1, activation: "relu" }), {
        name: "five",
        filters: 3,
        kernelSize: 5,
        activation: "relu",
      });
      const pool = b.conv(
        b.put(tf.layers.averagePooling2d({ name: "pool", poolSize: 3, strides: 1, padding: "same" }), stem),
        { name: "behind", filters: 2, kernelSize: 1, activation: "relu" },
      );
      return b.model(
        x,
        b.last(b.dense(pooled(joined(b, [one, five, pool], "branches"), "mean"), "scores", 3), "softmax"),
        8,
      );
    },
  },
  {
    name: "SELU, GELU, swish, mish, ELU, tanh",
    shapes: [[6, 5, 3]],
    smooth: true,
    build(b) {
      const x = input(6, 5, 3);
      let y = b.conv(x, { name: "c1", filters: 5, kernelSize: 3, activation: "selu" });
      y = b.conv(y, { name: "c2", filters: 5, kernelSize: 3, activation: "gelu" as "selu" });
      y = b.conv(y, { name: "c3", filters: 5, kernelSize: 3, strides: 2, activation: "swish" as "selu" });
      y = b.conv(y, { name: "c4", filters: 4, kernelSize: 1, activation: "mish" as "selu" });
      y = b.put(tf.layers.elu({ name: "elu" }), y);
      y = b.put(tf.layers.activation({ name: "softsign", activation: "softsign" }), y);
      return b.model(x, b.head(b.dense(flat(y), "h", 6, "tanh"), "out", 3, "softmax"), 9);
    },
  },
  {
    name: "LeakyReLU and PReLU",
    shapes: [[6, 6, 2]],
    refused: leaky,
    build(b) {
      const x = input(6, 6, 2),
        first = b.put(
          tf.layers.leakyReLU({ name: "leaky", alpha: 0.2 }),
          b.conv(x, { name: "c1", filters: 5, kernelSize: 3 }),
        );
      const second = b.put(
        tf.layers.prelu({ name: "prelu", sharedAxes: [1, 2] }),
        b.conv(first, { name: "c2", filters: 4, kernelSize: 3, strides: 2 }),
      );
      return b.model(x, b.head(flat(second), "out", 3, "softmax"), 10);
    },
  },
  {
    name: "squeeze and excite",
    shapes: [[7, 7, 3]],
    build(b) {
      const x = input(7, 7, 3),
        c1 = b.conv(x, { name: "c1", filters: 6, kernelSize: 3, activation: "relu" });
      const gate = b.dense(b.dense(pooled(c1, "squeeze"), "less", 3, "relu"), "more", 6, "sigmoid");
      const scaled = b.put(tf.layers.multiply({ name: "excite" }), [
        c1,
        b.put(tf.layers.reshape({ name: "gate", targetShape: [1, 1, 6] }), gate),
      ]);
      const c2 = b.conv(scaled, { name: "c2", filters: 5, kernelSize: 3, strides: 2, activation: "relu6" });
      return b.model(x, b.head(flat(c2), "out", 3, "softmax"), 11);
    },
  },
  {
    name: "attention with layer norm",
    shapes: [[5, 6]],
    options: { bounds: [-1, 1] },
    refused: notImages,
    smooth: true,
    build(b) {
      const x = input(5, 6),
        normed = b.put(tf.layers.layerNormalization({ name: "ln1" }), x);
      const project = (name: string): Symbol => b.dense(normed, name, 4);
      const weights = b.put(
        tf.layers.softmax({ name: "weights", axis: -1 }),
        b.put(tf.layers.dot({ name: "scores", axes: [2, 2] }), [project("queries"), project("keys")]),
      );
      const mixed = b.put(tf.layers.dot({ name: "mixed", axes: [2, 1] }), [weights, project("values")]);
      const sum = b.put(tf.layers.add({ name: "sum" }), [x, b.dense(mixed, "back", 6)]);
      const wide = b.dense(b.put(tf.layers.layerNormalization({ name: "ln2" }), sum), "wide", 8, "gelu_new");
      const mean = b.put(tf.layers.globalAveragePooling1d({ name: "mean" }), wide);
      return b.model(x, b.head(mean, "out", 3, "softmax"), 12);
    },
  },
  {
    name: "LSTM and GRU over a series",
    shapes: [[6, 3]],
    options: { bounds: [-1, 1] },
    refused: notImages,
    smooth: true,
    build(b) {
      const x = input(6, 3),
        both = b.put(
          tf.layers.bidirectional({
            name: "both",
            layer: tf.layers.lstm({ units: 4, returnSequences: true }) as never,
            mergeMode: "concat",
          }),
          x,
        );
      const last = b.put(tf.layers.gru({ name: "gru", units: 5 }), both);
      return b.model(x, b.head(last, "out", 3, "softmax"), 13);
    },
  },
  {
    name: "causal convolutions over a series",
    shapes: [[12, 2]],
    options: { bounds: [-1, 1] },
    refused: notImages,
    build(b) {
      // TensorFlow.js has no causal padding of its own.
      const x = input(12, 2),
        c1 = b.conv1(b.put(new Before(2, "past1"), x), { name: "c1", filters: 5, kernelSize: 3, activation: "relu" });
      const c2 = b.conv1(b.put(new Before(2, "past2"), c1), {
        name: "c2",
        filters: 4,
        kernelSize: 2,
        dilationRate: 2,
        activation: "relu",
      });
      return b.model(x, b.head(b.put(tf.layers.globalMaxPooling1d({ name: "max" }), c2), "out", 3, "softmax"), 14);
    },
  },
  {
    name: "text",
    shapes: [[8]],
    words: 11,
    refused: {
      ...notImages,
      attack: /which takes tokens/,
      "carlini-wagner": /the bounds of text/,
      "occluded-input-x-gradient": /which takes tokens/,
      smoothgrad: /the bounds of .* finite ones: sigma/,
    },
    build(b) {
      const [tokens, vectors] = b.text(8, 11, 4),
        c1 = b.conv1(vectors, { name: "c1", filters: 5, kernelSize: 3, activation: "relu" });
      return b.model(
        tokens,
        b.head(b.put(tf.layers.globalAveragePooling1d({ name: "mean" }), c1), "out", 2, "softmax"),
        15,
      );
    },
  },
  {
    name: "segmentation by transposed convolution and upsampling",
    shapes: [[8, 8, 3]],
    places: true,
    refused: {
      attack: /output of .* is \[.*\]; allowed: \[batch, classes\]/,
      classVisualization: /output of .* is \[.*\]; allowed: \[batch, classes\]/,
      maximize: /output of .* is \[.*\]; allowed: \[batch, classes\]/,
    },
    build(b) {
      const x = input(8, 8, 3),
        down = b.conv(x, { name: "down", filters: 5, kernelSize: 3, strides: 2, activation: "relu" });
      const deep = b.conv(b.put(tf.layers.maxPooling2d({ name: "pool", poolSize: 2 }), down), {
        name: "deep",
        filters: 6,
        kernelSize: 3,
        activation: "relu",
      });
      const up = b.put(tf.layers.upSampling2d({ name: "up", size: [2, 2] }), deep);
      const wide = b.put(
        tf.layers.upSampling2d({ name: "smooth", size: [2, 2], interpolation: "bilinear" }),
        joined(b, [up, down], "skip"),
      );
      const transposed = b.put(
        tf.layers.conv2dTranspose({ name: "transposed", filters: 4, kernelSize: 3, strides: 2, padding: "same" }),
        joined(b, [up, down], "skip2"),
      );
      const scores = b.conv(joined(b, [wide, b.relu(transposed, "r1")], "all"), {
        name: "scores",
        filters: 3,
        kernelSize: 1,
        ...(!b.form.bare && { activation: "softmax" }),
      });
      return b.model(x, scores, 16);
    },
  },
  {
    name: "dilated and strided, odd sizes",
    shapes: [[11, 7, 2]],
    build(b) {
      const x = input(11, 7, 2),
        c1 = b.conv(x, { name: "c1", filters: 4, kernelSize: 3, dilationRate: 2, activation: "relu" });
      const c2 = b.conv(c1, { name: "c2", filters: 5, kernelSize: [2, 3], strides: [3, 2], activation: "relu" });
      const c3 = b.relu(b.conv(c2, { name: "c3", filters: 3, kernelSize: 3, dilationRate: 2 }), "r3");
      return b.model(x, b.last(b.dense(flat(c3), "out", 3), "softmax"), 17);
    },
  },
  {
    name: "ties of max pooling on flat images",
    shapes: [[8, 6, 1]],
    ties: true,
    smooth: true,
    values: (_, count) => Float32Array.from({ length: count * 48 }, (_, i) => 0.3 + 0.2 * Math.floor(i / 48)),
    build(b) {
      const x = input(8, 6, 1),
        pool = b.put(tf.layers.maxPooling2d({ name: "pool", poolSize: 3, strides: 2, padding: "same" }), x);
      return b.model(
        x,
        b.head(flat(b.conv(pool, { name: "c1", filters: 3, kernelSize: 2, activation: "tanh" })), "out", 3, "softmax"),
        18,
      );
    },
  },
  {
    name: "cropped and padded, four channels",
    shapes: [[10, 7, 4]],
    build(b) {
      const x = input(10, 7, 4),
        cut = b.put(
          tf.layers.cropping2D({
            name: "cut",
            cropping: [
              [1, 2],
              [0, 1],
            ],
          }),
          x,
        );
      const padded = b.put(
        tf.layers.zeroPadding2d({
          name: "padded",
          padding: [
            [2, 1],
            [1, 3],
          ],
        }),
        cut,
      );
      const c1 = b.conv(padded, { name: "c1", filters: 4, kernelSize: 3, padding: "valid", activation: "relu" });
      const turned = b.put(tf.layers.permute({ name: "turned", dims: [2, 1, 3] }), c1);
      return b.model(
        x,
        b.head(
          b.put(tf.layers.globalMaxPooling2d({ name: "max", dataFormat: "channelsLast" }), turned),
          "out",
          3,
          "softmax",
        ),
        19,
      );
    },
  },
  {
    name: "two inputs through one tower",
    shapes: [
      [4, 3, 2],
      [4, 3, 2],
    ],
    options: { bounds: [0, 1] },
    refused: notImages,
    build(b) {
      const inner = input(4, 3, 2),
        tower = new Builder({ rule: b.form.rule });
      const body = tower.model(
        inner,
        tower.dense(
          flat(tower.conv(inner, { name: "c1", filters: 4, kernelSize: 3, activation: "relu" })),
          "h1",
          5,
          "relu",
        ),
        20,
      );
      const [one, two] = [input(4, 3, 2), input(4, 3, 2)],
        apply = (x: Symbol): Symbol => body.apply(x) as Symbol;
      const far = b.put(tf.layers.concatenate({ name: "pair" }), [apply(one), apply(two)]);
      return b.model([one, two], b.head(b.dense(far, "h2", 4, "relu"), "out", 1, "sigmoid"), 20);
    },
  },
  {
    name: "one layer called twice, a network inside",
    shapes: [[6, 6, 3]],
    build(b) {
      const x = input(6, 6, 3),
        same = tf.layers.conv2d({ name: "same", filters: 3, kernelSize: 3, padding: "same", activation: "tanh" });
      const twice = same.apply(same.apply(x) as Symbol) as Symbol;
      const inner = input(6, 6, 3),
        body = new Builder({ rule: b.form.rule });
      const part = body.model(
        inner,
        body.conv(inner, { name: "inner", filters: 4, kernelSize: 2, strides: 2, activation: "relu" }),
        21,
      );
      const last = b.conv(part.apply(twice) as Symbol, { name: "last", filters: 4, kernelSize: 3, activation: "relu" });
      return b.model(x, b.head(flat(last), "out", 3, "softmax"), 21);
    },
  },
  {
    name: "a layer of one's own, 1×1 images",
    shapes: [[1, 1, 3]],
    refused: noConvolution,
    smooth: true,
    build(b) {
      const x = input(1, 1, 3),
        wave = b.put(new Wave({ name: "wave" }), b.conv(x, { name: "c1", filters: 6, kernelSize: 1 }));
      return b.model(x, b.head(flat(wave), "out", 4, "softmax"), 22);
    },
  },
  {
    name: "a graph with fused convolutions and a split",
    shapes: [[8, 6, 3]],
    build(b) {
      const x = input(8, 6, 3),
        c1 = b.conv(x, { name: "c1", filters: 6, kernelSize: 3, activation: "relu6" });
      const left = b.put(tf.layers.activation({ name: "left", activation: "tanh" }), b.put(new Part(0, "front"), c1));
      const right = b.conv(b.put(new Part(3, "rear"), c1), {
        name: "c2",
        filters: 4,
        kernelSize: 3,
        activation: "relu",
      });
      return b.model(x, b.head(pooled(joined(b, [left, right], "joined"), "mean"), "out", 3, "softmax"), 23);
    },
    model: () => fromGraphModel<Model>(splitGraph(), { name: "a graph with fused convolutions and a split" }),
  },
];

/** Three of the channels. */
class Part extends tf.layers.Layer {
  static className = "Part";
  constructor(
    private readonly from: number,
    name: string,
  ) {
    super({ name });
  }

  override computeOutputShape(shape: tf.Shape): tf.Shape {
    return [...shape.slice(0, -1), 3];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
    return tf.slice(x, [0, 0, 0, this.from], [-1, -1, -1, 3]);
  }
}

function splitGraph(): tf.GraphModel {
  const values = (name: string, ...shape: number[]): Constant => ({
    shape,
    values: Array.from(weightValues(name, shape, 23)),
  });
  const fused = (...ops: string[]): Record<string, object> => ({
    strides: integers(1, 1, 1, 1),
    padding: text("SAME"),
    data_format: text("NHWC"),
    dilations: integers(1, 1, 1, 1),
    fused_ops: texts(...ops),
    num_args: { i: "1" },
  });
  const product = { transpose_a: { b: false }, transpose_b: { b: false } };
  return graphModel(
    [8, 6, 3],
    [
      { name: "c1", op: "_FusedConv2D", input: ["image", "k1", "b1"], attr: fused("BiasAdd", "Relu6") },
      { name: "split", op: "Split", input: ["axis", "c1"], attr: { num_split: { i: "2" } } },
      { name: "left", op: "Tanh", input: ["split"] },
      { name: "c2", op: "_FusedConv2D", input: ["split:1", "k2", "b2"], attr: fused("BiasAdd", "Relu") },
      { name: "joined", op: "ConcatV2", input: ["left", "c2", "axis"], attr: { N: { i: "2" } } },
      { name: "mean", op: "Mean", input: ["joined", "axes"], attr: { keep_dims: { b: false } } },
      { name: "product", op: "MatMul", input: ["mean", "k3"], attr: product },
      { name: "scores", op: "BiasAdd", input: ["product", "b3"], attr: { data_format: text("NHWC") } },
      { name: "softmax", op: "Softmax", input: ["scores"] },
    ],
    {
      k1: values("c1 0 kernel", 3, 3, 3, 6),
      b1: values("c1 1 bias", 6),
      k2: values("c2 0 kernel", 3, 3, 3, 4),
      b2: values("c2 1 bias", 4),
      k3: values("out 0 kernel", 7, 3),
      b3: values("out 1 bias", 3),
      axis: { shape: [], values: [3], dtype: "int32" },
      axes: { shape: [2], values: [1, 2], dtype: "int32" },
    },
  );
}

export const inputCount = 3;

/** The network as the library has it. */
export function modelOf(network: Network): Model {
  return (
    network.model?.() ??
    fromLayersModel<Model>(network.build(new Builder()), { name: network.name, ...network.options })
  );
}

/** The network as TensorFlow.js runs it as a whole. */
export const formOf = (network: Network, form: Form): tf.LayersModel => network.build(new Builder(form));

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

/** The inputs' numbers, part after part. */
export function valuesOf(network: Network): Float32Array[] {
  return network.shapes.map((shape, part) => {
    if (network.values) return network.values(part, inputCount);
    const next = chance(`${network.name} ${part}`),
      [low, high] = network.options?.bounds ?? [0, 1];
    const draw = (): number =>
      network.words ? Math.floor(network.words * next()) : low + (high - low) * (0.05 + 0.9 * next());
    return Float32Array.from({ length: inputCount * sizeOf(shape) }, draw);
  });
}

/** The vectors of a text's words. */
export function weightsOfVectors(network: Network, words: ArrayLike<number>): Float32Array {
  const table = weightValues("vectors 0 embeddings", [network.words!, 4], 15);
  return Float32Array.from(Array.from(words).flatMap((word) => Array.from(table.subarray(word * 4, word * 4 + 4))));
}
