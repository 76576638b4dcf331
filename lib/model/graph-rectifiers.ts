// Rectifiers that graphs write as several ops: made one op again, or named where no rule is defined for them.
import * as tf from "@tensorflow/tfjs";
import { rectifiedAs } from "../backend/corrections/gradients/rectifiers";

/** A node of a TensorFlow GraphDef. */
export interface NodeDef {
  name: string;
  op: string;
  input?: string[];
  attr?: { fused_ops?: { list?: { s?: string[] } } };
}

/** What is asked of a graph. */
export interface GraphParts {
  /** By name. */
  readonly nodes: ReadonlyMap<string, NodeDef>;
  /** Names of the nodes that depend on the image, each after its inputs. */
  readonly order: readonly string[];
  readonly image: string;
  /** The value of a node that does not depend on the image. */
  constant(name: string): ArrayLike<number>;
}

/** TF.js's own form of a node, which it runs. */
export interface RunNode {
  op: string;
  category: string;
  inputNames: string[];
  attrParams: Record<string, { value?: unknown } | undefined>;
  rawAttrs?: object;
}

/** `name:0`, `^name` → `name`. */
export const nodeName = (reference: string): string => reference.replace(/^\^/, "").replace(/:\d+$/, "");

/** More values than a rectifier's bound has: one a channel, at most. */
const MOST_VALUES = 2 ** 16;

const ops = {
  relu: "VitrineRelu",
  cap: "VitrineCap",
  clip: "VitrineClip",
  masked: "VitrineMasked",
  selected: "VitrineSelected",
} as const;

function registerOps(): void {
  const floats = (mask: tf.Tensor): tf.Tensor => tf.cast(mask, "float32");
  const shaped = (mask: tf.Tensor, x: tf.Tensor): tf.Tensor => tf.mul(floats(mask), tf.onesLike(x));
  tf.registerOp(ops.relu, ({ inputs: [x] }) => tf.relu(x));
  // The upper half of a capped ReLU; the lower one is a rectifier of its own and heeds the sign.
  tf.registerOp(ops.cap, ({ inputs: [x, most] }) =>
    rectifiedAs(
      x,
      (at) => tf.minimum(at, most),
      (at) => floats(tf.less(at, most)),
    ),
  );
  tf.registerOp(ops.clip, ({ inputs: [x, , most] }) =>
    rectifiedAs(
      x,
      (at) => tf.minimum(tf.relu(at), most),
      (at) => floats(tf.logicalAnd(tf.greater(at, 0), tf.less(at, most))),
    ),
  );
  tf.registerOp(ops.masked, ({ inputs: [x, mask] }) =>
    rectifiedAs(
      x,
      (at) => tf.mul(at, mask),
      (at) => shaped(mask, at),
    ),
  );
  tf.registerOp(ops.selected, ({ inputs: [x, open] }) =>
    rectifiedAs(
      x,
      (at) => tf.where(tf.cast(shaped(open, at), "bool"), at, tf.zerosLike(at)),
      (at) => shaped(open, at),
    ),
  );
}

/**
 * Guided backprop and deconvolution change what passes back through a rectifier, and know it by its op. Here `max(x,
 * 0)`, `clip(x, 0, c)`, `min(relu(x), c)`, `max(min(x, c), 0)`, `x · (x > c)` and `x > c ? x : 0`, with c not below 0,
 * become one rectifier each, with the same values and, but for the very points where they bend, the same derivative. A
 * clip of the image itself, a floor other than 0 (norms have one) and saturation on both sides (hard tanh) are no
 * rectifiers.
 * @returns by name the nodes that let something pass below 0 (leaky and parametric rectifiers, alone, fused with a
 * product or
 *   written as other ops), and what each is
 */
export function readRectifiers(model: tf.GraphModel, parts: GraphParts): ReadonlyMap<string, string> {
  registerOps();
  const reader = new Reader(model, parts);
  for (const name of parts.order) reader.read(name);
  for (const name of parts.order) reader.readCap(name);
  return reader.leaky;
}

class Reader {
  readonly leaky = new Map<string, string>();
  private readonly run: Record<string, RunNode>;
  private readonly depends: ReadonlySet<string>;
  /** Nodes that are rectifiers from 0 on, or stand for one. */
  private readonly rectifiers = new Set<string>();

