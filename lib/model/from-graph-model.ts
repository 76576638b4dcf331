import type * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { checkHead, checkInputSides, defaultBounds } from "./adapter-options";
import { GraphNetwork } from "./graph-network";
import { NetworkModel } from "./network-model";
import { checkClassNames } from "./outputs";
import { type OutputKind } from "./vision-model";
import { normalizationOf, preprocessor, type Preprocess } from "./preprocess";
import type { Model, VisionModel } from "./vision-model";

export interface FromGraphModelOptions {
  /** Default: `graph-model`. */
  name?: string;
  /**
   * One name per output, in the order of the outputs; for a single sigmoid unit what it says no to and what it says yes
   * to, or only
   * the latter. Default: `class 0`, `class 1`, …; of linear outputs `output 0`, …
   */
  classNames?: readonly string[];
  /** What the network wants done to its inputs before its first node. Default: nothing. */
  preprocess?: Preprocess;
  /** The range of values that callers give, before `preprocess`. Default: [0, 1] for images, none for other inputs. */
  bounds?: readonly [number, number];
  /**
   * Of one input, for instance [height, width, channels]; needed only where the graph does not say. Default: the
   * graph's own.
   */
  inputShape?: readonly number[];
  /**
   * What the outputs are. Default: what the last nodes tell; without any activation one output is `linear`, several are
   * logits (`softmax`).
   */
  output?: OutputKind;
  /** Which of several outputs is meant: its name or index. Default: the only one. */
  head?: string | number;
}

/**
 * Makes a {@link Model} of a converted TensorFlow graph with one input: of images (then it is a {@link VisionModel}),
 * or of inputs of any
 * other shape. A softmax or sigmoid at the end is left out of `logits`. Layers are the graph's nodes. Graphs with
 * control flow
 * (loops, conditions) cannot be differentiated and are refused by TF.js when they run.
 * @throws BadInputError if the graph's inputs or outputs are not of that kind, or classNames do not fit
 */
export function fromGraphModel(model: tf.GraphModel, options?: FromGraphModelOptions): VisionModel;
/** Of inputs that are no images: `fromGraphModel<Model>(graph)`. */
export function fromGraphModel<M extends Model>(model: tf.GraphModel, options?: FromGraphModelOptions): M;
export function fromGraphModel<M extends Model>(model: tf.GraphModel, options: FromGraphModelOptions = {}): M {
  const { name = "graph-model" } = options;
  if (model.inputs.length !== 1)
    badInput({
      what: `the inputs of ${name}`,
      got: model.inputs.length,
      allowed: "one",
      remedy: "A LayersModel may have several.",
    });
  const own = model.inputs[0].shape;
  // A graph that says nothing takes images, unless the caller says otherwise.
  const sides = own && own.length > 0 ? own.slice(1) : (options.inputShape ?? [null, null, null]).map(() => null);
  const inputShape = checkInputSides(sides, name, options.inputShape);
  const head = checkHead(
    options.head,
    model.outputs.map((output) => output.name),
    model.outputs.map(({ shape }) => (shape ?? []).slice(1)),
    name,
  );
  const network = new GraphNetwork(model, inputShape, name, { head, output: options.output });
  const units = network.outputShape.at(-1);
  if (!units)
    badInput({
      what: `the output of ${name}`,
      got: ["batch", ...network.outputShape],
      allowed: "[batch, classes], or [batch, …, classes] with a score of one's own",
    });
  const output = network.outputKind;
  return new NetworkModel(network, {
    name,
    inputShape,
    output,
    units,
    bounds: options.bounds ?? defaultBounds(inputShape),
    classNames: checkClassNames(options.classNames, output, units, name),
    preprocess: preprocessor(options.preprocess, inputShape.at(-1)!, options.bounds),
    normalization: normalizationOf(options.preprocess),
  }) as Model as M;
}
