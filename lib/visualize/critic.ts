import * as tf from "@tensorflow/tfjs";
import { checkOptions, other, type Schema } from "../core/options";
import type { ClassRef } from "../model/target";
import { checkModel, checkTakesImages } from "../model/check-model";
import { badInput } from "../core/errors";
import { checkClasses, logProbability, targetRows } from "../model/outputs";
import { classIndex } from "../model/resolve-target";
import type { VisionModel } from "../model/vision-model";
import { weighted, type Regularizer } from "./regularizers";

export interface CriticOptions {
  /** What the other network should take the images for: a name or an index. Default: "photograph". */
  target?: ClassRef;
}

export const criticOptions = {
  target: other<ClassRef>("a class by index or name", {
    rule: '"photograph"',
    help: "what the other network should take the images for",
  }),
} satisfies Schema<CriticOptions>;

/**
 * What another network has against the images: −log of its probability for a class, in nats. With one that tells
 * photographs from visualizations it is a discriminator's loss (Goodfellow et al. 2014, "Generative Adversarial
 * Networks", arXiv:1406.2661), here of images and not of a generator. It sees them as the network does that they are
 * made for, after the transforms; brought to its own size by averaging where that is a whole fraction of theirs, else
 * bilinearly.
 * @param weight in units of the objective for a nat, ≥ 0
 * @param network a classifier of images with as many channels; the caller owns it
 * @throws BadInputError
 * @example regularizers: [regularizers.critic(2, await loadModel("critic"))]
 */
export function critic(weight: number, network: VisionModel, options: CriticOptions = {}): Regularizer {
  const { target = "photograph" } = checkOptions(criticOptions, options);
  checkModel(network);
  checkTakesImages(network, "a critic");
  checkClasses(network, "a critic");
  const index = classIndex(target, network.classNames),
    [height, width, channels] = network.inputShape;
  return weighted(
    {
      name: `critic ${network.name}`,
      demands: { logits: false, layers: [] },
      pure: network.pure === true,
      prepare(model, images) {
        if (model.inputShape[2] !== channels) {
          badInput({
            what: `the channels of ${network.name}`,
            got: channels,
            allowed: `${model.inputShape[2]}, as many as ${model.name} has`,
            remedy: "Give another critic.",
          });
        }
        const rows = targetRows(network, new Array<number>(images).fill(index));
        return {
          inputs: [rows],
          value: ({ shown }, [each]) =>
            tf.neg(logProbability(network, network.logits(resized(shown, height, width)), each as tf.Tensor2D)),
        };
      },
    },
    weight,
  );
}

function resized(images: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  const [, rows, columns] = images.shape;
  if (rows === height && columns === width) return images;
  if (rows % height === 0 && columns % width === 0)
    return tf.avgPool(images, [rows / height, columns / width], [rows / height, columns / width], "valid");
  return tf.image.resizeBilinear(images, [height, width]);
}
