import type * as tf from "@tensorflow/tfjs";
import type { VisionModel } from "../model/vision-model";
import type { ModelFlags } from "./model-flags";

/** As many show what they are like; more would only take time. */
const asked = 8;

/**
 * Says on stderr, in one line, that a network of the user's seems to want other values than it is given: it would be
 * confidently wrong without a word. Not of networks that are registered or trained here, nor where `--preprocess none`
 * says that it is meant so.
 * @param images what it is run on, if on any
 */
export async function warnOfRange(model: VisionModel, flags: ModelFlags, images?: tf.Tensor4D): Promise<void> {
  const { isOwnModel } = require("../model/load-model") as typeof import("../model/load-model");
  if (flags.preprocess === "none" || isOwnModel(flags.model)) return;
  const { inputRangeDoubt } = require("../model/input-range-doubt") as typeof import("../model/input-range-doubt");
  const few = images?.slice(0, Math.min(asked, images.shape[0]));
  try {
    const doubt = await inputRangeDoubt(model, few as tf.Tensor4D | undefined);
    if (!doubt) return;
    const { words, flag } = doubt.better,
      quiet = flag === "--preprocess none" ? "" : "; --preprocess none says that it is meant so";
    process.stderr.write(
      `vitrine: warning: ${model.name} seems to want ${words}: ${doubt.because}. Try ${flag}${quiet}.\n`,
    );
  } finally {
    few?.dispose();
  }
}
