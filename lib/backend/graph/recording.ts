// What was watched, as data: ops, constants, captured tensors; whether two runs agree; why a function is refused.
import type * as tf from "@tensorflow/tfjs";
import * as path from "node:path";
import { VitrineError } from "../../core/errors";

/**
 * Where a value comes from: an input of the function, a tensor from outside it, values made in JavaScript, or an op's
 * output.
 */
export type Source =
  | { readonly kind: "input" | "captured" | "constant"; readonly index: number }
  | { readonly kind: "op"; readonly index: number; readonly output: number };

export interface RecordedOp {
  readonly name: string;
  /** Each attribute's name and AttrValue, sorted by name. */
  readonly attributes: readonly (readonly [string, Buffer])[];
  readonly inputs: readonly Source[];
  readonly place: Place;
  /** Of its first output. */
  readonly shape?: readonly number[];
}

/**
 * A tensor that was there before the function ran, a network's weight for instance. It is fed at every call, never
 * copied.
 */
export interface Captured {
  readonly dataId: object;
  /** The variable whose value it was: fed with what the variable holds at the time of a call. */
  readonly variable?: tf.Variable;
  readonly dtype: tf.DataType;
  readonly shape: readonly number[];
}

/** Values that the function made in JavaScript. */
export interface Constant {
  readonly dataType: number;
  readonly shape: readonly number[];
  readonly bytes: Buffer;
  readonly place: Place;
}

/** What one run of a function told TensorFlow to do, in order. */
export interface Recording {
  readonly ops: readonly RecordedOp[];
  readonly captured: readonly Captured[];
  readonly constants: readonly Constant[];
  readonly outputs: readonly Source[];
  /** dtype and shape of each input. */
  readonly inputs: readonly Pick<tf.Tensor, "dtype" | "shape">[];
}

/** The recording without what no output depends on, numbered again in the order of use. */
export function pruned({ ops, captured, constants, outputs, inputs }: Recording): Recording {
  const needed = new Set<number>();
  const pending = outputs.flatMap((source) => (source.kind === "op" ? [source.index] : []));
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (needed.has(index)) continue;
    needed.add(index);
    for (const source of ops[index].inputs) if (source.kind === "op") pending.push(source.index);
  }
  const kept = { captured: [] as Captured[], constants: [] as Constant[] };
  const numbers = {
    op: new Map<number, number>(),
    captured: new Map<number, number>(),
    constant: new Map<number, number>(),
  };
  const renumber = (source: Source): Source => {
    if (source.kind === "input") return source;
    const known = numbers[source.kind].get(source.index);
    if (known !== undefined) return { ...source, index: known };
    const list = source.kind === "captured" ? kept.captured : kept.constants;
    numbers[source.kind].set(source.index, list.length);
    if (source.kind === "captured") kept.captured.push(captured[source.index]);
    else kept.constants.push(constants[source.index]);
    return { ...source, index: list.length - 1 };
  };
  const keptOps = [...needed]
    .sort((a, b) => a - b)
    .map((index, number) => {
      const made = { ...ops[index], inputs: ops[index].inputs.map(renumber) };
      numbers.op.set(index, number);
      return made;
    });
  return { ops: keptOps, ...kept, outputs: outputs.map(renumber), inputs };
}

/**
 * Whether two runs of a function told TensorFlow to do the same: what they made in JavaScript is then taken for
 * constant.
 * Both pruned.
 * @returns the first difference, for people, with its place in the later run; undefined where there is none
 */
export function difference(earlier: Recording, later: Recording): string | undefined {
  // What an op takes is looked at before the op itself: a value made in JavaScript explains more than a different sum.
  const constant = firstDifference(earlier.constants, later.constants, sameConstant);
  const op = firstDifference(earlier.ops, later.ops, sameOp);
  if (later.ops.length === earlier.ops.length && op === undefined && constant !== undefined) {
    return at(
      "makes a tensor in JavaScript that differs from run to run; let it be an input",
      later.constants[constant]?.place,
    );
  }
  if (op !== undefined || later.ops.length !== earlier.ops.length) {
    const differing = later.ops[op ?? Math.min(later.ops.length, earlier.ops.length) - 1];
    return at(`computes something else from run to run (${differing?.name ?? "an op"})`, differing?.place);
  }
  const captured = firstDifference(earlier.captured, later.captured, sameCaptured);
  if (captured !== undefined) {
    const taken = later.ops.find(({ inputs }) =>
      inputs.some((source) => source.kind === "captured" && source.index === captured),
    );
    return at("takes another tensor from outside from run to run; let it be an input", taken?.place);
  }
  const output = firstDifference(earlier.outputs, later.outputs, (a, b) => JSON.stringify(a) === JSON.stringify(b));
  return output === undefined ? undefined : "returns something else from run to run";
}

const at = (what: string, place?: Place): string => {
  const where = place?.toString() ?? "";
  return `the function ${what}${where === "" ? "" : ` (${where})`}`;
};

function firstDifference<T>(
  earlier: readonly T[],
  later: readonly T[],
  same: (a: T, b: T) => boolean,
): number | undefined {
  const index = later.findIndex((item, i) => i >= earlier.length || !same(earlier[i], item));
  if (index >= 0) return index;
  return earlier.length > later.length ? later.length : undefined;
}

const sameOp = (a: RecordedOp, b: RecordedOp): boolean =>
  a.name === b.name &&
  JSON.stringify(a.inputs) === JSON.stringify(b.inputs) &&
  a.attributes.length === b.attributes.length &&
  a.attributes.every(([name, value], i) => name === b.attributes[i][0] && value.equals(b.attributes[i][1]));

const sameConstant = (a: Constant, b: Constant): boolean =>
  a.dataType === b.dataType && a.shape.join() === b.shape.join() && a.bytes.equals(b.bytes);

const sameCaptured = (a: Captured, b: Captured): boolean =>
  a.variable === b.variable && (a.variable !== undefined || a.dataId === b.dataId);

/** Why a function cannot be compiled. */
export class CompileError extends VitrineError {
  override name = "CompileError";
}

/** A place in the caller's code, found only when somebody asks: V8 makes the text of a stack on demand. */
export class Place {
  private readonly error: Error;

  constructor() {
    const { stackTraceLimit } = Error;
    // TF.js's own frames come first.
    Error.stackTraceLimit = 100;
    this.error = new Error();
    Error.stackTraceLimit = stackTraceLimit;
  }

  /** `at name (file:line:column)`, or nothing where no frame is the caller's. */
  toString(): string {
    const frames = (this.error.stack ?? "")
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
    return frames.find((frame) => !inner(frame)) ?? "";
  }
}

/** lib/backend, as it runs and as a source map may name it. */
const backendFolders = [path.dirname(__dirname), path.dirname(__dirname).replace(/[\\/]dist(?=[\\/]backend$)/, "")].map(
  (folder) => folder + path.sep,
);

/** What is not the caller's: TF.js, lib/backend, and Node. */
const inner = (frame: string): boolean =>
  /@tensorflow[\\/]|tfjs-[\w-]+[\\/]src[\\/]|node:internal|<anonymous>\)?$/.test(frame) ||
  backendFolders.some((folder) => frame.includes(folder));