  constructor(
    model: tf.GraphModel,
    private readonly parts: GraphParts,
  ) {
    this.run = (model as unknown as { executor: { graph: { nodes: Record<string, RunNode> } } }).executor.graph.nodes;
    this.depends = new Set([...parts.order, parts.image]);
  }

  read(name: string): void {
    const { op } = this.parts.nodes.get(name)!,
      [a, b, c] = this.sources(name);
    if (/^(LeakyRelu|Prelu)$/i.test(op)) this.leaky.set(name, op);
    const fused = [this.run[name].attrParams.fusedOps?.value ?? []]
      .flat()
      .find((each) => /^(leakyrelu|prelu)$/i.test(String(each)));
    if (fused !== undefined) this.leaky.set(name, `${fused === "prelu" ? "Prelu" : "LeakyRelu"} inside a ${op}`);
    if (op === "Relu" || op === "Relu6") this.rectifiers.add(name);
    if (op === "Maximum") this.readMaximum(name, a, b);
    if (op === "ClipByValue" && this.isAll(b, 0) && this.isAbove(c, 0) && this.through(a) !== this.parts.image)
      this.rectify(name, ops.clip, [0, 1, 2]);
    if (op === "Mul") this.readProduct(name, a, b);
    if (op === "Select" || op === "SelectV2") this.readChoice(name, a, b, c);
    if (/^(Add|AddV2|Sub|AddN)$/.test(op)) this.readSum(name);
  }

  /** min(x, c) beside a rectifier is its upper half: of what it reads, or of all that read it. */
  readCap(name: string): void {
    if (this.opOf(name) !== "Minimum") return;
    const sources = this.sources(name),
      at = this.depends.has(sources[0]) ? 0 : 1;
    if (!this.isAbove(sources[1 - at], 0) || !this.depends.has(sources[at])) return;
    const readers = this.readersOf(name);
    if (
      this.rectifiers.has(this.through(sources[at])) ||
      (readers.length > 0 && readers.every((reader) => this.rectifiers.has(reader)))
    ) {
      this.rectify(name, ops.cap, [at, 1 - at]);
    }
  }

  private readMaximum(name: string, a: string, b: string): void {
    if (this.depends.has(a) && this.depends.has(b)) {
      if (this.isMultiple(a, b) || this.isMultiple(b, a))
        this.leaky.set(name, "leaky rectifier, the Maximum of x and a multiple of x");
      return;
    }
    const at = this.depends.has(a) ? 0 : 1,
      x = [a, b][at];
    if (this.isAll([a, b][1 - at], 0) && this.through(x) !== this.parts.image) this.rectify(name, ops.relu, [at]);
  }

  /** x · (x > c), the comparison cast to numbers. */
  private readProduct(name: string, a: string, b: string): void {
    for (const [at, x, mask] of [
      [0, a, b],
      [1, b, a],
    ] as const) {
      if (!this.depends.has(x) || this.opOf(mask) !== "Cast") continue;
      const threshold = this.thresholdOf(this.sources(mask)[0], x, "above");
      if (threshold === undefined) continue;
      if (threshold < 0) this.leaky.set(name, `rectifier with a threshold of ${threshold}, written as a product`);
      else this.rectify(name, ops.masked, [at, 1 - at]);
    }
  }

  /** x > c ? x : other. */
  private readChoice(name: string, condition: string, yes: string, no: string): void {
    const threshold = this.thresholdOf(condition, yes, "above"),
      below = this.thresholdOf(condition, no, "below");
    const [x, other, from] = threshold !== undefined ? [yes, no, threshold] : [no, yes, below];
    if (from === undefined) return;
    if (this.isMultiple(other, x)) this.leaky.set(name, "leaky rectifier, a choice between x and a multiple of x");
    else if (!this.isAll(other, 0)) return;
    else if (from < 0) this.leaky.set(name, `rectifier with a threshold of ${from}, written as a choice`);
    else if (threshold !== undefined) this.rectify(name, ops.selected, [1, 0]);
    else this.leaky.set(name, "rectifier written as the choice of 0 where x is small");
  }

