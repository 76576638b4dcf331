import * as tf from "@tensorflow/tfjs";
import { correct } from "./register";

/**
 * Splitting and unstacking: TF.js's gradients take a list of the pieces' gradients, and get a single one as it is where
 * there is but
 * one piece.
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
