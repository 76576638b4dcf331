import * as tf from "@tensorflow/tfjs";

/**
 * Asks the active backend for a small convolution and its gradient and compares with numbers worked out by hand.
 * An addon can load and still be unusable (wrong library beside it, a GPU without its driver), so every candidate
 * is tried for real before it is chosen.
 * @returns what was wrong, or undefined
 */
function probe(): string | undefined {
  const numbers = numbersOfProbe();
  try {
    return judged(numbers.dataSync());
  } finally {
    numbers.dispose();
  }
}

/**
 * As {@link probe}, for a backend whose values cannot be read while it waits for nothing; with whatever it throws as
 * the reason.
 */
export async function probeLater(): Promise<string | undefined> {
  let numbers: tf.Tensor | undefined;
  try {
    numbers = numbersOfProbe();
    return judged(await numbers.data());
  } catch (error) {
    return oneLineReason(error);
  } finally {
    numbers?.dispose();
  }
}

function numbersOfProbe(): tf.Tensor {
  return tf.tidy(() => {
    const image = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
    const kernel = tf.tensor4d([1, 0, 0, -1], [2, 2, 1, 1]);
    // Each output is x[i][j] − x[i+1][j+1] = −4, so the sum of squares is 64 and dy is −8 everywhere.
    const energy = (x: tf.Tensor): tf.Tensor =>
      tf
        .conv2d(x as tf.Tensor4D, kernel, 1, "valid")
        .square()
        .sum();
    const { value, grad } = tf.valueAndGrad(energy)(image);
    return tf.concat([value.flatten(), grad.flatten()]);
  });
}

function judged(got: ArrayLike<number>): string | undefined {
  const expected = [64, -8, -8, 0, -8, 0, 8, 0, 8, 8];
  const wrong = expected.findIndex((value, i) => !(Math.abs(got[i] - value) < 1e-4));
  if (wrong < 0) return undefined;
  return `a small convolution and its gradient came out wrong (${got[wrong]} where ${expected[wrong]} was due)`;
}

/** As {@link probe}, with whatever it throws as the reason. */
export function probeSafely(): string | undefined {
  try {
    return probe();
  } catch (error) {
    return oneLineReason(error);
  }
}

/** The first line of an error, without a stack. */
export function oneLineReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (
    text
      .split("\n")
      .map((line) => line.trim())
      .find((line) => line !== "") ?? "unknown reason"
  );
}

/** Something that could have run the tensors, and was not taken. */
export interface PassedOver {
  name: string;
  /** Why, in one line, for people. */
  reason: string;
}
