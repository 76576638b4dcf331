// Why TensorFlow.js refuses what an operation was given, in words: a rule for each family of operations. A rule sees
// shapes, axes and dtypes alone, so that it says the same on every backend. What no rule knows keeps TensorFlow.js's
// own message, behind the operation's name and the shapes.
import * as tf from "@tensorflow/tfjs";
import {
  axesOf,
  counted,
  missingAxis,
  notBroadcast,
  notSame,
  operand,
  operands,
  product,
  shapeText,
  type Operand,
} from "./operands";

/** @returns what is wrong with the arguments; undefined where they are as they should be */
type Words = (...args: readonly unknown[]) => string | undefined;

export interface Rule {
  /** How many of the first arguments are tensors, or a list of them. Default: 1. */
  readonly tensors?: number;
  /** What else belongs to the call: `to [4,2]`. */
  readonly also?: (...args: readonly unknown[]) => string;
  readonly words?: Words;
}

const list = (value: unknown): string =>
  Array.isArray(value) || ArrayBuffer.isView(value) ? shapeText(Array.from(value as number[])) : String(value);
const shape = (value: unknown): readonly number[] | undefined => operand(value)?.shape;
const along = (axis: unknown): string =>
  axis === undefined || axis === null ? "" : ` along ${Array.isArray(axis) ? "axes" : "axis"} ${list(axis)}`;

/** Value by value. */
const pairs: Rule = {
  tensors: 2,
  words: (a, b) => {
    const [one, other] = [shape(a), shape(b)];
    return one && other && notBroadcast(one, other);
  },
};

/** Along an axis, or several. */
const reduced: Rule = {
  also: (_, axis) => along(axis),
  words: (x, axis) => {
    const own = shape(x);
    return own && missingAxis(axis, own);
  },
};

const matMul: Rule = {
  tensors: 2,
  also: (_a, _b, first, second) =>
    first || second ? `, the ${first && second ? "both" : first ? "first" : "second"} transposed` : "",
  words: (a, b, transposeA, transposeB) => {
    const [one, other] = [shape(a), shape(b)];
    if (!one || !other) return undefined;
    const vector = one.length < 2 ? one : other.length < 2 ? other : undefined;
    if (vector)
      return vector.length === 1
        ? `${shapeText(vector)} is no matrix. tf.reshape makes one of it, [1,${vector[0]}] or [${vector[0]},1].`
        : "a single number is no matrix. tf.mul multiplies every value by it.";
    const inner = one[one.length - (transposeA ? 2 : 1)],
      outer = other[other.length - (transposeB ? 1 : 2)];
    if (inner !== outer)
      return (
        `the inner sizes ${inner} and ${outer} differ. ` +
        "The first matrix has as many columns as the second has rows."
      );
    const batches = notBroadcast(one.slice(0, -2), other.slice(0, -2));
    return batches && `of the matrices' batches ${batches}`;
  },
};

const dot: Rule = {
  tensors: 2,
  words: (a, b) => {
    const [one, other] = [shape(a), shape(b)];
    if (!one || !other || one.length < 1 || other.length < 1) return undefined;
    const outer = other[Math.max(0, other.length - 2)];
    return one.at(-1) === outer ? undefined : `the inner sizes ${one.at(-1)} and ${outer} differ.`;
  },
};

const sides = (size: unknown): readonly number[] =>
  Array.isArray(size) ? (size as number[]) : [Number(size), Number(size)];

/** Does a window fit into the images? It may stand over the edge unless they are to be `valid`. */
function windowWords(
  own: readonly number[],
  size: readonly number[],
  strides: unknown,
  pad: unknown,
): string | undefined {
  const [height, width] = own.slice(-3, -1),
    [down, right] = sides(strides);
  const fits = height - size[0] + down >= 0 && width - size[1] + right >= 0;
  if (pad !== "valid" || fits) return undefined;
  return `a window of ${size[0]}×${size[1]} does not fit into images of ${height}×${width}. "same" lets it stand over.`;
}

const notImages = (own: readonly number[]): string | undefined =>
  own.length === 3 || own.length === 4
    ? undefined
    : `images are [batch, height, width, channels]; ${shapeText(own)} has ${own.length} ` +
      `ax${own.length === 1 ? "is" : "es"}. tf.expandDims and tf.reshape add some.`;

