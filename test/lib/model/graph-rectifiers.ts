// Graphs with one unit and one rectifier, as converters write them.
import { fromGraphModel } from "../../../lib/model/adapters";
import type { VisionModel } from "../../../lib/model/vision-model";
import { graphModel, integers, text, texts, type Constant, type GraphNode } from "../../helpers/graph-model";

/** Nodes from `x`, one unit, to `r`, what a rectifier makes of it. */
export type Rectifier = readonly GraphNode[];

export const node = (name: string, op: string, ...input: string[]): GraphNode => ({ name, op, input });
const cast = (name: string, of: string): GraphNode => ({
  ...node(name, "Cast", of),
  attr: { SrcT: { type: "DT_BOOL" }, DstT: { type: "DT_FLOAT" } },
});
export const product = { transpose_a: { b: false }, transpose_b: { b: false } };
const convolution = {
  strides: integers(1, 1, 1, 1),
  padding: text("VALID"),
  data_format: text("NHWC"),
  dilations: integers(1, 1, 1, 1),
};
const leakiness = { leakyrelu_alpha: { f: 0.5 }, alpha: { f: 0.5 } };

const numbers: Record<string, Constant> = Object.fromEntries(
  Object.entries({ zero: 0, two: 2, six: 6, nine: 9, half: 0.5, below: -0.5, minusHalf: -0.5 }).map(([name, value]) => [
    name,
    { shape: [], values: [value] },
  ]),
);

/** One unit 20 a + b − 1, the rectifier, and two logits: it, and its opposite. `x` may be fused with the rectifier. */
export function modelWith(rectifier: Rectifier): VisionModel {
  const isFused = rectifier[0].op.startsWith("_Fused");
  const convolves = isFused && rectifier[0].op.includes("Conv");
  const unit: GraphNode[] = isFused
    ? []
    : [{ ...node("product", "MatMul", "flat", "weight"), attr: product }, node("x", "BiasAdd", "product", "bias")];
  const end: GraphNode[] = [
    node("flatR", "Reshape", "r", "one"),
    { ...node("logits", "MatMul", "flatR", "end"), attr: product },
  ];
  const graph = graphModel([1, 1, 2], [node("flat", "Reshape", "image", "pair"), ...unit, ...rectifier, ...end], {
    ...numbers,
    pair: { shape: [2], values: [-1, 2], dtype: "int32" },
    one: { shape: [2], values: [-1, 1], dtype: "int32" },
    weight: { shape: convolves ? [1, 1, 2, 1] : [2, 1], values: [20, 1] },
    bias: { shape: [1], values: [-1] },
    end: { shape: [1, 2], values: [1, -1] },
    alpha: { shape: [1], values: [0.5] },
  });
  return fromGraphModel(graph, { classNames: ["it", "its opposite"] });
}

export const matMul = (...fused: string[]): GraphNode => ({
  ...node("r", "_FusedMatMul", "flat", "weight", "bias"),
  attr: { ...product, ...leakiness, fused_ops: texts(...fused), num_args: { i: "1" } },
});
const conv = (...fused: string[]): GraphNode => ({
  ...node("r", "_FusedConv2D", "image", "weight", "bias"),
  attr: { ...convolution, ...leakiness, fused_ops: texts(...fused), num_args: { i: "1" } },
});

const relu = (x: number): number => Math.max(0, x);
const upTo =
  (most: number) =>
  (x: number): number =>
    Math.min(most, relu(x));
const between =
  (low: number, high = Infinity) =>
  (x: number): boolean =>
    x > low && x < high;

