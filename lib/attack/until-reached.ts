import * as tf from "@tensorflow/tfjs";
import { reached } from "./criterion";
import { perImage } from "./norms";
import type { AttackBlock, Perturbed } from "./run-attack";

/** How an attack goes on from the images as they are now. */
export interface Stepping {
  /** Which images may fulfil the criterion, by what is seen of them before they are cut to their bounds; only they are judged. Default: all. */
  look?(x: tf.Tensor4D): Promise<boolean[]>;
  /** @returns the next images; what it makes besides, it frees */
  step(x: tf.Tensor4D): Promise<tf.Tensor4D>;
}

/**
 * Takes steps until every image of a block fulfils its criterion, or `most` are taken; an image that does is left as it is.
 */
export async function untilReached(block: AttackBlock, most: number, { look, step }: Stepping): Promise<Perturbed> {
  const count = block.images.shape[0];
  const [low, high] = block.model.bounds;
  const iterations = new Array<number>(count).fill(0);
  const shownAs = async (now: tf.Tensor4D): Promise<number[]> => {
    const shown = tf.tidy(() => tf.clipByValue(now, low, high) as tf.Tensor4D);
    return block.predicted(shown).finally(() => shown.dispose());
  };
  let x = tf.clone(block.images);
  try {
    for (let taken = 0; ; taken++) {
      await block.checkpoint();
      const likely = look ? await look(x) : undefined;
      const predicted = likely?.includes(true) === false ? undefined : await shownAs(x);
      const done = predicted ? reached(block.goal, predicted).map((yes, i) => yes && likely?.[i] !== false) : likely!;
      const open = done.filter((fooled) => !fooled).length;
      if (open === 0 || taken === most) return { raw: tf.clone(x), iterations, predicted };
      const before = x, after = await step(x);
      x = open === count ? tf.clone(after) : tf.tidy(() => tf.where(perImage(tf.tensor1d(done, "bool")), before, after));
      tf.dispose([before, after]);
      done.forEach((fooled, i) => { if (!fooled) iterations[i]++; });
      block.advance(open);
    }
  } finally {
    x.dispose();
  }
}
