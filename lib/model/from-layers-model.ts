import type * as tf from "@tensorflow/tfjs";
import { badInput } from "../errors";
import { LayerGraph } from "./layer-graph";
import { NetworkVisionModel } from "./network-vision-model";
import { normalizationOf, preprocessor, type Preprocess } from "./preprocess";
import type { VisionModel } from "./vision-model";

export interface FromLayersModelOptions {
  /** Default: the network's own name. */
  name?: string;
  /** One name per output, in the order of the outputs. Default: `class 0`, `class 1`, … */
  classNames?: readonly string[];
  /** What the network wants done to pictures before its first layer. Default: nothing. */
  preprocess?: Preprocess;
  /** The range of pixel values that callers give, before `preprocess`. Default: [0, 1]. */
  bounds?: readonly [number, number];
  /** [height, width, channels]; needed only where the network takes any size. Default: the network's own. */
  inputShape?: readonly [number, number, number];
}

/**
 * Makes a {@link VisionModel} of a TF.js LayersModel with one image input and one output of class scores. A softmax
 * at the end is left out of `logits`; layers run in inference mode (no dropout, batch norm by its moving averages).
 * Nothing is copied: training the LayersModel on changes what the VisionModel says, and `dispose` disposes of both.
 * @throws BadInputError if the network's inputs or outputs are not of that kind, or classNames do not fit
 */
export function fromLayersModel(model: tf.LayersModel, options: FromLayersModelOptions = {}): VisionModel {
  const name = options.name ?? model.name;
  const inputShape = imageShape(model, name, options.inputShape);
  const classes = classCount(model, name);
  const { classNames = Array.from({ length: classes }, (_, i) => `class ${i}`), bounds = [0, 1] } = options;
  if (classNames.length !== classes) {
    badInput({ what: "classNames", got: `${classNames.length} names`, allowed: `${classes}, one for each output of ${name}` });
  }
  return new NetworkVisionModel(new LayerGraph(model), {
    name, inputShape, bounds, classNames: [...classNames], preprocess: preprocessor(options.preprocess, inputShape[2]), normalization: normalizationOf(options.preprocess),
  });
}

function imageShape(model: tf.LayersModel, name: string, given?: readonly [number, number, number]): [number, number, number] {
  const shape = model.inputs[0]?.shape ?? [];
  if (model.inputs.length !== 1 || shape.length !== 4) {
    badInput({ what: `the input of ${name}`, got: model.inputs.map((input) => JSON.stringify(input.shape)), allowed: "one input [batch, height, width, channels]" });
  }
  const [height, width, channels] = [0, 1, 2].map((i) => shape[i + 1] ?? given?.[i]);
  if (!height || !width || !channels) {
    badInput({ what: "inputShape", got: given, allowed: `[height, width, channels], since ${name} takes ${JSON.stringify(shape)}` });
  }
  if (given && (given[0] !== height || given[1] !== width || given[2] !== channels)) {
    badInput({ what: "inputShape", got: given, allowed: `[${height}, ${width}, ${channels}], what ${name} takes` });
  }
  return [height, width, channels];
}

function classCount(model: tf.LayersModel, name: string): number {
  const shape = model.outputs[0]?.shape ?? [];
  const classes = shape[1];
  if (model.outputs.length !== 1 || shape.length !== 2 || !classes) {
    badInput({ what: `the output of ${name}`, got: model.outputs.map((output) => JSON.stringify(output.shape)), allowed: "one output [batch, classes]" });
  }
  return classes;
}
