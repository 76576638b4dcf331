import * as tf from "@tensorflow/tfjs";
import type { Verdict } from "./criterion";
import { perInput } from "./norms";
import type { AttackBlock, Perturbed } from "./run-attack";

/** How an attack goes on from the inputs as they are now. */
export interface Stepping {
  /**
   * Which inputs may fulfil the criterion, by what is seen of them before they are cut to their bounds; only they are
   * judged. Default: all.
   */
  look?(x: tf.Tensor): Promise<readonly boolean[]>;
  /** @returns the next inputs; what it makes besides, it frees */
  step(x: tf.Tensor): Promise<tf.Tensor>;
}

/**
 * Takes steps until every input of a block fulfils its criterion, or `most` are taken; an input that does is left as it
 * is.
 */
export async function untilReached(block: AttackBlock, most: number, { look, step }: Stepping): Promise<Perturbed> {
  const count = block.inputs.shape[0];
  const [low, high] = block.model.bounds;
  const iterations = new Array<number>(count).fill(0);
  const shownAs = async (now: tf.Tensor): Promise<Verdict> => {
    const shown = tf.tidy(() => tf.clipByValue(now, low, high));
    return block.judge(shown).finally(() => shown.dispose());
  };
  let x: tf.Tensor = tf.clone(block.inputs);
  try {
    for (let taken = 0; ; taken++) {
      await block.checkpoint();
      const likely = look ? await look(x) : undefined;
      const verdict = likely?.includes(true) === false ? undefined : await shownAs(x);
      const done = verdict ? verdict.reached.map((yes, i) => yes && likely?.[i] !== false) : likely!;
      const open = done.filter((fooled) => !fooled).length;
      if (open === 0 || taken === most) return { raw: tf.clone(x), iterations, verdict };
      const before = x,
        after = await step(x);
      x =
        open === count
          ? tf.clone(after)
          : tf.tidy(() => tf.where(perInput(tf.tensor1d([...done], "bool"), before), before, after));
      tf.dispose([before, after]);
      done.forEach((fooled, i) => {
        if (!fooled) iterations[i]++;
      });
      block.advance(open);
    }
  } finally {
    x.dispose();
  }
}
