import type * as tf from "@tensorflow/tfjs";

/** Puts a tensor under the scope's care and hands it back. */
export type Own = <T extends tf.Tensor>(tensor: T) => T;

/**
 * `tf.tidy` for asynchronous work, which `tf.tidy` refuses: frees every tensor that was owned, however the work
 * ends. What the work returns must not be owned.
 */
export async function withTensors<T>(work: (own: Own) => Promise<T>): Promise<T> {
  const owned: tf.Tensor[] = [];
  try {
    return await work((tensor) => {
      owned.push(tensor);
      return tensor;
    });
  } finally {
    for (const tensor of owned) tensor.dispose();
  }
}
