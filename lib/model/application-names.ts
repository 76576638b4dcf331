import type { PreprocessName } from "./named-preprocess";

export interface Application {
  /** For people. */
  readonly name: string;
  /** What it was trained on. */
  readonly preprocess: PreprocessName;
}

/** A part of a layer's path that only layers of this network have. The first that fits counts. */
const signs: readonly (readonly [RegExp, Application])[] = [
  [/^(conv_dw_\d+(_.*)?|block_\d+_expand(_.*)?|Mobilenet(V[12])?)$/, { name: "MobileNet", preprocess: "mobilenet" }],
  [/^block\d+_sepconv\d(_.*)?$/, { name: "Xception", preprocess: "mobilenet" }],
  [/^(mixed\d+|block35_\d+(_.*)?|Inception(V\d|ResnetV2))$/, { name: "Inception", preprocess: "mobilenet" }],
  [/(normal|reduction)_(left|right)\d/, { name: "NASNet", preprocess: "mobilenet" }],
  [/^conv\d_block\d+_preact_/, { name: "ResNetV2", preprocess: "mobilenet" }],
  [/^conv2_block1_concat$/, { name: "DenseNet", preprocess: "imagenet" }],
  [/^(conv2_block1_add|res2a_branch2a)$/, { name: "ResNet", preprocess: "caffe-bgr" }],
  [/^block5_conv[123]$/, { name: "VGG", preprocess: "caffe-bgr" }],
];

/**
 * Which of Keras' networks a network is made of, by the names that its layers kept. EfficientNet, ConvNeXt and
 * MobileNetV3 are not among them: they begin with a layer that says what they take.
 */
export function applicationOf(layers: readonly string[]): Application | undefined {
  const parts = [...new Set(layers.flatMap((layer) => layer.split("/")))];
  return signs.find(([sign]) => parts.some((part) => sign.test(part)))?.[1];
}
