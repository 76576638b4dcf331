import * as tf from "@tensorflow/tfjs";
import { maxAbs, type ChannelReduction } from "../attribution/channel-reductions";
import { ready } from "../backend";
import { badInput } from "../errors";

/** An attribution, or its values [batch, height, width, channels]; read, not disposed of. */
export type Maps = tf.Tensor4D | { readonly values: tf.Tensor4D };

export interface ReductionOption {
  /** How the channels of a pixel become one value. Default: `maxAbs`. */
  channels?: ChannelReduction;
}

/** One map of one value a pixel. */
export interface PlainMap {
  readonly height: number;
  readonly width: number;
  /** Row-major. */
  readonly values: Float32Array;
}

/**
 * @param what they are called in messages
 * @throws BadInputError for a wrong shape, or a value that is not finite
 */
export async function readMaps(maps: Maps, { channels = maxAbs }: ReductionOption, what = "maps"): Promise<PlainMap[]> {
  const tensor = maps instanceof tf.Tensor ? maps : maps?.values;
  if (!(tensor instanceof tf.Tensor) || tensor.rank !== 4 || tensor.size === 0) {
    badInput({ what, got: tensor instanceof tf.Tensor ? tensor.shape : maps, allowed: "an attribution, or a tensor [batch, height, width, channels] that is not empty" });
  }
  if (typeof channels !== "function") badInput({ what: "channels", got: channels, allowed: "a reduction such as maxAbs or l2Norm" });
  await ready();
  const [count, height, width] = tensor.shape;
  const reduced = channels(tensor);
  try {
    const values = (await reduced.data()) as Float32Array;
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) badInput({ what: `a value of ${what}[${Math.floor(bad / (height * width))}]`, got: values[bad], allowed: "finite numbers" });
    return Array.from({ length: count }, (_, i) => ({ height, width, values: values.slice(i * height * width, (i + 1) * height * width) }));
  } finally {
    reduced.dispose();
  }
}
