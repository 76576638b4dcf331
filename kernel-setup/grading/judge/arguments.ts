import type { SmallNetworkWeights } from "vitrine-course/dist/checks/small-network";

/** The tag by which the sandbox knows what to make of an object. */
export const kindKey = "$vitrine";

export type Made =
  | {
      readonly [kindKey]: "tensor";
      readonly shape: readonly number[];
      readonly dtype: "float32" | "int32" | "bool";
      readonly data: string;
    }
  | {
      readonly [kindKey]: "network";
      readonly shape: readonly number[];
      readonly classNames?: readonly string[];
      readonly layers: readonly EncodedLayer[];
    }
  | { readonly [kindKey]: "logits"; readonly network: Argument }
  | { readonly [kindKey]: "training"; readonly networks: readonly Argument[] }
  | { readonly [kindKey]: "clamp"; readonly low: number; readonly high: number }
  | { readonly [kindKey]: "smear" };

export interface EncodedLayer {
  readonly units: number;
  readonly activation: Activation;
  /** Base64 of float32, [inputs, units]. */
  readonly weights: string;
  readonly bias?: string;
}

/** What goes to the student's function: plain values, and things that are made of numbers inside the sandbox. */
export type Argument =
  number | string | boolean | null | Made | readonly Argument[] | { readonly [name: string]: Argument };

export type Activation = "linear" | "tanh" | "relu" | "sigmoid";

export interface DenseLayer {
  readonly units: number;
  /** Default: "linear". */
  readonly activation?: Activation;
  /** [inputs, units], row by row. */
  readonly weights: ArrayLike<number>;
  /** Default: none. */
  readonly bias?: ArrayLike<number>;
}

/** A network of dense layers on the flattened image; softmax is not a part of it. */
export interface NetworkSpec {
  /** [height, width, channels] of its images. */
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly layers: readonly DenseLayer[];
  /** Default: Fashion-MNIST's if there are ten, else "class 0", "class 1", … */
  readonly classNames?: readonly string[];
}

export const tensor = (
  shape: readonly number[],
  data: ArrayLike<number>,
  dtype: "float32" | "int32" | "bool" = "float32",
): Made => {
  const size = shape.reduce((product, each) => product * each, 1);
  if (data.length !== size)
    throw new Error(`student.tensor: ${data.length} values for the shape [${shape.join(", ")}], which has ${size}.`);
  return { [kindKey]: "tensor", shape, dtype, data: floats(data) };
};

export function network({ shape, layers, classNames }: NetworkSpec): Made {
  const encoded = layers.map(({ units, activation = "linear", weights, bias }) => ({
    units,
    activation,
    weights: floats(weights),
    ...(bias && { bias: floats(bias) }),
  }));
  return { [kindKey]: "network", shape, layers: encoded, ...(classNames && { classNames }) };
}

/**
 * What of an argument would not arrive as it is: JSON makes null of NaN and of undefined in a list, and an object of a
 * typed array. Hidden tests are run without a type check. @returns it in a few words; nothing where all of it arrives
 */
export function unsendable(value: unknown): string | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value))
    return undefined;
  if (Array.isArray(value)) return firstOf(value);
  if (typeof value !== "object") return typeof value === "function" ? "a function" : String(value);
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype !== null && prototype !== Object.prototype) return `a ${prototype.constructor.name}`;
  return firstOf(Object.values(value).filter((each) => each !== undefined));
}

function firstOf(values: readonly unknown[]): string | undefined {
  for (const each of values) {
    const words = unsendable(each);
    if (words !== undefined) return words;
  }
  return undefined;
}

/** The network that the visible checks use. */
export const smallNetworkSpec = ({ shape, first, bias, second }: SmallNetworkWeights): NetworkSpec => ({
  shape: [...shape],
  layers: [
    { units: bias.length, activation: "tanh", weights: first, bias },
    { units: second.length / bias.length, weights: second },
  ],
});

const floats = (values: ArrayLike<number>): string => Buffer.from(Float32Array.from(values).buffer).toString("base64");
