// A graph model, run node by node: its layers, outputs, and what it tells of its inputs.
import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { computed } from "./step-plan";
import { nodeName, readRectifiers, type NodeDef } from "./graph-rectifiers";
import type { InputEvidence, Network, RunOptions, Rescaling, SeenInTraining } from "./network-model";
import type { LayerInfo, NamedWeight } from "./vision-model";
import { contradiction } from "./tail-activation";
import { unfuseDilatedNode } from "./unfused";
import type { OutputKind } from "./network-options";

/** Ops whose output is their input: an activation before them still ends the network. */
const passing = new Set(["Identity", "Reshape", "Squeeze", "StopGradient"]);

/**
 * A converted TensorFlow graph, run up to any node. Layers are the nodes that depend on the input, under the names the
 * converter left them. Rectifiers that are written as several ops become one in the model, with the same values.
 */
export class GraphNetwork implements Network {
  readonly layers: LayerInfo[] = [];
  /** The network's output has this shape, without the batch. */
  readonly outputShape: readonly number[];
  private readonly nodes: Map<string, NodeDef>;
  /** Names of the nodes that depend on the input, each after its inputs. */
  private readonly order: string[] = [];
  private readonly input: string;
  private readonly output: string;
  /** What comes before the last softmax or sigmoid. */
  private readonly scores: string;
  readonly outputKind: OutputKind;

  /** @param head which of its outputs is meant @param output what the caller says that it is */
  constructor(
    private readonly model: tf.GraphModel,
    inputShape: readonly number[],
    private readonly name: string,
    { head = 0, output }: { head?: number; output?: OutputKind } = {},
  ) {
    this.nodes = new Map(nodesOf(model).map((node) => [node.name, node]));
    nameOutputs(model, this.nodes);
    Object.values(runNodes(model)).forEach(unfuseDilatedNode);
    this.input = nodeName(model.inputs[0].name);
    this.output = nodeName(model.outputs[head].name);
    this.visit(this.output, new Map());
    const tail = this.tailActivation();
    if (tail && output !== undefined && output !== "linear" && output !== tail.kind) contradiction(tail.kind, output);
    this.scores = (output === "linear" ? undefined : tail?.scores) ?? this.output;
    // Before the graph runs: on webgpu constants can be read as long as they are not on the device.
    const leaky = readRectifiers(model, {
      nodes: this.nodes,
      order: this.order,
      image: this.input,
      constant: (name) =>
        tf.tidy(() => (this.executeOnce({ [this.input]: tf.zeros([1, ...inputShape]) }, name) as tf.Tensor).dataSync()),
    });
    // Sizes are not stored with the graph, so it is run once.
    const shapes = tf.tidy(() => {
      const results = this.executeOnce({ [this.input]: tf.zeros([1, ...inputShape]) }, this.order);
      return (Array.isArray(results) ? results : [results]).map((result) => result.shape.slice(1));
    });
    this.order.forEach((name, i) =>
      this.layers.push({
        name,
        kind: this.nodes.get(name)!.op,
        outputShape: shapes[i],
        ...(leaky.has(name) && { leaky: leaky.get(name) }),
      }),
    );
    this.outputShape = shapes[this.order.indexOf(this.output)];
    const plain = this.outputShape.at(-1) === 1 || nonlinear.has(this.lastOp()) ? "linear" : "softmax";
    this.outputKind = output ?? tail?.kind ?? plain;
  }

  run(input: tf.Tensor, { tap, logits = false, until }: RunOptions = {}): tf.Tensor {
    const wanted = until ?? (logits ? this.scores : this.output);
    const [count] = input.shape;
    if (!tap) return this.execute({ [this.input]: input }, wanted, count);
    // Node by node, each fed with what the tap made of the ones before.
    const values = new Map<string, tf.Tensor>([[this.input, input]]);
    for (const name of this.order) {
      const sources = this.sourcesOf(name).filter((source) => values.has(source));
      if (sources.length === 0) continue;
      const feeds = Object.fromEntries(sources.map((source) => [source, values.get(source)!]));
      values.set(name, tap(name, this.execute(feeds, name, count)));
      if (name === wanted) break;
    }
    return values.get(wanted)!;
  }

  /** What a node is computed of; a further output of a node of several of what that one is. */
  private sourcesOf(name: string): string[] {
    const [first = "", ...others] = this.nodes.get(name)!.input ?? [];
    return others.length === 0 && /:[1-9]\d*$/.test(first)
      ? this.sourcesOf(nodeName(first))
      : [first, ...others].map(nodeName);
  }

