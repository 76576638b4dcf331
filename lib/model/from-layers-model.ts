import type * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { checkHead, checkInputSides, defaultBounds } from "./adapter-options";
import { LayerGraph } from "./layer-graph";
import { NetworkModel } from "./network-model";
import { checkClassNames } from "./outputs";
import { type OutputKind } from "./vision-model";
import { packedSize, type InputPart } from "./packed-inputs";
import { normalizationOf, preprocessor, type Preprocess } from "./preprocess";
import type { Model, VisionModel } from "./vision-model";

export interface FromLayersModelOptions {
  /** Default: the network's own name. */
  name?: string;
  /**
   * One name per output, in the order of the outputs; for a single sigmoid unit what it says no to and what it says yes
   * to, or only
   * the latter. Default: `class 0`, `class 1`, …; of linear outputs `output 0`, …
   */
  classNames?: readonly string[];
  /** What the network wants done to its inputs before its first layer. Default: nothing. */
  preprocess?: Preprocess;
  /** The range of values that callers give, before `preprocess`. Default: [0, 1] for images, none for other inputs. */
  bounds?: readonly [number, number];
  /**
   * Of one input, for instance [height, width, channels]; needed only where the network takes any size. Default: the
   * network's own.
   */
  inputShape?: readonly number[];
  /**
   * What the outputs are. Default: what the last layers tell; without any activation one output is `linear`, several
   * are logits (`softmax`).
   */
  output?: OutputKind;
  /** Which of several outputs is meant: its name or index. Default: the only one. */
  head?: string | number;
}

/**
 * Makes a {@link Model} of a TF.js LayersModel: of images (then it is a {@link VisionModel}), of inputs of any other
 * shape, or of
 * several inputs. A softmax or sigmoid at the end is left out of `logits`; layers run in inference mode (no dropout,
 * batch norm by its
 * moving averages). Nothing is copied: training the LayersModel on changes what the Model says, and `dispose` disposes
 * of both.
 * @throws BadInputError if the network's inputs or outputs are not of that kind, or classNames do not fit
 * @example const model = fromLayersModel<Model>(tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [4]
 * })] }));
 */
export function fromLayersModel(model: tf.LayersModel, options?: FromLayersModelOptions): VisionModel;
/** Of inputs that are no images: `fromLayersModel<Model>(network)`. */
export function fromLayersModel<M extends Model>(model: tf.LayersModel, options?: FromLayersModelOptions): M;
export function fromLayersModel<M extends Model>(model: tf.LayersModel, options: FromLayersModelOptions = {}): M {
  const name = options.name ?? model.name;
  const inputs = partsOf(model);
  const inputShape = inputs
    ? [packedSize(inputs)]
    : checkInputSides(model.inputs[0].shape.slice(1), name, options.inputShape);
  const head = checkHead(
    options.head,
    model.outputs.map(({ sourceLayer }) => sourceLayer.name),
    model.outputs.map(({ shape }) => shape.slice(1)),
    name,
  );
  const graph = new LayerGraph(model, { head, output: options.output, name });
  const units = unitsOf(model.outputs[head].shape, name),
    output = graph.outputKind;
  const facts = {
    name,
    inputShape,
    output,
    units,
    bounds: options.bounds ?? defaultBounds(inputShape),
    classNames: checkClassNames(options.classNames, output, units, name),
    preprocess: preprocessor(options.preprocess, inputShape.at(-1)!, options.bounds),
    normalization: normalizationOf(options.preprocess),
  };
  return new NetworkModel(graph, inputs ? { ...facts, inputs } : facts) as Model as M;
}

/** Undefined for a single input. */
function partsOf({ inputs, inputNames }: tf.LayersModel): InputPart[] | undefined {
  if (inputs.length === 1) return undefined;
  return inputs.map(({ shape }, i) => {
    const sides = shape.slice(1);
    if (sides.some((side) => side === null))
      badInput({
        what: `the shape of input ${inputNames[i]}`,
        got: shape,
        allowed: "sizes that are known, in a network of several inputs",
      });
    return { name: inputNames[i], shape: sides as number[] };
  });
}

function unitsOf(shape: tf.Shape, name: string): number {
  const units = shape.at(-1);
  return units && shape.length >= 2
    ? units
    : badInput({
        what: `the output of ${name}`,
        got: JSON.stringify(shape),
        allowed: "[batch, classes], or [batch, …, classes] with a score of one's own",
      });
}
