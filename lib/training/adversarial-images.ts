import * as tf from "@tensorflow/tfjs";
import { checkNumber } from "../core/check-options";
import { lossGradient, unitStep } from "../attack/norms";

/** Training on adversarial images with their right labels. */
export interface AdversarialOptions {
  /** How far FGSM moves every value, in units of [0, 1]. Above 0, to 1. */
  epsilon: number;
  /** Share of each minibatch that is attacked, above 0, to 1; the rest stays as it is. Default: 0.5. */
  share?: number;
}

/** @throws BadInputError */
export function checkAdversarial({ epsilon, share = 0.5 }: AdversarialOptions): Required<AdversarialOptions> {
  return {
    epsilon: checkNumber("adversarial.epsilon", epsilon, { above: 0, most: 1 }),
    share: checkNumber("adversarial.share", share, { above: 0, most: 1 }),
  };
}

/**
 * A minibatch whose first images are moved by FGSM away from their labels, as the network is now (Goodfellow, Shlens &
 * Szegedy 2015,
 * arXiv:1412.6572, section 6); at least one of them. A pure function of tensors; dropout is off while it attacks.
 * @param logits ends before the softmax
 * @param images [batch, height, width, channels] in [0, 1]
 * @param oneHot their labels, [batch, classes]
 */
export function withAdversaries(
  logits: tf.LayersModel,
  images: tf.Tensor4D,
  oneHot: tf.Tensor2D,
  { epsilon, share }: Required<AdversarialOptions>,
): tf.Tensor4D {
  return tf.tidy(() => {
    const count = Math.max(1, Math.round(share * images.shape[0])),
      attacked = tf.slice(images, 0, count);
    const network = {
      name: logits.name,
      classNames: [],
      logits: (x: tf.Tensor) => logits.apply(x, { training: false }) as tf.Tensor,
    };
    const gradient = lossGradient(network, attacked, tf.slice(oneHot, 0, count), false);
    const moved = tf.clipByValue(tf.add(attacked, tf.mul(unitStep(gradient, "linf"), epsilon)), 0, 1) as tf.Tensor4D;
    return count === images.shape[0] ? moved : tf.concat([moved, tf.slice(images, count)], 0);
  });
}
