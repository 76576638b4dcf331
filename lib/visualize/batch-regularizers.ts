import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { checkOptions, text, type Schema } from "../core/options";
import { checkedLayer } from "./forward";
import { weighted, type Regularizer } from "./regularizers";

export interface AlignmentOptions {
  /** A layer whose activations are compared. Default: the images themselves. */
  layer?: string;
}

export const alignmentOptions = {
  layer: text({ rule: "the images themselves", help: "a layer whose activations are compared" }),
} satisfies Schema<AlignmentOptions>;

/**
 * Squared distance of each image (or of its activations in a layer) from those before and after it, mean over all
 * values: a series of images then changes gradually. @param weight ≥ 0
 */
export function alignment(weight: number, options: AlignmentOptions = {}): Regularizer {
  const { layer } = checkOptions(alignmentOptions, options);
  return weighted(
    {
      name: "alignment",
      demands: { logits: false, layers: layer === undefined ? [] : [layer] },
      prepare(model, images) {
        several("alignment", images);
        if (layer !== undefined) checkedLayer(model, layer);
        return {
          inputs: [],
          value: ({ images, layers }) => {
            const all = rows(layer === undefined ? images : layers[layer]),
              [count, size] = all.shape;
            const gaps = tf.mean(
              tf.square(tf.sub(tf.slice(all, [1, 0], [count - 1, size]), tf.slice(all, [0, 0], [count - 1, size]))),
              1,
            ) as tf.Tensor1D;
            // Each gap is half of either neighbour's.
            return tf.mul(0.5, tf.add(tf.pad(gaps, [[1, 0]]), tf.pad(gaps, [[0, 1]])));
          },
        };
      },
    },
    weight,
  );
}

/**
 * How alike the images are in a layer: the mean cosine between an image's Gram matrix (which channels are active
 * together) and
 * the others'. Taken off, it makes several images of one objective differ (Olah et al. 2017,
 * doi:10.23915/distill.00007).
 * @param weight ≥ 0
 */
export function diversity(weight: number, layer: string): Regularizer {
  return weighted(
    {
      name: "diversity",
      demands: { logits: false, layers: [layer] },
      prepare(model, images) {
        several("diversity", images);
        checkedLayer(model, layer);
        const others = tf.tidy(() => tf.div(tf.sub(1, tf.eye(images)), images - 1));
        return {
          inputs: [others],
          value: ({ layers }, [others]) => tf.sum(tf.mul(cosines(rows(gram(layers[layer]))), others), 1),
        };
      },
    },
    weight,
  );
}

const rows = (values: tf.Tensor): tf.Tensor2D => tf.reshape(values, [values.shape[0], -1]);

/** [images, channels, channels] */
function gram(activations: tf.Tensor): tf.Tensor {
  const { shape } = activations;
  const places = tf.reshape(activations, [shape[0], -1, shape[shape.length - 1]]);
  return tf.matMul(places, places, true, false);
}

/** Between every two rows. */
function cosines(values: tf.Tensor2D): tf.Tensor2D {
  const unit = tf.div<tf.Tensor2D>(values, tf.sqrt(tf.add(tf.sum(tf.square(values), 1, true), 1e-12)));
  return tf.matMul(unit, unit, false, true);
}

function several(name: string, images: number): void {
  if (images < 2)
    badInput({
      what: "images",
      got: images,
      allowed: `2 or more with ${name}`,
      remedy: "Give maximize the option images, or an objective with several targets.",
    });
}
