import type * as tfTypes from "@tensorflow/tfjs";
import { tf } from "./library";

export interface Flops {
  forward: number;
  gradient: number;
}

/**
 * Floating-point operations of one image, multiplications and additions counted apart, of convolutions and matrix
 * products: the rest is below a hundredth. Read off the kernels that a forward pass runs. Back to the image each
 * convolution or product with weights costs as much again, one of two activations (attention) twice as much.
 * @param forward takes one image through the network; called once
 */
export async function flopsOf(forward: () => tfTypes.Tensor): Promise<Flops> {
  const { kernels } = await tf.profile(() => tf.tidy(forward));
  let weights = 0,
    activations = 0;
  for (const { name, inputShapes, outputShapes } of kernels) {
    const [first, second] = inputShapes,
      made = outputShapes[0];
    if (/Conv2D$/.test(name)) {
      // [height, width, in, out]: each value that comes out is a sum over a window.
      weights += 2 * size(made) * size((second as number[]).slice(0, 3));
    } else if (/MatMul$/.test(name)) {
      const inner = 2 * size(made) * (size(first as number[]) / rows(first as number[], made));
      if (
        (first as number[]).slice(0, -2).every((n) => n === 1) ||
        (second as number[]).slice(0, -2).every((n) => n === 1)
      )
        weights += inner;
      else activations += inner;
    }
  }
  return { forward: weights + activations, gradient: 2 * weights + 3 * activations };
}

/** In training each layer with weights takes three: forward, back to its input, back to its weights. */
export const trainingFlops = ({ forward }: Flops): Flops => ({ forward, gradient: 3 * forward });

const size = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Of a product [.., m, k] × [.., k, n] → [.., m, n], however the first one is turned: all of it but k. */
const rows = (first: readonly number[], made: readonly number[]): number =>
  size(first.slice(0, -2)) * made[made.length - 2];
