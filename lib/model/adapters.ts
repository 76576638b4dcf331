// TensorFlow.js's networks, of layers or of nodes, as models.
import type * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { checkOptions, text, type Schema } from "../core/options";
import { nearNames } from "../core/text";
import { LayerGraph } from "./layer-graph";
import { NetworkModel, type ModelFacts } from "./network-model";
import { checkClassNames } from "./outputs";
import type { Model, VisionModel } from "./vision-model";
import { networkOptions, type NetworkOptions } from "./network-options";
import { packedSize, type InputPart } from "./packed-inputs";
import { normalizationOf, preprocessor } from "./preprocess";
import { GraphNetwork } from "./graph-network";

export interface FromLayersModelOptions extends NetworkOptions {
  /** What it is called, for people. Default: the network's own name. */
  name?: string;
}

export const fromLayersModelOptions = {
  name: text({ words: "a text", rule: "the network's own name", help: "what it is called, for people" }),
  ...networkOptions,
} satisfies Schema<FromLayersModelOptions>;

/**
 * Makes a {@link Model} of a TF.js LayersModel: of images (then it is a {@link VisionModel}), of inputs of any other
 * shape, or of several inputs. A softmax or sigmoid at the end is left out of `logits`; layers run in inference mode
 * (no dropout, batch norm by its moving averages). Nothing is copied: training the LayersModel on changes what the
 * Model says, and `dispose` disposes of both.
 * @throws BadInputError if the network's inputs or outputs are not of that kind, or classNames do not fit
 * @example const model = fromLayersModel<Model>(tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [4]
 * })] }));
 */
