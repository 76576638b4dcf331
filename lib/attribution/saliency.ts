import * as tf from "@tensorflow/tfjs";
import { modelStep } from "../backend/compile/model-graphs";
import { inputGradient } from "../backend/input-gradient";
import type { ImageInput, VisionModel } from "../model/vision-model";
import type { Attribution, AttributionOptions } from "./attribution";
import { checkBoolean, checkOneOf } from "./check-options";
import { explain } from "./explain";
import { scored, scores, type Score } from "./score";
import { targetGradient } from "./target-logit";

export interface SaliencyOptions extends AttributionOptions {
  /** Absolute values instead of signed ones. Default: false (Captum's is true). */
  abs?: boolean;
  /** What of the target is differentiated. Default: "logit". */
  score?: Score;
}

const scoreGradient = (model: VisionModel, images: tf.Tensor4D, oneHot: tf.Tensor2D, score: Score): tf.Tensor4D =>
  modelStep(model, `${score} gradient`, (at: tf.Tensor4D, rows: tf.Tensor2D) => inputGradient((x) => tf.mul(scored(model.logits(x), score), rows), at))(images, oneHot);

/**
 * The gradient of the target's logit (or another `score`) with respect to the image (Simonyan, Vedaldi & Zisserman 2013,
 * "Deep Inside Convolutional Networks", arXiv:1312.6034).
 * @param images [height, width, channels] or [batch, height, width, channels] in the model's bounds
 * @returns values [batch, height, width, channels], in logits (or the score's unit) per unit of pixel value
 * @throws BadInputError, InterruptedError
 */
export async function saliency(model: VisionModel, images: ImageInput, options: SaliencyOptions = {}): Promise<Attribution<SaliencyOptions>> {
  const abs = checkBoolean("abs", options.abs ?? false);
  const score = checkOneOf("score", options.score ?? "logit", scores);
  return explain(model, images, {
    method: "saliency",
    form: `saliency ${abs} ${score}`,
    options: { ...options, abs, score },
    step: ({ images, oneHot }) => {
      const gradient = score === "logit" ? targetGradient(model, images, oneHot) : scoreGradient(model, images, oneHot, score);
      return abs ? tf.abs(gradient) : gradient;
    },
  });
}
