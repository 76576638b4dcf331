// The `tf` that the library hands out: TensorFlow.js, some of its functions with types that do not stand in the way.
// The functions are its own, to the bit; only what TypeScript thinks of them differs.
import * as tfjs from "@tensorflow/tfjs";
import type {
  Chooses,
  Combines,
  Differentiates,
  DifferentiatesAll,
  DifferentiatesAllWithValue,
  DifferentiatesWithValue,
  Given,
  Joins,
  Keeps,
  Makes,
  MakesBuffer,
  MakesOfValues,
  Raises,
  Reduces,
  Reshapes,
  Splits,
  Stacks,
  Tidies,
} from "./signatures";

// What is declared below stands before what comes from there.
export * from "@tensorflow/tfjs";

/** Computes absolute value element-wise: `abs(x)` */
export const abs = tfjs.abs as Keeps<typeof tfjs.abs>;
/** Computes acos of the input `tf.Tensor` element-wise: `acos(x)` */
export const acos = tfjs.acos as Keeps<typeof tfjs.acos>;
/** Computes the inverse hyperbolic cos of the input `tf.Tensor` element-wise: `acosh(x)` */
export const acosh = tfjs.acosh as Keeps<typeof tfjs.acosh>;
/** Computes asin of the input `tf.Tensor` element-wise: `asin(x)` */
export const asin = tfjs.asin as Keeps<typeof tfjs.asin>;
/** Computes inverse hyperbolic sin of the input `tf.Tensor` element-wise: `asinh(x)` */
export const asinh = tfjs.asinh as Keeps<typeof tfjs.asinh>;
/** Computes atan of the input `tf.Tensor` element-wise: `atan(x)` */
export const atan = tfjs.atan as Keeps<typeof tfjs.atan>;
/** Computes inverse hyperbolic tan of the input `tf.Tensor` element-wise: `atanh(x)` */
export const atanh = tfjs.atanh as Keeps<typeof tfjs.atanh>;
/** Computes the 2D average pooling of an image. */
export const avgPool = tfjs.avgPool as Keeps<typeof tfjs.avgPool>;
/** Casts a `tf.Tensor` to a new dtype. */
export const cast = tfjs.cast as Keeps<typeof tfjs.cast>;
/** Computes ceiling of input `tf.Tensor` element-wise: `ceil(x)` */
export const ceil = tfjs.ceil as Keeps<typeof tfjs.ceil>;
/** Clips values element-wise. `max(min(x, clipValueMax), clipValueMin)` */
export const clipByValue = tfjs.clipByValue as Keeps<typeof tfjs.clipByValue>;
/** Creates a new tensor with the same values and shape as the specified tensor. */
export const clone = tfjs.clone as Keeps<typeof tfjs.clone>;
/** Computes a 2D convolution over the input x. */
export const conv2d = tfjs.conv2d as Keeps<typeof tfjs.conv2d>;
/** Computes cos of the input `tf.Tensor` element-wise: `cos(x)` */
export const cos = tfjs.cos as Keeps<typeof tfjs.cos>;
/** Computes hyperbolic cos of the input `tf.Tensor` element-wise: `cosh(x)` */
export const cosh = tfjs.cosh as Keeps<typeof tfjs.cosh>;
/** Computes the cumulative product of a `tf.Tensor` along `axis`. */
export const cumprod = tfjs.cumprod as Keeps<typeof tfjs.cumprod>;
/** Computes the cumulative sum of a `tf.Tensor` along `axis`. */
export const cumsum = tfjs.cumsum as Keeps<typeof tfjs.cumsum>;
/** Depthwise 2D convolution. */
export const depthwiseConv2d = tfjs.depthwiseConv2d as Keeps<typeof tfjs.depthwiseConv2d>;
/** Computes exponential linear element-wise: `x > 0 ? x : (e ^ x) - 1`. */
export const elu = tfjs.elu as Keeps<typeof tfjs.elu>;
/** Computes Gauss error function of the input `tf.Tensor` element-wise: `erf(x)` */
export const erf = tfjs.erf as Keeps<typeof tfjs.erf>;
/** Computes exponential of the input `tf.Tensor` element-wise. `e ^ x` */
export const exp = tfjs.exp as Keeps<typeof tfjs.exp>;
/** Computes exponential of the input `tf.Tensor` minus one element-wise. `e ^ x - 1` */
export const expm1 = tfjs.expm1 as Keeps<typeof tfjs.expm1>;
/** Computes floor of input `tf.Tensor` element-wise: `floor(x)`. */
export const floor = tfjs.floor as Keeps<typeof tfjs.floor>;
/** Gather slices from tensor `x`'s axis `axis` according to `indices`. */
export const gather = tfjs.gather as Keeps<typeof tfjs.gather>;
/** Returns which elements of x are finite. */
export const isFinite = tfjs.isFinite as Keeps<typeof tfjs.isFinite>;
/** Returns which elements of x are Infinity or -Infinity. */
export const isInf = tfjs.isInf as Keeps<typeof tfjs.isInf>;
/** Returns which elements of x are NaN. */
export const isNaN = tfjs.isNaN as Keeps<typeof tfjs.isNaN>;
/** Computes leaky rectified linear element-wise. */
export const leakyRelu = tfjs.leakyRelu as Keeps<typeof tfjs.leakyRelu>;
/** Normalizes the activation of a local neighborhood across or within channels. */
export const localResponseNormalization = tfjs.localResponseNormalization as Keeps<
  typeof tfjs.localResponseNormalization