  /** @param feeds by node @param count of inputs: a graph that was made for one gets one after the other */
  private execute(feeds: Readonly<Record<string, tf.Tensor>>, wanted: string, count: number): tf.Tensor {
    if (count === 1 || this.model.inputs[0].shape?.[0] !== 1) return this.executeOnce(feeds, wanted) as tf.Tensor;
    return tf.tidy(() => {
      const parts = Object.entries(feeds).map(([name, values]) => [name, tf.split(values, count)] as const);
      const each = Array.from(
        { length: count },
        (_, i) =>
          this.executeOnce(Object.fromEntries(parts.map(([name, list]) => [name, list[i]])), wanted) as tf.Tensor,
      );
      return each[0].rank === 0 ? tf.stack(each) : tf.concat(each);
    });
  }

  /** Where a graph takes integers, it gets them. */
  private executeOnce(feeds: Readonly<Record<string, tf.Tensor>>, wanted: string | string[]): tf.Tensor | tf.Tensor[] {
    const [{ dtype }] = this.model.inputs;
    return computed(`the graph ${this.name}`, () =>
      tf.tidy(() => {
        const given =
          feeds[this.input] && dtype === "int32"
            ? { ...feeds, [this.input]: tf.cast(feeds[this.input], "int32") }
            : feeds;
        return this.model.execute(given, wanted) as tf.Tensor | tf.Tensor[];
      }),
    );
  }

  namedWeights(): NamedWeight[] {
    return Object.entries(this.model.weights).flatMap(([name, tensors]) => tensors.map((tensor) => ({ name, tensor })));
  }

  evidence(): Promise<InputEvidence> {
    const { nodes, order, input, model } = this;
    return graphEvidence({
      nodes,
      order,
      input,
      nameOf: nodeName,
      weights: model.weights,
      run: (x, until) => this.run(x, { until }),
    });
  }

  dispose(): void {
    this.model.dispose();
  }

  /** Appends what `name` needs to `order`; says whether it depends on the input. */
  private visit(name: string, known: Map<string, boolean>): boolean {
    const before = known.get(name);
    if (before !== undefined) return before;
    if (name === this.input) return true;
    known.set(name, false);
    const inputs = (this.nodes.get(name)?.input ?? []).filter((source) => !source.startsWith("^"));
    const depends = inputs.map((source) => this.visit(nodeName(source), known)).some(Boolean);
    known.set(name, depends);
    if (depends) this.order.push(name);
    return depends;
  }

  /** The softmax or sigmoid that the graph ends in, and what comes before it. */
  private tailActivation(): { kind: OutputKind; scores: string } | undefined {
    const node = this.lastNode(),
      kind = node && ({ Softmax: "softmax", Sigmoid: "sigmoid" } as const)[node.op as "Softmax" | "Sigmoid"];
    return kind && { kind, scores: nodeName(node.input![0]) };
  }

  /** The last node that computes something. */
  private lastNode(): NodeDef | undefined {
    let node = this.nodes.get(this.output);
    while (node && passing.has(node.op)) node = this.nodes.get(nodeName(node.input![0]));
    return node;
  }

  /** The function that the last node applies last. */
  private lastOp(): string {
    const node = this.lastNode(),
      fused = node?.attr?.fused_ops?.list?.s;
    return fused?.length ? atob(String(fused.at(-1))) : (node?.op ?? "");
  }
}

/** Functions behind which several numbers are no logits. */
const nonlinear = new Set(["Relu", "Relu6", "LeakyRelu", "Prelu", "Elu", "Selu", "Tanh", "Softplus", "Exp"]);

/** TF.js keeps the graph as it was read, under a name that its types hide. */
function nodesOf(model: tf.GraphModel): NodeDef[] {
  const { artifacts } = model as unknown as { artifacts?: { modelTopology?: { node?: NodeDef[] } } };
  return (
    artifacts?.modelTopology?.node ??
    badInput({ what: "the graph model", got: "no nodes", allowed: "a graph model that is loaded" })
  );
}

/** The nodes as TF.js runs them. */
const runNodes = (model: tf.GraphModel): Record<string, object> =>
  (model as unknown as { executor: { graph: { nodes: Record<string, object> } } }).executor.graph.nodes;

// Nodes with several outputs (a split), made nodes of one output each.

/** TF.js's own form of a node, which it runs. */
interface RunNode {
  name: string;
  inputNames: string[];
  inputs: RunNode[];
  children: RunNode[];
}
interface Executor {
  graph: { nodes: Record<string, RunNode> };
  /** Orders of execution that it found before. */
  compiledMap?: Map<string, unknown>;
}

/**
 * A tap stands behind each node and goes by its name, which means the first output. Here whatever reads a further one
 * reads an
 * Identity of it instead: `split:1` becomes `split#1`. TF.js can be fed with one output of a node alone, too.
 */
