// What TensorFlow.js's functions take and give, in types that do not stand in the way. Its own ask for a tensor of a
// known rank here and there, give none where it is known, and let no function with such an argument through `grads`:
// what its documentation shows would not compile without `as tf.Tensor4D` in every second line.
import type { Rank, Tensor, TensorBuffer, TensorLike } from "@tensorflow/tfjs";
import type * as tfjs from "@tensorflow/tfjs";

/** What every function takes: a tensor of any rank, or numbers to make one of. */
export type Given = Tensor | TensorLike;

/** Of the given one's rank. A tensor whose rank is not known may be said to have any. */
export type SameRank<X> = X extends Tensor<infer R> ? Tensor<R> : Tensor;

/** What follows the first argument; a tensor of any rank does where one of a known rank is asked for. */
type Rest<F> = F extends (first: never, ...rest: infer R) => unknown ? Wider<R> : never;
type RestOfTwo<F> = F extends (first: never, second: never, ...rest: infer R) => unknown ? Wider<R> : never;
type Wider<R> = { [I in keyof R]: [Extract<R[I], Tensor>] extends [never] ? R[I] : R[I] | Tensor };

/** Of one tensor, one of the same rank: its logarithm, a part of it, a convolution. */
export type Keeps<F> = <X extends Given, T extends SameRank<X> = SameRank<X>>(x: X, ...rest: Rest<F>) => T;

/** Of two tensors the one of the higher rank: the other is repeated along the axes that it lacks. */
type Broadcast<A, B> =
  A extends Tensor<infer R>
    ? B extends Tensor<infer S>
      ? Tensor<Higher<R, S>>
      : B extends number | boolean
        ? Tensor<R>
        : Tensor
    : A extends number | boolean
      ? SameRank<B>
      : Tensor;

/** The ranks up to one. */
interface UpTo {
  R0: Rank.R0;
  R1: Rank.R0 | Rank.R1;
  R2: Rank.R0 | Rank.R1 | Rank.R2;
  R3: Rank.R0 | Rank.R1 | Rank.R2 | Rank.R3;
  R4: Rank.R0 | Rank.R1 | Rank.R2 | Rank.R3 | Rank.R4;
  R5: Rank.R0 | Rank.R1 | Rank.R2 | Rank.R3 | Rank.R4 | Rank.R5;
  R6: Rank;
}
/** Where one of the two is not known, the higher is not. */
type Higher<R extends Rank, S extends Rank> = Rank extends R
  ? Rank
  : Rank extends S
    ? Rank
    : R extends UpTo[`${S}`]
      ? S
      : R;

/** Of two tensors one: their sum, whether the first is greater. */
export interface Combines<F> {
  <A extends Given, B extends Given, T extends SameRank<Broadcast<A, B>> = SameRank<Broadcast<A, B>>>(
    a: A,
    b: B,
    ...rest: RestOfTwo<F>
  ): T;
  <T extends Tensor>(a: Given, b: Given, ...rest: RestOfTwo<F>): T;
}

/** Fewer numbers of many: their sum along some axes, which stay where they are kept. */
export interface Reduces {
  <X extends Given, T extends SameRank<X> = SameRank<X>>(
    x: X,
    axis: number | readonly number[] | undefined,
    keepDims: true,
  ): T;
  <T extends Tensor>(x: Given, axis?: number | number[], keepDims?: boolean): T;
}

interface RankAbove {
  R0: Rank.R1;
  R1: Rank.R2;
  R2: Rank.R3;
  R3: Rank.R4;
  R4: Rank.R5;
  R5: Rank.R6;
  R6: Rank;
}
/** With an axis more. */
type Raised<X> = X extends Tensor<infer R> ? (Rank extends R ? Tensor : Tensor<RankAbove[`${R}`]>) : Tensor;
export type Raises = <X extends Given, T extends Raised<X> = Raised<X>>(x: X, axis?: number) => T;
export type Stacks = <X extends Given, T extends Raised<X> = Raised<X>>(tensors: readonly X[], axis?: number) => T;

/** Several tensors in a row. */
export type Joins = <X extends Given, T extends SameRank<X> = SameRank<X>>(tensors: readonly X[], axis?: number) => T;

