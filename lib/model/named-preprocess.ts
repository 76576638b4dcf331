// What published networks were trained on, by name: the one list that the library and the command line read.

/** (input − mean) / std, per channel: along the input's last axis. */
export interface Normalization {
  /** One per channel (or one for all), in units of the input's bounds. */
  mean: readonly number[];
  /** One per channel (or one for all), in units of the input's bounds; none 0. */
  std: readonly number[];
}

/** What networks trained on ImageNet with PyTorch take, per channel. */
export const imagenetNormalization: Normalization = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/**
 * Preprocessing of images in [0, 1] that has a name. `imagenet` (or `torchvision`): ImageNet's mean and deviation.
 * `mobilenet` (or `-1..1`): to [-1, 1], as MobileNet, Inception, Xception, NASNet and ResNetV2 of Keras. `caffe-bgr`:
 * up to 255 less the mean, blue first, as VGG and ResNet of Keras. `none`: as they are.
 */
export type PreprocessName = "imagenet" | "torchvision" | "mobilenet" | "-1..1" | "caffe-bgr" | "none";

export interface NamedPreprocess {
  /** Of channels in the order red, green, blue; of images in [0, 1]. */
  readonly normalize: Normalization;
  /** Blue comes first, after that. */
  readonly bgr?: boolean;
}

const minusOneToOne: NamedPreprocess = { normalize: { mean: [0.5], std: [0.5] } };

export const namedPreprocess: Readonly<Record<PreprocessName, NamedPreprocess>> = {
  imagenet: { normalize: imagenetNormalization },
  torchvision: { normalize: imagenetNormalization },
  mobilenet: minusOneToOne,
  "-1..1": minusOneToOne,
  "caffe-bgr": { normalize: { mean: [123.68, 116.779, 103.939].map((mean) => mean / 255), std: [1 / 255] }, bgr: true },
  none: { normalize: { mean: [0], std: [1] } },
};

export const preprocessNames = Object.keys(namedPreprocess) as PreprocessName[];