const convolution = (channelsIn: string): Rule => ({
  tensors: 2,
  words: (x, filter, strides, pad, format = "NHWC") => {
    const [own, by] = [shape(x), shape(filter)];
    if (!own || !by) return undefined;
    const wrong = notImages(own);
    if (wrong) return wrong;
    if (by.length !== 4) return `a filter is [height, width, channels in, ${channelsIn}], not ${shapeText(by)}.`;
    const channels = format === "NHWC" ? own[own.length - 1] : own[own.length - 3];
    if (channels !== by[2]) return `the images have ${channels} channels, and the filter is for ${by[2]}.`;
    return format === "NHWC" ? windowWords(own, by, strides, pad) : undefined;
  },
});

const pooled: Rule = {
  also: (_, size) => ` with a window of ${sides(size).join("×")}`,
  words: (x, size, strides, pad) => {
    const own = shape(x);
    return own && (notImages(own) ?? windowWords(own, sides(size), strides, pad));
  },
};

const joined: Rule = {
  also: (_, axis = 0) => along(axis),
  words: (tensors, axis = 0) => {
    if (Array.isArray(tensors) && tensors.length === 0) return "the list is empty.";
    const shapes = operands(tensors)?.map((each) => each.shape);
    if (!shapes) return undefined;
    const odd = shapes.find(({ length }) => length !== shapes[0].length);
    if (odd) return `${shapeText(shapes[0])} and ${shapeText(odd)} have different numbers of axes.`;
    const missing = missingAxis(axis, shapes[0]);
    if (missing) return missing;
    const at = counted(axis as number, shapes[0]);
    for (const other of shapes) {
      const differs = other.findIndex((size, i) => i !== at && size !== shapes[0][i]);
      if (differs >= 0)
        return (
          `the sizes ${shapes[0][differs]} and ${other[differs]} of axis ${differs} differ. ` +
          `Only along axis ${at} may they.`
        );
    }
    return undefined;
  },
};

const stacked: Rule = {
  also: (_, axis = 0) => along(axis),
  words: (tensors, axis = 0) => {
    if (Array.isArray(tensors) && tensors.length === 0) return "the list is empty.";
    const shapes = operands(tensors)?.map((each) => each.shape);
    if (!shapes) return undefined;
    const pair = notSame(shapes);
    if (pair) return `${pair.map((i) => shapeText(shapes[i])).join(" and ")} differ; all must have the same shape.`;
    return missingAxis(axis, shapes[0], 1);
  },
};

const reshaped: Rule = {
  also: (_, to) => ` to ${list(to)}`,
  words: (x, to) => {
    const own = shape(x);
    if (!own || !Array.isArray(to)) return undefined;
    const sizes = to as number[],
      have = product(own);
    const odd = sizes.find((size) => !Number.isInteger(size) || size < -1);
    if (odd !== undefined) return `a size is a whole number, or -1 for what is left, not ${String(odd)}.`;
    if (sizes.filter((size) => size === -1).length > 1) return "only one size can be -1, what the others leave.";
    const known = product(sizes.filter((size) => size !== -1));
    if (sizes.includes(-1))
      return have % known === 0 ? undefined : `${have} values are no multiple of the ${known} of the sizes given.`;
    return have === known ? undefined : `${shapeText(own)} has ${have} values, ${shapeText(sizes)} takes ${known}.`;
  },
};

const sliced: Rule = {
  also: (_, begin, size) => ` from ${list(begin)}${size === undefined ? "" : `, ${list(size)} long`}`,
  words: (x, begin, size) => {
    const own = shape(x);
    if (!own) return undefined;
    if (own.length === 0) return "a single number has no parts.";
    const from = numbers(begin),
      long = numbers(size);
    if (from.length > own.length) return `begin has ${from.length} numbers. ${axesOf(own)}`;
    if (long.length > own.length) return `size has ${long.length} numbers. ${axesOf(own)}`;
    for (let axis = 0; axis < from.length; axis++) {
      const start = from[axis],
        length = long[axis] ?? -1;
      if (start < 0) return `a slice begins at 0 or later, not at ${start}: tf.slice does not count from the end.`;
      if (start > own[axis]) return `along axis ${axis} it begins at ${start}, where there are ${own[axis]} places.`;
      if (length !== -1 && start + length > own[axis])
        return `along axis ${axis} it reaches to ${start + length}, where there are ${own[axis]} places.`;
    }
    return undefined;
  },
};

