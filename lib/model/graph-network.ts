import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { computed } from "./computed";
import { graphEvidence } from "./graph-evidence";
import { nameOutputs } from "./graph-outputs";
import { nodeName, readRectifiers, type NodeDef } from "./graph-rectifiers";
import type { InputEvidence } from "./input-evidence";
import type { Network, RunOptions } from "./network-model";
import type { OutputKind, LayerInfo, NamedWeight } from "./vision-model";
import { contradiction } from "./tail-activation";
import { unfuseDilatedNode } from "./unfused";

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
    return fused?.length ? Buffer.from(String(fused.at(-1)), "base64").toString() : (node?.op ?? "");
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