export function fromLayersModel(model: tf.LayersModel, options?: FromLayersModelOptions): VisionModel;
/** Of inputs that are no images: `fromLayersModel<Model>(network)`. */
export function fromLayersModel<M extends Model>(model: tf.LayersModel, options?: FromLayersModelOptions): M;
export function fromLayersModel<M extends Model>(model: tf.LayersModel, options: FromLayersModelOptions = {}): M {
  const checked = checkOptions(fromLayersModelOptions, options),
    { name = model.name } = checked;
  const inputs = partsOf(model);
  const inputShape = inputs
    ? [packedSize(inputs)]
    : checkInputSides(model.inputs[0].shape.slice(1), name, checked.inputShape);
  const head = checkHead(
    checked.head,
    model.outputs.map(({ sourceLayer }) => sourceLayer.name),
    model.outputs.map(({ shape }) => shape.slice(1)),
    name,
  );
  const graph = new LayerGraph(model, { head, output: checked.output, name });
  const units = unitsOf(model.outputs[head].shape, name),
    output = graph.outputKind;
  const facts = factsOf({ name, inputShape, output, units }, checked);
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

export interface FromGraphModelOptions extends NetworkOptions {
  /** What it is called, for people. Default: "graph-model". */
  name?: string;
}

export const fromGraphModelOptions = {
  name: text({ words: "a text", default: "graph-model", help: "what it is called, for people" }),
  ...networkOptions,
} satisfies Schema<FromGraphModelOptions>;

/**
 * Makes a {@link Model} of a converted TensorFlow graph with one input: of images (then it is a {@link VisionModel}),
 * or of inputs of any other shape. A softmax or sigmoid at the end is left out of `logits`. Layers are the graph's
 * nodes. Graphs with control flow (loops, conditions) cannot be differentiated and are refused by TF.js when they run.
 * @throws BadInputError if the graph's inputs or outputs are not of that kind, or classNames do not fit
 */
export function fromGraphModel(model: tf.GraphModel, options?: FromGraphModelOptions): VisionModel;
/** Of inputs that are no images: `fromGraphModel<Model>(graph)`. */
export function fromGraphModel<M extends Model>(model: tf.GraphModel, options?: FromGraphModelOptions): M;
export function fromGraphModel<M extends Model>(model: tf.GraphModel, options: FromGraphModelOptions = {}): M {
  const checked = checkOptions(fromGraphModelOptions, options),
    { name } = checked;
  if (model.inputs.length !== 1)
    badInput({
      what: `the inputs of ${name}`,
      got: model.inputs.length,
      allowed: "one",
      remedy: "A LayersModel may have several.",
    });
  const own = model.inputs[0].shape;
  // A graph that says nothing takes images, unless the caller says otherwise.
  const sides = own && own.length > 0 ? own.slice(1) : (checked.inputShape ?? [null, null, null]).map(() => null);
  const inputShape = checkInputSides(sides, name, checked.inputShape);
  const head = checkHead(
    checked.head,
    model.outputs.map((output) => output.name),
    model.outputs.map(({ shape }) => (shape ?? []).slice(1)),
    name,
  );
  const network = new GraphNetwork(model, inputShape, name, { head, output: checked.output });
  const units = network.outputShape.at(-1);
  if (!units)
    badInput({
      what: `the output of ${name}`,
      got: ["batch", ...network.outputShape],
      allowed: "[batch, classes], or [batch, …, classes] with a score of one's own",
    });
  const output = network.outputKind;
  return new NetworkModel(network, factsOf({ name, inputShape, output, units }, checked)) as Model as M;
}

/** A network, and the inputs and classes that the caller gives for it. */
function factsOf(
  own: Required<Pick<ModelFacts, "name" | "inputShape" | "output" | "units">>,
  { bounds, classNames, preprocess }: Pick<NetworkOptions, "bounds" | "classNames" | "preprocess">,
): ModelFacts {
  return {
    ...own,
    bounds: bounds ?? defaultBounds(own.inputShape),
    classNames: checkClassNames(classNames, own.output, own.units, own.name),
    preprocess: preprocessor(preprocess, own.inputShape.at(-1)!, bounds),
    normalization: normalizationOf(preprocess),
  };
}

// What the adapters for TensorFlow.js's networks ask of a network in the same way.

/**
 * The shape of one input.
 * @param own the network's, without the batch; null or −1 where any size goes
 * @param given the caller's
 * @throws BadInputError where a size is not known, or the caller's differs from the network's
 */
function checkInputSides(own: readonly (number | null)[], name: string, given?: readonly number[]): number[] {
  const any = own.map((side) => (side !== null && side > 0 ? side : undefined));
  const words = `[batch, ${own.map((side) => (side !== null && side > 0 ? side : "any")).join(", ")}]`;
  const sides = any.map((side, axis) => side ?? given?.[axis]);
  const known = sides.every((side) => Number.isInteger(side) && side! > 0);
  if (!known || sides.length === 0) {
    badInput({
      what: "inputShape",
      got: given,
      allowed:
        own.length === 3
          ? `[height, width, channels], since ${name} takes ${words}`
          : `the shape of one input, since ${name} takes ${words}`,
    });
  }
  if (given && (given.length !== sides.length || given.some((side, axis) => side !== sides[axis]))) {
    badInput({ what: "inputShape", got: given, allowed: `[${sides.join(", ")}], what ${name} takes` });
  }
  return sides as number[];
}

/** Images have values in [0, 1], other inputs any. */
const defaultBounds = (inputShape: readonly number[]): [number, number] =>
  inputShape.length === 3 ? [0, 1] : [-Infinity, Infinity];

/** @returns the index of the output that is meant @throws BadInputError for an unknown one, or none of several */
function checkHead(
  head: string | number | undefined,
  names: readonly string[],
  shapes: readonly (readonly (number | null)[])[],
  network: string,
): number {
  const each = names.map((name, i) => `${name} [${shapes[i].join(", ")}]`).join(", ");
  if (head === undefined) {
    return names.length === 1
      ? 0
      : badInput({
          what: "head",
          got: undefined,
          allowed: `one of the outputs of ${network}: ${each}`,
          remedy: `For instance head: "${names[0]}".`,
        });
  }
  const index = typeof head === "number" ? head : names.indexOf(head);
  if (Number.isInteger(index) && index >= 0 && index < names.length) return index;
  return badInput({
    what: "head",
    got: head,
    allowed: `one of the outputs of ${network}: ${each}, or its index`,
    remedy: typeof head === "string" ? `Did you mean ${nearNames(head, names, 1)[0]}?` : undefined,
  });
}