>;
/** Computes natural logarithm of the input `tf.Tensor` element-wise: `ln(x)` */
export const log = tfjs.log as Keeps<typeof tfjs.log>;
/** Computes natural logarithm of the input `tf.Tensor` plus one element-wise: `ln(1 + x)` */
export const log1p = tfjs.log1p as Keeps<typeof tfjs.log1p>;
/** Computes log sigmoid of the input `tf.Tensor` element-wise: */
export const logSigmoid = tfjs.logSigmoid as Keeps<typeof tfjs.logSigmoid>;
/** Computes the log softmax. */
export const logSoftmax = tfjs.logSoftmax as Keeps<typeof tfjs.logSoftmax>;
/** Returns the truth value of `NOT x` element-wise. */
export const logicalNot = tfjs.logicalNot as Keeps<typeof tfjs.logicalNot>;
/** Computes the 2D max pooling of an image. */
export const maxPool = tfjs.maxPool as Keeps<typeof tfjs.maxPool>;
/** Pads a tensor with its own values, mirrored at its edges. */
export const mirrorPad = tfjs.mirrorPad as Keeps<typeof tfjs.mirrorPad>;
/** Computes `-1 * x` element-wise. */
export const neg = tfjs.neg as Keeps<typeof tfjs.neg>;
/** Creates a `tf.Tensor` with all elements set to 1 with the same shape as the given tensor. */
export const onesLike = tfjs.onesLike as Keeps<typeof tfjs.onesLike>;
/** Pads a `tf.Tensor` with a given value and paddings. */
export const pad = tfjs.pad as Keeps<typeof tfjs.pad>;
/** Performs an N-D pooling operation */
export const pool = tfjs.pool as Keeps<typeof tfjs.pool>;
/** Computes leaky rectified linear element-wise with parametric alphas. */
export const prelu = tfjs.prelu as Keeps<typeof tfjs.prelu>;
/** Computes reciprocal of x element-wise: `1 / x` */
export const reciprocal = tfjs.reciprocal as Keeps<typeof tfjs.reciprocal>;
/** Computes rectified linear element-wise: `max(x, 0)`. */
export const relu = tfjs.relu as Keeps<typeof tfjs.relu>;
/** Computes rectified linear 6 element-wise: `min(max(x, 0), 6)`. */
export const relu6 = tfjs.relu6 as Keeps<typeof tfjs.relu6>;
/** Reverses a `tf.Tensor` along a specified axis. */
export const reverse = tfjs.reverse as Keeps<typeof tfjs.reverse>;
/** Computes round of input `tf.Tensor` element-wise: `round(x)`. It implements banker's rounding. */
export const round = tfjs.round as Keeps<typeof tfjs.round>;
/** Computes reciprocal of square root of the input `tf.Tensor` element-wise: `y = 1 / sqrt(x)` */
export const rsqrt = tfjs.rsqrt as Keeps<typeof tfjs.rsqrt>;
/** Computes scaled exponential linear element-wise. */
export const selu = tfjs.selu as Keeps<typeof tfjs.selu>;
/** 2-D convolution with separable filters. */
export const separableConv2d = tfjs.separableConv2d as Keeps<typeof tfjs.separableConv2d>;
/** Computes sigmoid element-wise, `1 / (1 + exp(-x))` */
export const sigmoid = tfjs.sigmoid as Keeps<typeof tfjs.sigmoid>;
/** Returns an element-wise indication of the sign of a number. */
export const sign = tfjs.sign as Keeps<typeof tfjs.sign>;
/** Computes sin of the input Tensor element-wise: `sin(x)` */
export const sin = tfjs.sin as Keeps<typeof tfjs.sin>;
/** Computes hyperbolic sin of the input `tf.Tensor` element-wise: `sinh(x)` */
export const sinh = tfjs.sinh as Keeps<typeof tfjs.sinh>;
/** Extracts a slice from a `tf.Tensor` starting at coordinates `begin` and is of size `size`. */
export const slice = tfjs.slice as Keeps<typeof tfjs.slice>;
/** Computes the softmax normalized vector given the logits. */
export const softmax = tfjs.softmax as Keeps<typeof tfjs.softmax>;
/** Computes softplus of the input `tf.Tensor` element-wise: `log(exp(x) + 1)` */
export const softplus = tfjs.softplus as Keeps<typeof tfjs.softplus>;
/** Computes square root of the input `tf.Tensor` element-wise: `y = sqrt(x)` */
export const sqrt = tfjs.sqrt as Keeps<typeof tfjs.sqrt>;
/** Computes square of `x` element-wise: `x ^ 2` */
export const square = tfjs.square as Keeps<typeof tfjs.square>;
/** Computes step of the input `tf.Tensor` element-wise: `x > 0 ? 1 : alpha` */
export const step = tfjs.step as Keeps<typeof tfjs.step>;
/** Computes tan of the input `tf.Tensor` element-wise, `tan(x)` */
export const tan = tfjs.tan as Keeps<typeof tfjs.tan>;
/** Computes hyperbolic tangent of the input `tf.Tensor` element-wise: `tanh(x)` */
export const tanh = tfjs.tanh as Keeps<typeof tfjs.tanh>;
/** Construct a tensor by repeating it the number of times given by reps. */
export const tile = tfjs.tile as Keeps<typeof tfjs.tile>;
/** Transposes the `tf.Tensor`. Permutes the dimensions according to `perm`. */
export const transpose = tfjs.transpose as Keeps<typeof tfjs.transpose>;
/** Creates a `tf.Tensor` with all elements set to 0 with the same shape as the given tensor. */
export const zerosLike = tfjs.zerosLike as Keeps<typeof tfjs.zerosLike>;

