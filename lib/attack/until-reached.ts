import * as tf from "@tensorflow/tfjs";
import { perImage } from "./norms";
import type { AttackBlock, Perturbed } from "./run-attack";

/**
 * Takes steps until every image of a block fulfils its criterion, or `most` are taken; an image that does is left as it is.
 * @param step from the images as they are now to the next; what it makes besides, it frees
 */
export async function untilReached(block: AttackBlock, most: number, step: (x: tf.Tensor4D) => Promise<tf.Tensor4D>): Promise<Perturbed> {
  const count = block.images.shape[0];
  const [low, high] = block.model.bounds;
  const iterations = new Array<number>(count).fill(0);
  let x = tf.clone(block.images);
  try {
    for (let taken = 0; ; taken++) {
      await block.checkpoint();
      const shown = tf.tidy(() => tf.clipByValue(x, low, high) as tf.Tensor4D);
      const done = await block.reached(shown).finally(() => shown.dispose());
      const open = done.filter((fooled) => !fooled).length;
      if (open === 0 || taken === most) return { raw: tf.clone(x), iterations };
      const before = x, after = await step(x);
      x = tf.tidy(() => tf.where(perImage(tf.tensor1d(done, "bool")), before, after));
      tf.dispose([before, after]);
      done.forEach((fooled, i) => { if (!fooled) iterations[i]++; });
      block.advance(open);
    }
  } finally {
    x.dispose();
  }
}