const numbers = (given: unknown): readonly number[] =>
  Array.isArray(given) ? (given as number[]) : typeof given === "number" ? [given] : [];

/** Whole numbers that are read only when something is wrong already. */
function numbersOf(value: unknown): readonly number[] {
  if (value instanceof tf.Tensor) {
    try {
      return Array.from(value.dataSync());
    } catch {
      return [];
    }
  }
  return [value].flat(4).filter((each) => typeof each === "number");
}

const gathered: Rule = {
  also: (_, indices, axis = 0) => (indices instanceof tf.Tensor ? "" : ` at ${list(indices)}`) + along(axis),
  words: (x, indices, axis = 0) => {
    const own = shape(x);
    if (!own) return undefined;
    const missing = missingAxis(axis, own);
    if (missing) return missing;
    if (indices instanceof tf.Tensor && indices.dtype !== "int32")
      return `places are whole numbers, and these are ${indices.dtype}: tf.cast(indices, "int32").`;
    const at = counted(axis as number, own),
      count = own[at];
    const bad = numbersOf(indices).find((each) => !(each >= 0 && each < count));
    return bad === undefined
      ? undefined
      : `axis ${at} has no place ${bad}. It has ${count}, numbered 0 to ${count - 1}.`;
  },
};

const transposed: Rule = {
  also: (_, perm) => (perm === undefined ? "" : ` with perm ${list(perm)}`),
  words: (x, perm) => {
    const own = shape(x);
    if (!own || !Array.isArray(perm)) return undefined;
    const sorted = (perm as number[]).map((axis) => counted(axis, own)).sort((a, b) => a - b);
    return String(sorted) === String(own.map((_, i) => i))
      ? undefined
      : `perm must name each axis once. ${axesOf(own)}`;
  },
};

const divided: Rule = {
  also: (_, parts, axis = 0) =>
    ` into ${Array.isArray(parts) ? `parts of ${list(parts)}` : String(parts)}${along(axis)}`,
  words: (x, parts, axis = 0) => {
    const own = shape(x);
    if (!own) return undefined;
    const missing = missingAxis(axis, own);
    if (missing) return missing;
    const size = own[counted(axis as number, own)];
    if (typeof parts === "number")
      return size % parts === 0 ? undefined : `${size} places cannot be shared among ${parts} equal parts.`;
    if (!Array.isArray(parts) || parts.includes(-1)) return undefined;
    const sum = (parts as number[]).reduce((a, b) => a + b, 0);
    return sum === size ? undefined : `the parts make ${sum} places together, and there are ${size}.`;
  },
};

/** One entry for each axis. */
const perAxis = (what: string, each: string): Rule => ({
  also: (_, given) => ` with ${what} ${JSON.stringify(given)}`,
  words: (x, given) => {
    const own = shape(x);
    if (!own || !Array.isArray(given) || given.length === own.length) return undefined;
    return `${what} must have ${each} for each axis, and has ${given.length}. ${axesOf(own)}`;
  },
});

const chosen: Rule = {
  tensors: 3,
  words: (condition, a, b) => {
    const dtype = operand(condition)?.dtype;
    if (dtype !== undefined && dtype !== "bool")
      return `its condition is ${dtype}, and must be true or false: a comparison such as tf.greater(x, 0).`;
    const given = [condition, a, b].map(shape);
    for (const [i, j] of [
      [1, 2],
      [0, 1],
      [0, 2],
    ] as const) {
      const differs = given[i] && given[j] && notBroadcast(given[i], given[j]);
      if (differs) return differs;
    }
    return undefined;
  },
};

const oneHot: Rule = {
  also: (_, depth) => `, depth ${String(depth)}`,
  words: (indices, depth) => {
    if (indices instanceof tf.Tensor && indices.dtype !== "int32")
      return `classes are whole numbers, and these are ${indices.dtype}: tf.tensor1d(classes, "int32") has them so.`;
    return typeof depth === "number" && depth >= 2 && Number.isInteger(depth)
      ? undefined
      : `depth is the number of classes, a whole number from 2, not ${String(depth)}.`;
  },
};

