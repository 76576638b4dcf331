// Groups of values that are taken away together: the pixels of a superpixel, the columns of one question, a word's
// letters.
import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { pack } from "../model/packed-inputs";
import type { Inputs, Model } from "../model/vision-model";
import type { Range } from "../core/chunks";

/**
 * The group of each value: integers, the same for values that belong together. In the shape of one input, or with 1 in
 * place of a size
 * where a group reaches along that axis ([height, width, 1]); of a network of several inputs a list.
 */
export type FeatureMask = Inputs;

/** The groups of a {@link FeatureMask}, in growing order of their numbers. */
export class FeatureGroups {
  private constructor(
    private readonly ofValue: Int32Array,
    readonly count: number,
  ) {}

  /** @throws BadInputError */
  static async of(mask: FeatureMask, model: Model): Promise<FeatureGroups> {
    const shape = model.inputShape;
    const spread = tf.tidy(() => {
      const given =
        Array.isArray(mask) && model.inputs
          ? tf.squeeze(pack(model.inputs, mask as readonly tf.Tensor[], "featureMask"), [0])
          : (mask as tf.Tensor);
      const fits =
        given instanceof tf.Tensor &&
        given.rank === shape.length &&
        given.shape.every((side, axis) => side === 1 || side === shape[axis]);
      if (!fits) {
        badInput({
          what: "the shape of featureMask",
          got: given instanceof tf.Tensor ? given.shape : given,
          allowed: `[${shape.join(", ")}], one input of ${model.name}, or 1 in place of some of its sizes`,
        });
      }
      return tf.add(tf.zeros([...shape]), tf.cast(given, "float32"));
    });
    const values = await spread.data().finally(() => spread.dispose());
    const odd = values.find((value) => !Number.isInteger(value));
    if (odd !== undefined)
      badInput({ what: "a value of featureMask", got: odd, allowed: "an integer, the number of a group" });
    const numbers = [...new Set(values)].sort((a, b) => a - b),
      places = new Map(numbers.map((number, place) => [number, place]));
    return new FeatureGroups(
      Int32Array.from(values, (value) => places.get(value)!),
      numbers.length,
    );
  }

  /** 1 where a value belongs to the group. @returns [run, values] */
  masks({ first, count }: Range): tf.Tensor2D {
    const size = this.ofValue.length,
      masks = new Float32Array(count * size);
    this.ofValue.forEach((group, value) => {
      if (group >= first && group < first + count) masks[(group - first) * size + value] = 1;
    });
    return tf.tensor2d(masks, [count, size]);
  }
}
