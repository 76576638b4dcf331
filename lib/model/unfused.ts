// Dilated convolutions that TensorFlow.js computes as one op with their bias, and then refuses to differentiate.
import * as tf from "@tensorflow/tfjs";
import type { RunNode } from "./graph-rectifiers";

type Pair = [number, number];
type Activation = { apply(x: tf.Tensor): tf.Tensor };
interface ConvLayer {
  call(inputs: tf.Tensor | tf.Tensor[], kwargs: unknown): tf.Tensor | tf.Tensor[];
  kernel: { read(): tf.Tensor4D };
  bias?: { read(): tf.Tensor1D };
  activation?: Activation;
  strides: Pair;
  padding: "same" | "valid";
  dataFormat?: "channelsFirst" | "channelsLast";
  dilationRate: Pair;
}

/**
 * Makes a layer's dilated convolution an op of its own, whose gradient is there
 * (`backend/corrections/gradients/dilated-convolutions.ts`).
 */
export function unfuseDilated(layer: tf.layers.Layer): void {
  const conv = layer as unknown as ConvLayer;
  if (layer.getClassName() !== "Conv2D" || [conv.dilationRate].flat().every((rate) => rate === 1)) return;
  conv.call = (inputs) =>
    tf.tidy(() => {
      const given = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D,
        first = conv.dataFormat === "channelsFirst";
      const x = first ? tf.transpose(given, [0, 2, 3, 1]) : given;
      const made = tf.conv2d(x, conv.kernel.read(), conv.strides, conv.padding, "NHWC", conv.dilationRate);
      const biased = conv.bias ? tf.add(made, conv.bias.read()) : made;
      const output = first ? tf.transpose(biased, [0, 3, 1, 2]) : biased;
      return conv.activation ? conv.activation.apply(output) : output;
    });
}

const name = "VitrineDilated";

/**
 * The same for a graph's node: a convolution, depthwise or not, with its bias and an activation that the library knows.
 */
export function unfuseDilatedNode(given: object): void {
  const node = given as RunNode,
    { attrParams } = node;
  const pairOf = (what: string): Pair => {
    const value = attrParams[what]?.value as number[] | undefined;
    return value?.length === 4 ? [value[1], value[2]] : [1, 1];
  };
  if (!/^(_FusedConv2D|FusedDepthwiseConv2dNative)$/.test(node.op) || pairOf("dilations").every((rate) => rate === 1))
    return;
  const fused = ([attrParams.fusedOps?.value ?? []].flat() as string[]).map((each) => String(each).toLowerCase());
  const activation = fused.filter((each) => each !== "biasadd")[0] ?? "linear";
  if (fused[0] !== "biasadd" || !(activation in activations) || attrParams.dataFormat?.value === "NCHW") return;
  const depthwise = node.op !== "_FusedConv2D",
    pad = attrParams.pad?.value as "same" | "valid",
    alpha = attrParams.leakyreluAlpha?.value as number | undefined;
  // An op of its own for each kind: TF.js hands over a node's inputs, and of what it is only its attributes.
  const op = [
    name,
    depthwise ? "Depthwise" : "",
    pad,
    ...pairOf("strides"),
    ...pairOf("dilations"),
    activation,
    alpha ?? "",
  ].join("_");
  const [strides, dilations] = [pairOf("strides"), pairOf("dilations")];
  tf.registerOp(op, ({ inputs: [x, filter, bias] }) => {
    const [image, kernel] = [x as tf.Tensor4D, filter as tf.Tensor4D];
    const made = depthwise
      ? tf.depthwiseConv2d(image, kernel, strides, pad, "NHWC", dilations)
      : tf.conv2d(image, kernel, strides, pad, "NHWC", dilations);
    return activations[activation](tf.add(made, bias), alpha);
  });
  Object.assign(node, { op, category: "custom", rawAttrs: undefined });
}

const activations: Record<string, (x: tf.Tensor, alpha?: number) => tf.Tensor> = {
  linear: (x) => x,
  relu: tf.relu,
  relu6: tf.relu6,
  elu: tf.elu,
  sigmoid: tf.sigmoid,
  leakyrelu: (x, alpha) => tf.leakyRelu(x, alpha),
};