const widened: Rule = {
  also: (_, axis = 0) => along(axis),
  words: (x, axis = 0) => {
    const own = shape(x);
    return own && missingAxis(axis, own, 1);
  },
};

const squeezed: Rule = {
  also: (_, axis) => along(axis),
  words: (x, axis) => {
    const own = shape(x);
    if (!own || axis === undefined) return undefined;
    const missing = missingAxis(axis, own);
    const kept = ([axis].flat() as number[]).find((each) => own[counted(each, own)] !== 1);
    return (
      missing ??
      (kept === undefined ? undefined : `axis ${kept} has the size ${own[counted(kept, own)]}; only 1 can go.`)
    );
  },
};

const sameShapes: Rule = {
  tensors: 2,
  words: (a, b) => {
    const [one, other] = [shape(a), shape(b)];
    return one && other && String(one) !== String(other) ? "both must have the same shape." : undefined;
  },
};

const lastAxis: Rule = {
  also: (_, axis = -1) => along(axis),
  words: (x, axis = -1) => {
    const own = shape(x);
    if (!own) return undefined;
    const missing = missingAxis(axis, own);
    if (missing) return missing;
    return counted(axis as number, own) === own.length - 1
      ? undefined
      : `it is there along the last axis alone, ${own.length - 1}. tf.transpose puts another one last.`;
  },
};

const clipped: Rule = {
  words: (_, low, high) =>
    Number(low) > Number(high) ? `the lower limit ${String(low)} is above ${String(high)}.` : undefined,
};

const ofAll = (names: string, rule: Rule): [string, Rule][] => names.split(" ").map((name) => [name, rule]);

/** By the operation's name. */
export const rules: ReadonlyMap<string, Rule> = new Map([
  ...ofAll(
    "add sub mul div divNoNan floorDiv minimum maximum mod pow squaredDifference atan2 prelu greater greaterEqual " +
      "less lessEqual equal notEqual logicalAnd logicalOr logicalXor",
    pairs,
  ),
  ...ofAll("sum mean max min prod any all logSumExp argMax argMin cumsum cumprod reverse unstack", reduced),
  ...ofAll("avgPool maxPool", pooled),
  ...ofAll("softmax logSoftmax", lastAxis),
  ...ofAll(
    "absoluteDifference cosineDistance hingeLoss huberLoss logLoss meanSquaredError sigmoidCrossEntropy " +
      "softmaxCrossEntropy",
    sameShapes,
  ),
  ["matMul", matMul],
  ["dot", dot],
  ["conv2d", convolution("channels out")],
  ["depthwiseConv2d", convolution("filters for each channel")],
  ["concat", joined],
  ["stack", stacked],
  ["reshape", reshaped],
  ["slice", sliced],
  ["gather", gathered],
  ["transpose", transposed],
  ["split", divided],
  ["tile", perAxis("reps", "one number")],
  ["pad", perAxis("paddings", "a pair of numbers")],
  ["mirrorPad", perAxis("paddings", "a pair of numbers")],
  ["where", chosen],
  ["oneHot", oneHot],
  ["expandDims", widened],
  ["squeeze", squeezed],
  ["clipByValue", clipped],
]);

/** Where JavaScript and wasm compute something though there is nothing right: what a rule refuses is not run. */
export const unchecked: ReadonlySet<string> = new Set(
  "slice transpose pad mirrorPad cumsum cumprod conv2d depthwiseConv2d avgPool maxPool".split(" "),
);

/** All operands of a call, in their order. */
export function operandsOf(name: string, args: readonly unknown[]): Operand[] {
  const count = rules.get(name)?.tensors ?? 1;
  return args.flatMap((each, i) => {
    const all = Array.isArray(each) ? operands(each) : undefined;
    if (Array.isArray(each) && each.some((one) => one instanceof tf.Tensor)) return all ?? [];
    const single = i < count || each instanceof tf.Tensor ? operand(each) : undefined;
    return single ? [single] : [];
  });
}
