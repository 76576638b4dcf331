import * as tf from "@tensorflow/tfjs";
import { loadImage, type LoadImageOptions } from "./image";
import { obtain } from "./obtain";

/**
 * A photograph of a dahlia that a PyPI package carries (scikit-learn; vultilion, CC-BY 2.0): for machines that cannot
 * have
 * `openFlowers`' archive. It is of none of their classes.
 * @param options its size and channels. Default: 427 × 640, RGB.
 * @returns [1, height, width, channels], float32 in [0, 1]; the caller disposes of it
 * @throws MissingDataError, FileError, BadInputError
 */
export async function loadFlowerPhotograph(options: LoadImageOptions = {}): Promise<tf.Tensor4D> {
  const { files } = await obtain("data", "photographs-scikit-learn");
  const image = await loadImage(files.find(({ path }) => path.endsWith("flower.jpg"))!.file, options);
  const batch = tf.tidy(() => tf.expandDims(image, 0) as tf.Tensor4D);
  image.dispose();
  return batch;
}