/** Each rectifier, its value, and where its derivative is 1. */
export const ruled: Record<string, [Rectifier, (x: number) => number, (x: number) => boolean]> = {
  Relu: [[node("r", "Relu", "x")], relu, between(0)],
  Relu6: [[node("r", "Relu6", "x")], upTo(6), between(0, 6)],
  "max(x, 0)": [[node("r", "Maximum", "x", "zero")], relu, between(0)],
  "max(0, x)": [[node("r", "Maximum", "zero", "x")], relu, between(0)],
  "a clip to [0, 9]": [[node("r", "ClipByValue", "x", "zero", "nine")], upTo(9), between(0, 9)],
  "min(relu(x), 6)": [[node("inner", "Relu", "x"), node("r", "Minimum", "inner", "six")], upTo(6), between(0, 6)],
  "min(6, max(x, 0))": [
    [node("inner", "Maximum", "x", "zero"), node("same", "Identity", "inner"), node("r", "Minimum", "six", "same")],
    upTo(6),
    between(0, 6),
  ],
  "max(min(x, 6), 0)": [
    [node("inner", "Minimum", "x", "six"), node("r", "Maximum", "inner", "zero")],
    upTo(6),
    between(0, 6),
  ],
  "x · (x > 2)": [
    [node("more", "Greater", "x", "two"), cast("mask", "more"), node("r", "Mul", "x", "mask")],
    (x) => (x > 2 ? x : 0),
    between(2),
  ],
  "(2 < x) · x": [
    [node("more", "Less", "two", "x"), cast("mask", "more"), node("r", "Mul", "mask", "x")],
    (x) => (x > 2 ? x : 0),
    between(2),
  ],
  "x > 0 ? x : 0": [
    [node("more", "Greater", "x", "zero"), node("r", "SelectV2", "more", "x", "zero")],
    relu,
    between(0),
  ],
  "a product fused with Relu": [[matMul("BiasAdd", "Relu")], relu, between(0)],
  "a product fused with Relu6": [[matMul("BiasAdd", "Relu6")], upTo(6), between(0, 6)],
  "a convolution fused with Relu": [[conv("BiasAdd", "Relu")], relu, between(0)],
  "a convolution fused with Relu6": [[conv("BiasAdd", "Relu6")], upTo(6), between(0, 6)],
};

/** Each, its value, and how its refusal names it. */
export const leaky: Record<string, [Rectifier, (x: number) => number, string]> = {
  LeakyRelu: [[{ ...node("r", "LeakyRelu", "x"), attr: leakiness }], (x) => (x > 0 ? x : x / 2), "r is a LeakyRelu"],
  Prelu: [[node("r", "Prelu", "x", "alpha")], (x) => (x > 0 ? x : x / 2), "r is a Prelu"],
  "a product fused with LeakyRelu": [
    [matMul("BiasAdd", "LeakyRelu")],
    (x) => (x > 0 ? x : x / 2),
    "r is a LeakyRelu inside a _FusedMatMul",
  ],
  "a convolution fused with LeakyRelu": [
    [conv("BiasAdd", "LeakyRelu")],
    (x) => (x > 0 ? x : x / 2),
    "r is a LeakyRelu inside a _FusedConv2D",
  ],
  "max(x, x / 2)": [
    [node("less", "Mul", "x", "half"), node("r", "Maximum", "x", "less")],
    (x) => (x > 0 ? x : x / 2),
    "r is a leaky rectifier",
  ],
  "x > 0 ? x : x / 2": [
    [node("more", "Greater", "x", "zero"), node("less", "Mul", "half", "x"), node("r", "Select", "more", "x", "less")],
    (x) => (x > 0 ? x : x / 2),
    "r is a leaky rectifier",
  ],
  "relu(x) − relu(−x) / 2": [
    [
      node("up", "Relu", "x"),
      node("minus", "Neg", "x"),
      node("down", "Relu", "minus"),
      node("less", "Mul", "down", "minusHalf"),
      node("r", "AddV2", "up", "less"),
    ],
    (x) => (x > 0 ? x : x / 2),
    "r is a leaky rectifier",
  ],
  "x + relu(−x) / 2": [
    [
      node("minus", "Neg", "x"),
      node("down", "Relu", "minus"),
      node("less", "Mul", "half", "down"),
      node("r", "AddV2", "x", "less"),
    ],
    (x) => (x > 0 ? x : x / 2),
    "r is a leaky rectifier",
  ],
  "(x + |x|) / 2": [
    [node("size", "Abs", "x"), node("both", "AddV2", "x", "size"), node("r", "Mul", "both", "half")],
    relu,
    "both is a rectifier written with Abs",
  ],
  "x · (x > −0.5)": [
    [node("more", "Greater", "x", "below"), cast("mask", "more"), node("r", "Mul", "x", "mask")],
    (x) => (x > -0.5 ? x : 0),
    "r is a rectifier with a threshold of -0.5",
  ],
};

export const pixels = [
  [1, 1],
  [0.1, 1],
  [0.4, 1],
  [0, 0.4],
  [0.12, 1],
  [0.2, 0.9],
  [0, 0.2],
];