/** Adds two `tf.Tensor`s element-wise, A + B. Supports broadcasting. */
export const add = tfjs.add as Combines<typeof tfjs.add>;
/** Computes arctangent of `tf.Tensor`s a / b element-wise: `atan2(a, b)`. Supports broadcasting. */
export const atan2 = tfjs.atan2 as Combines<typeof tfjs.atan2>;
/** Divides two `tf.Tensor`s element-wise, A / B. Supports broadcasting. */
export const div = tfjs.div as Combines<typeof tfjs.div>;
/** Divides two `tf.Tensor`s element-wise, A / B. Supports broadcasting. Return 0 if denominator is 0. */
export const divNoNan = tfjs.divNoNan as Combines<typeof tfjs.divNoNan>;
/** Returns the truth value of (a == b) element-wise. Supports broadcasting. */
export const equal = tfjs.equal as Combines<typeof tfjs.equal>;
/** Divides two `tf.Tensor`s element-wise, A / B. */
export const floorDiv = tfjs.floorDiv as Combines<typeof tfjs.floorDiv>;
/** Returns the truth value of (a > b) element-wise. Supports broadcasting. */
export const greater = tfjs.greater as Combines<typeof tfjs.greater>;
/** Returns the truth value of (a >= b) element-wise. Supports broadcasting. */
export const greaterEqual = tfjs.greaterEqual as Combines<typeof tfjs.greaterEqual>;
/** Returns the truth value of (a < b) element-wise. Supports broadcasting. */
export const less = tfjs.less as Combines<typeof tfjs.less>;
/** Returns the truth value of (a <= b) element-wise. Supports broadcasting. */
export const lessEqual = tfjs.lessEqual as Combines<typeof tfjs.lessEqual>;
/** Returns the truth value of `a AND b` element-wise. Supports broadcasting. */
export const logicalAnd = tfjs.logicalAnd as Combines<typeof tfjs.logicalAnd>;
/** Returns the truth value of `a OR b` element-wise. Supports broadcasting. */
export const logicalOr = tfjs.logicalOr as Combines<typeof tfjs.logicalOr>;
/** Returns the truth value of `a XOR b` element-wise. Supports broadcasting. */
export const logicalXor = tfjs.logicalXor as Combines<typeof tfjs.logicalXor>;
/** Computes the dot product of two matrices, A * B. These must be matrices. */
export const matMul = tfjs.matMul as Combines<typeof tfjs.matMul>;
/** Returns the max of a and b (`a > b ? a : b`) element-wise. Supports broadcasting. */
export const maximum = tfjs.maximum as Combines<typeof tfjs.maximum>;
/** Returns the min of a and b (`a < b ? a : b`) element-wise. Supports broadcasting. */
export const minimum = tfjs.minimum as Combines<typeof tfjs.minimum>;
/** Returns the mod of a and b element-wise. `floor(x / y) * y + mod(x, y) = x` Supports broadcasting. */
export const mod = tfjs.mod as Combines<typeof tfjs.mod>;
/** Multiplies two `tf.Tensor`s element-wise, A * B. Supports broadcasting. */
export const mul = tfjs.mul as Combines<typeof tfjs.mul>;
/** Returns the truth value of (a != b) element-wise. Supports broadcasting. */
export const notEqual = tfjs.notEqual as Combines<typeof tfjs.notEqual>;
/** Computes the power of one `tf.Tensor` to another. Supports broadcasting. */
export const pow = tfjs.pow as Combines<typeof tfjs.pow>;
/** Returns (a - b) * (a - b) element-wise. Supports broadcasting. */
export const squaredDifference = tfjs.squaredDifference as Combines<typeof tfjs.squaredDifference>;
/** Subtracts two `tf.Tensor`s element-wise, A - B. Supports broadcasting. */
export const sub = tfjs.sub as Combines<typeof tfjs.sub>;