interface RankOfLength {
  0: Rank.R0;
  1: Rank.R1;
  2: Rank.R2;
  3: Rank.R3;
  4: Rank.R4;
  5: Rank.R5;
  6: Rank.R6;
}
export type Shape = readonly number[];
type RankOf<S extends Shape> = S["length"] extends keyof RankOfLength ? RankOfLength[S["length"]] : Rank;
export type OfShape<S extends Shape> = Tensor<RankOf<S>>;

/** A new tensor of a shape: its rank is the shape's length. */
export interface Makes<F> {
  <S extends Shape, T extends SameRank<OfShape<S>> = OfShape<S>>(shape: readonly [...S], ...rest: Rest<F>): T;
  <R extends Rank>(shape: tfjs.ShapeMap[R], ...rest: Rest<F>): Tensor<R>;
}
export interface MakesOfValues<F> {
  <S extends Shape, T extends SameRank<OfShape<S>> = OfShape<S>>(
    values: Parameters<typeof tfjs.tensor>[0],
    shape: readonly [...S],
    ...rest: RestOfTwo<F>
  ): T;
  <R extends Rank>(
    values: Parameters<typeof tfjs.tensor>[0],
    shape?: tfjs.ShapeMap[R],
    ...rest: RestOfTwo<F>
  ): Tensor<R>;
}
export interface Reshapes {
  <S extends Shape, T extends SameRank<OfShape<S>> = OfShape<S>>(x: Given, shape: readonly [...S]): T;
  <R extends Rank>(x: Given, shape: tfjs.ShapeMap[R]): Tensor<R>;
}
export interface MakesBuffer {
  <S extends Shape, D extends tfjs.DataType = "float32">(
    shape: readonly [...S],
    dtype?: D,
    values?: tfjs.DataTypeMap[D],
  ): TensorBuffer<RankOf<S>, D>;
  <R extends Rank, D extends tfjs.DataType = "float32">(
    shape: tfjs.ShapeMap[R],
    dtype?: D,
    values?: tfjs.DataTypeMap[D],
  ): TensorBuffer<R, D>;
}

/** A choice, value by value. */
export type Chooses = <
  A extends Given,
  B extends Given,
  T extends SameRank<Broadcast<A, B>> = SameRank<Broadcast<A, B>>,
>(
  condition: Given,
  a: A,
  b: B,
) => T;

/** A list of parts. */
export type Splits = <X extends Given, T extends SameRank<X> = SameRank<X>>(
  x: X,
  numOrSizeSplits: number | number[],
  axis?: number,
) => T[];

type OrNumbers<A> = { [I in keyof A]: A[I] | TensorLike };
/** The gradient has the rank of what the function is differentiated by. */
export type Differentiates = <A extends Tensor>(
  f: (x: A) => Tensor,
) => <X extends A | TensorLike, T extends SameRank<X> = SameRank<X>>(x: X, dy?: Given) => T;
export type DifferentiatesAll = <A extends Tensor[]>(
  f: (...args: A) => Tensor,
) => <X extends OrNumbers<A>>(args: readonly [...X], dy?: Given) => { [I in keyof X]: SameRank<X[I]> };
export type DifferentiatesWithValue = <A extends Tensor, O extends Tensor>(
  f: (x: A) => O,
) => <X extends A>(x: X, dy?: O) => { value: O; grad: X };
export type DifferentiatesAllWithValue = <A extends Tensor[], O extends Tensor>(
  f: (...args: A) => O,
) => <X extends A>(args: readonly [...X], dy?: O) => { value: O; grads: { [I in keyof X]: X[I] } };

/** A function that runs through: what comes later would be freed before it is there. */
type Synchronous<T> = T extends PromiseLike<unknown> ? { "tf.tidy takes no async function": never } : unknown;
/** A tensor whose rank is not known may be said to have any; all else is what it is. */
type Stated<T> = Tensor extends T ? Tensor : T;
export interface Tidies {
  <T, U extends Stated<T> = Stated<T>>(fn: (() => T) & Synchronous<T>): U;
  <T, U extends Stated<T> = Stated<T>>(name: string, fn: (() => T) & Synchronous<T>): U;
  <T extends tfjs.TensorContainer>(nameOrFn: string | (() => T), fn?: () => T): T;
}
