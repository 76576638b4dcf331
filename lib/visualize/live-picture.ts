import * as tf from "@tensorflow/tfjs";
import { encodePng } from "../data/image-files";

/** More would be too small to see. */
const most = 6;

/**
 * The images side by side as a PNG file, for a look while work goes on. Synchronous, as the drawing of progress is.
 * @param images [images, height, width, 1 or 3] in [0, 1]
 * @returns nothing for images of another number of channels, and on webgpu
 */
export function pictureOf(images: () => tf.Tensor4D): Uint8Array | undefined {
  // Pictures are made while a step waits for nothing, and this backend has no values to read at once.
  if (tf.getBackend() === "webgpu") return undefined;
  const row = tf.tidy(() => {
    const all = images();
    const [count, height, , channels] = all.shape;
    if (channels !== 1 && channels !== 3) return undefined;
    const shown = tf.unstack(tf.slice(all, 0, Math.min(count, most)));
    return tf.keep(
      tf
        .concat(
          shown.map((image) =>
            tf.pad(
              image,
              [
                [0, 0],
                [0, shown.length > 1 ? 4 : 0],
                [0, 0],
              ],
              1,
            ),
          ),
          1,
        )
        .reshape([height, -1, channels]),
    ) as tf.Tensor3D;
  });
  if (!row) return undefined;
  const [height, width, channels] = row.shape;
  const values = row.dataSync();
  row.dispose();
  return encodePng({
    height,
    width,
    channels: channels as 1 | 3,
    data: Uint8Array.from(values, (value) => Math.round(255 * Math.min(1, Math.max(0, value)))),
  });
}