/** Computes the logical and of elements across dimensions of a `tf.Tensor`. */
export const all = tfjs.all as Reduces;
/** Computes the logical or of elements across dimensions of a `tf.Tensor`. */
export const any = tfjs.any as Reduces;
/** Computes the log(sum(exp(elements across the reduction dimensions))). */
export const logSumExp = tfjs.logSumExp as Reduces;
/** Computes the maximum of elements across dimensions of a `tf.Tensor`. */
export const max = tfjs.max as Reduces;
/** Computes the mean of elements across dimensions of a `tf.Tensor`. */
export const mean = tfjs.mean as Reduces;
/** Computes the minimum value from the input. */
export const min = tfjs.min as Reduces;
/** Computes the product of elements across dimensions of a `tf.Tensor`. */
export const prod = tfjs.prod as Reduces;
/** Computes the sum of elements across dimensions of a `tf.Tensor`. */
export const sum = tfjs.sum as Reduces;
/** Concatenates a list of `tf.Tensor`s along a given axis. */
export const concat = tfjs.concat as Joins;
/** Adds a list of `tf.Tensor`s of the same shape and dtype. */
export const addN = tfjs.addN as Joins;
/** Stacks a list of rank-`R` `tf.Tensor`s into one rank-`(R+1)` `tf.Tensor`. */
export const stack = tfjs.stack as Stacks;
/** Returns a `tf.Tensor` that has expanded rank, by inserting a dimension into the tensor's shape. */
export const expandDims = tfjs.expandDims as Raises;
/** Splits a `tf.Tensor` into sub tensors. */
export const split = tfjs.split as Splits;
/** Returns the elements, either `a` or `b` depending on the `condition`. */
export const where = tfjs.where as Chooses;
/** Computes the outer product of two vectors, `v1` and `v2`. */
export const outerProduct = tfjs.outerProduct as (v1: Given, v2: Given) => tfjs.Tensor2D;

