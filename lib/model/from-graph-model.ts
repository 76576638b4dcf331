import type * as tf from "@tensorflow/tfjs";
import { badInput } from "../errors";
import { GraphNetwork } from "./graph-network";
import { NetworkVisionModel } from "./network-vision-model";
import { normalizationOf, preprocessor, type Preprocess } from "./preprocess";
import type { VisionModel } from "./vision-model";

export interface FromGraphModelOptions {
  /** Default: `graph-model`. */
  name?: string;
  /** One name per output, in the order of the outputs. Default: `class 0`, `class 1`, … */
  classNames?: readonly string[];
  /** What the network wants done to pictures before its first node. Default: nothing. */
  preprocess?: Preprocess;
  /** The range of pixel values that callers give, before `preprocess`. Default: [0, 1]. */
  bounds?: readonly [number, number];
  /** [height, width, channels]; needed only where the graph does not say. Default: the graph's own. */
  inputShape?: readonly [number, number, number];
}

/**
 * Makes a {@link VisionModel} of a converted TensorFlow graph with one NHWC image input and one output of class
 * scores. A softmax at the end is left out of `logits`. Layers are the graph's nodes. Graphs with control flow
 * (loops, conditions) cannot be differentiated and are refused by TF.js when they run.
 * @throws BadInputError if the graph's inputs or outputs are not of that kind, or classNames do not fit
 */
export function fromGraphModel(model: tf.GraphModel, options: FromGraphModelOptions = {}): VisionModel {
  const { name = "graph-model", bounds = [0, 1] } = options;
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    badInput({ what: `the inputs and outputs of ${name}`, got: `${model.inputs.length} and ${model.outputs.length}`, allowed: "one image input and one output of scores" });
  }
  const inputShape = imageShape(model.inputs[0].shape ?? [], name, options.inputShape);
  const network = new GraphNetwork(model, inputShape);
  const [classes] = network.outputShape;
  if (network.outputShape.length !== 1) badInput({ what: `the output of ${name}`, got: ["batch", ...network.outputShape], allowed: "[batch, classes]" });
  const { classNames = Array.from({ length: classes }, (_, i) => `class ${i}`) } = options;
  if (classNames.length !== classes) {
    badInput({ what: "classNames", got: `${classNames.length} names`, allowed: `${classes}, one for each output of ${name}` });
  }
  return new NetworkVisionModel(network, { name, inputShape, bounds, classNames: [...classNames], preprocess: preprocessor(options.preprocess, inputShape[2]), normalization: normalizationOf(options.preprocess) });
}

function imageShape(shape: readonly (number | null)[], name: string, given?: readonly [number, number, number]): [number, number, number] {
  const sizes = [1, 2, 3].map((axis) => {
    const size = shape.length === 4 ? shape[axis] : undefined;
    return size !== undefined && size !== null && size > 0 ? size : given?.[axis - 1];
  });
  if (shape.length !== 0 && shape.length !== 4) badInput({ what: `the input of ${name}`, got: shape, allowed: "[batch, height, width, channels]" });
  const [height, width, channels] = sizes;
  if (!height || !width || !channels) badInput({ what: "inputShape", got: given, allowed: `[height, width, channels], since ${name} takes ${JSON.stringify(shape)}` });
  return [height, width, channels];
}
