import * as tf from "@tensorflow/tfjs";
import { maxAbs, type ChannelReduction } from "../core/tensors";
import { ready } from "../backend";
import { badInput } from "../core/errors";
import { other, type Schema } from "../core/options";

/** An attribution, or its values [batch, height, width, channels]; read, not disposed of. */
export type Maps = tf.Tensor | { readonly values: tf.Tensor };

export interface ReductionOption {
  /** How the channels of a pixel become one value. Default: maxAbs. */
  channels?: ChannelReduction;
}

/** @param rule the name of the reduction where none is given */
export const channelsOption = (rule: string) =>
  other<ChannelReduction>("a reduction such as maxAbs or l2Norm", {
    rule,
    help: "how the channels of a pixel become one value",
  });

export const reductionOptions = { channels: channelsOption("maxAbs") } satisfies Schema<ReductionOption>;

/** One map of one value a pixel. */
export interface PlainMap {
  readonly height: number;
  readonly width: number;
  /** Row-major. */
  readonly values: Float32Array;
}

/**
 * @param what they are called in messages
 * @throws BadInputError for a wrong shape, of the maps or of what the reduction makes, or a value that is not finite
 */
export async function readMaps(maps: Maps, { channels = maxAbs }: ReductionOption, what = "maps"): Promise<PlainMap[]> {
  const tensor = maps instanceof tf.Tensor ? maps : maps?.values;
  if (!(tensor instanceof tf.Tensor) || tensor.rank !== 4 || tensor.size === 0) {
    badInput({
      what,
      got: tensor instanceof tf.Tensor ? tensor.shape : maps,
      allowed: "an attribution, or a tensor [batch, height, width, channels] that is not empty",
    });
  }
  if (typeof channels !== "function")
    badInput({ what: "channels", got: channels, allowed: "a reduction such as maxAbs or l2Norm" });
  await ready();
  const [count, height, width] = tensor.shape;
  // A copy: a reduction of one's own may return what it got, which is then disposed of.
  const reduced = tf.tidy(() => {
    const made = channels(tf.clone(tf.cast(tensor, "float32")) as tf.Tensor4D);
    const shape = made instanceof tf.Tensor ? made.shape : made;
    if (String(shape) === `${count},${height},${width},1`) return made;
    return badInput({
      what: "what channels returned",
      got: shape,
      allowed: `a tensor [${count}, ${height}, ${width}, 1]`,
    });
  });
  try {
    // Of the maps first: a maximum over channels may pass over one that is not a number.
    checkFinite(await tensor.data(), what, tensor.size / count);
    const values = (await reduced.data()) as Float32Array;
    checkFinite(values, `what channels makes of ${what}`, height * width);
    return Array.from({ length: count }, (_, i) => ({
      height,
      width,
      values: values.slice(i * height * width, (i + 1) * height * width),
    }));
  } finally {
    reduced.dispose();
  }
}

function checkFinite(values: ArrayLike<number>, what: string, size: number): void {
  const bad = Array.prototype.findIndex.call(values, (value: number) => !Number.isFinite(Number(value)));
  if (bad < 0) return;
  badInput({ what: `a value of ${what}[${Math.floor(bad / size)}]`, got: values[bad], allowed: "finite numbers" });
}