/** Reshapes a `tf.Tensor` to a given shape. */
export const reshape = tfjs.reshape as Reshapes;
/** Creates a `tf.Tensor` with the provided values, shape and dtype. */
export const tensor = tfjs.tensor as MakesOfValues<typeof tfjs.tensor>;
/** Creates an empty `tf.TensorBuffer` with the specified `shape` and `dtype`. */
export const buffer = tfjs.buffer as MakesBuffer;
/** Creates a `tf.Tensor` with all elements set to 0. */
export const zeros = tfjs.zeros as Makes<typeof tfjs.zeros>;
/** Creates a `tf.Tensor` with all elements set to 1. */
export const ones = tfjs.ones as Makes<typeof tfjs.ones>;
/** Creates a `tf.Tensor` filled with a scalar value. */
export const fill = tfjs.fill as Makes<typeof tfjs.fill>;
/** Creates a `tf.Tensor` with values sampled from a normal distribution. */
export const randomNormal = tfjs.randomNormal as Makes<typeof tfjs.randomNormal>;
/** Creates a `tf.Tensor` with values sampled from a uniform distribution. */
export const randomUniform = tfjs.randomUniform as Makes<typeof tfjs.randomUniform>;
/** Creates a `tf.Tensor` with values sampled from a truncated normal distribution. */
export const truncatedNormal = tfjs.truncatedNormal as Makes<typeof tfjs.truncatedNormal>;

/** Provided `f(x)`, returns another function `g(x, dy?)`, which gives the gradient of `f(x)` with respect to `x`. */
export const grad = tfjs.grad as Differentiates;
/**
 * Provided `f(x1, x2,...)`, returns another function `g([x1, x2,...], dy?)`, which gives an array of gradients of `f()`
 * with respect to each input [`x1`, `x2`, ...].
 */
export const grads = tfjs.grads as unknown as DifferentiatesAll;
/** Like `tf.grad`, but also returns the value of `f()`. */
export const valueAndGrad = tfjs.valueAndGrad as DifferentiatesWithValue;
/** Like `tf.grads`, but returns also the value of `f()`. */
export const valueAndGrads = tfjs.valueAndGrads as unknown as DifferentiatesAllWithValue;
/** Executes the provided function and cleans up all tensors that it made, except those that it returns. */
export const tidy = tfjs.tidy as Tidies;
