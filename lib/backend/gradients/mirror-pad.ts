import * as tf from "@tensorflow/tfjs";
import { correct } from "./register";

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