function nameOutputs(model: tf.GraphModel, nodes: Map<string, NodeDef>): void {
  const { graph, compiledMap } = (model as unknown as { executor: Executor }).executor;
  for (const node of [...nodes.values()]) {
    const input = (node.input ?? []).map((reference) => {
      const index = reference.startsWith("^") ? undefined : /:([1-9]\d*)$/.exec(reference)?.[1];
      const source = nodeName(reference),
        from = graph.nodes[source],
        run = graph.nodes[node.name];
      if (index === undefined || !from || !run) return reference;
      const name = `${source}#${index}`;
      const made = (graph.nodes[name] ??= identityOf(from, `${source}:${index}`, name));
      nodes.set(name, { name, op: "Identity", input: [reference] });
      run.inputNames.forEach((each, at) => {
        if (each !== `${source}:${index}`) return;
        run.inputNames[at] = name;
        run.inputs[at] = made;
        made.children.push(run);
      });
      return name;
    });
    // The node as it was read belongs to the graph: a copy is changed.
    if (input.some((each, at) => each !== node.input![at])) nodes.set(node.name, { ...node, input });
  }
  compiledMap?.clear();
}

function identityOf(from: RunNode, output: string, name: string): RunNode {
  const made = {
    name,
    op: "Identity",
    category: "graph",
    inputNames: [output],
    inputs: [from],
    children: [],
    outputs: [],
    inputParams: { x: { type: "tensor", inputIndexStart: 0 } },
    attrParams: {},
    rawAttrs: {},
  };
  from.children.push(made);
  return made;
}

interface GraphParts {
  readonly nodes: ReadonlyMap<string, NodeDef>;
  /** Names of the nodes that depend on the input, each after its inputs. */
  readonly order: readonly string[];
  readonly input: string;
  /** Of a node's reference: `name:0` → `name`. */
  readonly nameOf: (reference: string) => string;
  readonly weights: tf.GraphModel["weights"];
  run(input: tf.Tensor, until: string): tf.Tensor;
}

const norms = new Set(["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"]);
const arithmetic = new Set(["Mul", "RealDiv", "Sub", "Add", "AddV2", "BiasAdd"]);

/**
 * What a converted graph shows. Most converters fold batch normalizations into the convolutions: then nothing is
 * left of them.
 */
async function graphEvidence(graph: GraphParts): Promise<InputEvidence> {
  const [rescaling, norm] = await Promise.all([rescalingOf(graph), normOf(graph)]);
  return { rescaling, norm };
}

async function normOf({ nodes, order, input, nameOf, weights, run }: GraphParts): Promise<SeenInTraining | undefined> {
  const name = order.find((each) => norms.has(nodes.get(each)!.op));
  if (name === undefined) return undefined;
  const [from, , , ...averages] = nodes.get(name)!.input!.map(nameOf);
  const stored = averages.slice(0, 2).map((each) => weights[each]?.[0]);
  if (!stored.every((tensor) => tensor !== undefined && tensor.size > 0)) return undefined;
  const [mean, variance] = await Promise.all(stored.map((tensor) => tensor.data()));
  return { layer: name, mean, variance, before: (x) => (from === input ? x : run(x, from)) };
}

/** Sums and products with constants that stand between the input and the first other node. */
async function rescalingOf({ nodes, order, input, nameOf, weights }: GraphParts): Promise<Rescaling | undefined> {
  let found: Rescaling | undefined,
    at = input;
  for (;;) {
    const readers = order.filter((name) => nodes.get(name)!.input!.map(nameOf).includes(at));
    if (readers.length !== 1) return found;
    const [name] = readers,
      { op, input: inputs } = nodes.get(name)!;
    if (op === "Identity" || op === "Cast") {
      at = name;
      continue;
    }
    const [left, right] = inputs!.map(nameOf),
      constant = weights[left === at ? right : left]?.[0];
    if (!arithmetic.has(op) || constant === undefined || (left !== at && op === "RealDiv")) return found;
    const values = await constant.data(),
      value = Array.from(values).reduce((sum, each) => sum + each, 0) / values.length;
    const { scale, offset }: Pick<Rescaling, "scale" | "offset"> = found ?? { scale: 1, offset: 0 };
    const factor = op === "Mul" ? value : op === "RealDiv" ? 1 / value : op === "Sub" && left !== at ? -1 : 1;
    const term = op === "Mul" || op === "RealDiv" ? 0 : op === "Sub" && left === at ? -value : value;
    found = { layer: name, scale: scale * factor, offset: offset * factor + term };
    at = name;
  }
}