  /** relu(x) − a · relu(−x), also with thresholds, and what is written with |x|. */
  private readSum(name: string): void {
    const terms = this.sources(name).map((source) => this.unscaled(source));
    for (const term of terms) {
      const [inside] = this.sources(term);
      if (this.opOf(term) === "Abs" && terms.includes(this.unscaled(inside)))
        this.leaky.set(name, "rectifier written with Abs");
      if (this.opOf(term) !== "Relu") continue;
      const negated = this.unshifted(inside);
      if (this.opOf(negated) !== "Neg") continue;
      const x = this.unshifted(this.sources(negated)[0]);
      if (terms.some((other) => other !== term && this.isPartOf(other, x)))
        this.leaky.set(name, "leaky rectifier, the sum of one of x and one of −x");
    }
  }

  /** x itself, or a rectifier of it. */
  private isPartOf(term: string, x: string): boolean {
    if (this.unshifted(term) === x) return true;
    return this.rectifiers.has(term) && this.sources(term).some((source) => this.unshifted(source) === x);
  }

  private opOf(name: string): string | undefined {
    return this.parts.nodes.get(name)?.op;
  }

  private rectify(name: string, op: string, inputs: readonly number[]): void {
    const node = this.run[name];
    this.rectifiers.add(name);
    // Of a graph that is read for another head, it is one already.
    if (node.op === op) return;
    Object.assign(node, {
      op,
      category: "custom",
      inputNames: inputs.map((i) => node.inputNames[i]),
      rawAttrs: undefined,
    });
  }

  private sources(name: string): string[] {
    return (this.parts.nodes.get(name)?.input ?? []).filter((source) => !source.startsWith("^")).map(nodeName);
  }

  /** Behind nodes that hand on what they get. */
  private through(name: string): string {
    let at = name;
    while (["Identity", "StopGradient"].includes(this.opOf(at) ?? "")) [at] = this.sources(at);
    return at;
  }

  /** Behind products with constants, too. */
  private unscaled(name: string): string {
    return this.behind(name, ["Mul", "Neg", "RealDiv"]);
  }

  /** Behind sums with constants, too. */
  private unshifted(name: string): string {
    return this.behind(name, ["Add", "AddV2", "Sub", "BiasAdd"]);
  }

  private behind(name: string, passing: readonly string[]): string {
    const at = this.through(name);
    if (!passing.includes(this.opOf(at) ?? "")) return at;
    const changing = this.sources(at).filter((source) => this.depends.has(source));
    return changing.length === 1 ? this.behind(changing[0], passing) : at;
  }

  private isMultiple(name: string, of: string): boolean {
    return this.through(name) !== this.through(of) && this.unscaled(name) === this.unscaled(of);
  }

  private readersOf(name: string): string[] {
    const direct = this.parts.order.filter((other) => this.sources(other).includes(name));
    return direct.flatMap((other) => (this.opOf(other) === "Identity" ? this.readersOf(other) : [other]));
  }

  /** c, where the node is x > c (or ≥), or, `below`, x < c. */
  private thresholdOf(comparison: string, x: string, side: "above" | "below"): number | undefined {
    const { op } = this.parts.nodes.get(comparison) ?? { op: "" },
      [left, right] = this.sources(comparison);
    if (left === undefined || right === undefined) return undefined;
    const [more, less] = [/^Greater(Equal)?$/, /^Less(Equal)?$/];
    const forward = (side === "above" ? more : less).test(op) && this.through(left) === this.through(x);
    const turned = (side === "above" ? less : more).test(op) && this.through(right) === this.through(x);
    if (!forward && !turned) return undefined;
    const values = this.valuesOf(forward ? right : left);
    return values && values.length > 0 ? Math.min(...values) : undefined;
  }

  private isAll(name: string, value: number): boolean {
    const values = this.valuesOf(name);
    return values !== undefined && values.every((each) => each === value);
  }

  private isAbove(name: string, value: number): boolean {
    const values = this.valuesOf(name);
    return values !== undefined && values.every((each) => each > value);
  }

  private valuesOf(name: string): number[] | undefined {
    if (name === undefined || this.depends.has(name)) return undefined;
    const values = this.parts.constant(name);
    return values.length <= MOST_VALUES ? Array.from(values) : undefined;
  }
}
