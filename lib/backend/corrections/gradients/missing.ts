// Gradients that TensorFlow.js lacks, forgets a part of, or had better refuse.
import * as tf from "@tensorflow/tfjs";
import { correct, runKernel } from "./register";
import { VitrineError } from "../../../core/errors";

interface MirrorPadAttributes {
  paddings: [number, number][];
  mode: "reflect" | "symmetric";
}

/**
 * TF.js only slices the padding off dy, and so forgets that every pixel of the border was seen again in the
 * mirror. The gradient folds the mirrored parts back onto the pixels they came from, one axis after the other.
 */
export function correctMirrorPad(): void {
  correct<MirrorPadAttributes>({
    kernelName: "MirrorPad",
    inputsToSave: ["x"],
    gradFunc: (dy, [x], { paddings, mode }) => ({
      x: () =>
        paddings.reduce(
          (folded, padding, axis) => fold(folded, axis, padding, x.shape[axis], mode === "reflect" ? 1 : 0),
          dy,
        ),
    }),
  });
}

/** @param skip 1 where the edge itself is not repeated (reflect), 0 where it is (symmetric) */
function fold(dy: tf.Tensor, axis: number, [before, after]: [number, number], size: number, skip: 0 | 1): tf.Tensor {
  if (before === 0 && after === 0) return dy;
  const part = (begin: number, count: number): tf.Tensor =>
    tf.slice(dy, at(dy.rank, axis, begin), sizes(dy, axis, count));
  const placed = (piece: tf.Tensor, begin: number): tf.Tensor => {
    const pads = dy.shape.map((): [number, number] => [0, 0]);
    pads[axis] = [begin, size - begin - piece.shape[axis]];
    return tf.pad(piece, pads);
  };
  let dx = part(before, size);
  if (before > 0) dx = dx.add(placed(tf.reverse(part(0, before), axis), skip));
  if (after > 0) dx = dx.add(placed(tf.reverse(part(before + size, after), axis), size - skip - after));
  return dx;
}

const at = (rank: number, axis: number, begin: number): number[] =>
  Array.from({ length: rank }, (_, i) => (i === axis ? begin : 0));
const sizes = (t: tf.Tensor, axis: number, count: number): number[] =>
  t.shape.map((size, i) => (i === axis ? count : size));

type RunKernel = (
  name: string,
  inputs: Record<string, tf.Tensor | undefined>,
  attrs?: Record<string, unknown>,
) => unknown;

const wrapped = Symbol.for("vitrine.batchNorm");

/**
 * A batchNorm layer with `scale: false` or `center: false` leaves that input out, and TF.js's tape fails on the
 * hole ("Cannot read properties of undefined"). The hole is in what is recorded, before any gradient is asked
 * for, so it is filled where kernels are called: a scale of 1, an offset of 0.
 */
export function correctBatchNorm(): void {
  const engine = tf.engine() as unknown as { runKernel: RunKernel & { [wrapped]?: RunKernel } };
  const original = engine.runKernel[wrapped] ?? engine.runKernel;
  const filled: RunKernel & { [wrapped]?: RunKernel } = function (this: unknown, name, inputs, attrs) {
    if (name === "FusedBatchNorm" && tf.engine().state.gradientDepth > 0) {
      const shape = inputs.mean?.shape ?? [];
      inputs = { ...inputs, scale: inputs.scale ?? tf.ones(shape), offset: inputs.offset ?? tf.zeros(shape) };
    }
    return original.call(engine, name, inputs, attrs);
  };
  filled[wrapped] = original;
  engine.runKernel = filled;
}

/**
 * TF.js has no gradient for comparisons, so that `where(x.greater(0), a, b)` throws although only `a` and `b`
 * matter. A comparison is constant almost everywhere: its gradient is zero.
 */
export function correctComparisons(): void {
  for (const kernelName of [
    "Greater",
    "GreaterEqual",
    "Less",
    "LessEqual",
    "Equal",
    "NotEqual",
    "LogicalAnd",
    "LogicalOr",
  ]) {
    correct({
      kernelName,
      inputsToSave: ["a", "b"],
      gradFunc: (_, [a, b]) => ({ a: () => tf.zeros(a.shape), b: () => tf.zeros(b.shape) }),
    });
  }
  correct({ kernelName: "LogicalNot", inputsToSave: ["x"], gradFunc: (_, [x]) => ({ x: () => tf.zeros(x.shape) }) });
}

/**
 * Splitting and unstacking: TF.js's gradients take a list of the pieces' gradients, and get a single one as it is where
 * there is but one piece.
 */
export function correctOnePiece(): void {
  const pieces = (dy: unknown): tf.Tensor[] => [dy as tf.Tensor | tf.Tensor[]].flat();
  correct<{ axis: number }>({
    kernelName: "SplitV",
    gradFunc: (dy, _, { axis }) => ({ x: () => tf.concat(pieces(dy), axis) }),
  });
  correct<{ axis: number }>({
    kernelName: "Unpack",
    gradFunc: (dy, _, { axis }) => ({ value: () => tf.stack(pieces(dy), axis) }),
  });
}

/**
 * Silently wrong in TF.js and needed by none of our methods: refused instead of put right.
 * `avgPool3d` with padding divides by the whole window at the edges on wasm and cpu, as avgPool did.
 */
export function refuseWrongGradients(): void {
  correct<{ filterSize: unknown; strides: unknown; pad: unknown; dimRoundingMode?: string }>({
    kernelName: "AvgPool3D",
    inputsToSave: ["x"],
    gradFunc: (dy, [input], { filterSize, strides, pad, dimRoundingMode }) => ({
      x: () => {
        if (tf.getBackend() !== "tensorflow" && pad !== "valid") {
          throw new VitrineError(
            `The gradient of avgPool3d with padding ${JSON.stringify(pad)} is wrong on the ${tf.getBackend()} ` +
              `backend; use padding "valid", or the tensorflow backend.`,
          );
        }
        return runKernel("AvgPool3DGrad", { dy, input }, { filterSize, strides, pad, dimRoundingMode });
      },
    }),
  });
}
