import type * as tf from "@tensorflow/tfjs";
import type { Place } from "./refusal";

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
