// The warning that inputs are in another range than a network was trained on.
import * as tf from "@tensorflow/tfjs";
import { type Rescaling, type SeenInTraining, NetworkModel } from "./network-model";
import type { Preprocess, PreprocessName } from "./network-options";
import { preprocessor } from "./preprocess";
import type { Model } from "./vision-model";

/** A way to feed images in [0, 1] to a network. */
export interface Feeding {
  readonly preprocess: Preprocess;
  /** For people: what the network then sees. */
  readonly words: string;
  /** On the command line. */
  readonly flag: string;
}

/** That a network wants other values than it is given. */
export interface RangeDoubt {
  readonly better: Feeding;
  /** How that is known, as a clause. */
  readonly because: string;
}

const asTheyAre: Feeding = { preprocess: "none", words: "images in [0, 1] as they are", flag: "--preprocess none" };
const toOne: Feeding = { preprocess: "mobilenet", words: "images in [-1, 1]", flag: "--preprocess mobilenet" };
const bytes: Feeding = {
  preprocess: { mean: [0], std: [1 / 255] },
  words: "values from 0 to 255",
  flag: "--bounds 0,255",
};
const inColour: readonly Feeding[] = [
  { preprocess: "imagenet", words: "images less ImageNet's mean, by its deviation", flag: "--preprocess imagenet" },
  { preprocess: "caffe-bgr", words: "values up to 255 less the mean, blue first", flag: "--preprocess caffe-bgr" },
];
const feedings = (channels: number): Feeding[] => [asTheyAre, toOne, bytes, ...(channels === 3 ? inColour : [])];

/**
 * Asks a network whether it is given the values that it was trained on: what its first batch normalization saw in
 * training against what these images make there, each way of feeding them; else a rescaling inside; else the names of
 * its layers. Silent where nothing is clear.
 * @param images in [0, 1], [batch, height, width, channels], as the model takes them; a few will do. Without any, the
 * second and third are asked
 */
export async function inputRangeDoubt(model: Model, images?: tf.Tensor4D): Promise<RangeDoubt | undefined> {
  const evidence = model instanceof NetworkModel && model.inputShape.length === 3 ? await model.evidence() : undefined;
  if (!evidence) return undefined;
  const asked = model as NetworkModel,
    channels = model.inputShape[2];
  const seen = evidence.norm && images ? await byStatistics(asked, evidence.norm, images, channels) : "unclear";
  if (seen !== "unclear") return seen === "fits" ? undefined : seen;
  if (evidence.rescaling) return byRescaling(asked, evidence.rescaling);
  // Whoever has said what the network takes knows better than its name.
  const application =
    model.normalization === undefined ? applicationOf(model.layers().map(({ name }) => name)) : undefined;
  const better = application && feedings(channels).find(({ preprocess }) => preprocess === application.preprocess);
  return better && { better, because: `its layers are named as those of Keras' ${application!.name}` };
}

/**
 * Photographs are up to this far from the averages of other photographs, by how many they are: single ones of ImageNet
 * up to 0.27, four together up to 0.17. Fed in [0, 1] to a network that was trained on [-1, 1] they are from 0.22 and
 * 0.27 on.
 */
const usual = (images: number): number => 0.15 + 0.2 / Math.sqrt(images);
/** What fits better must be nearer by so much; what is within `almost` of the best fits as well. */
const farther = 2,
  almost = 1.2;

async function byStatistics(
  model: NetworkModel,
  norm: SeenInTraining,
  images: tf.Tensor4D,
  channels: number,
): Promise<RangeDoubt | "fits" | "unclear"> {
  const distanceOf = async (feed: (images: tf.Tensor) => tf.Tensor): Promise<number> => {
    const moments = tf.tidy(() => {
      const values = norm.before(feed(images)),
        { mean, variance } = tf.moments(
          values,
          Array.from({ length: values.rank - 1 }, (_, axis) => axis),
        );
      return tf.stack([mean, variance]);
    });
    try {
      const both = await moments.data(),
        count = both.length / 2;
      return distance(both.subarray(0, count), both.subarray(count), norm);
    } finally {
      moments.dispose();
    }
  };
  const now = await distanceOf((x) => model.preprocessed(x));
  const others: { feeding: Feeding; far: number }[] = [];
  for (const feeding of feedings(channels))
    others.push({ feeding, far: await distanceOf(preprocessor(feeding.preprocess, channels)) });
  const [best] = others.sort((a, b) => a.far - b.far);
  const far = usual(images.shape[0]);
  if (now <= far && now <= almost * best.far) return "fits";
  // Photographs of another kind are farther from all; a network that takes bytes is still told from one that does not.
  const clear = best.far <= far ? now > farther * best.far : best.far <= 3 * far && now > 2 * farther * best.far;
  if (now <= far || !clear) return "unclear";
  const two = `${best.far.toFixed(2)} against ${now < 1000 ? now.toFixed(2) : Math.round(now)}`;
  return {
    better: best.feeding,
    because: `that is nearer to what layer ${norm.layer} saw in training (distance ${two})`,
  };
}

/**
 * Of two normal distributions each: Kullback and Leibler's divergence, averaged over channels; what one channel adds is
 * bounded.
 */
function distance(mean: ArrayLike<number>, variance: ArrayLike<number>, trained: SeenInTraining): number {
  // A filter that died in training says nothing.
  const widest = Math.max(...Array.from(trained.variance));
  const each = Array.from(mean, (m, i) => ({ m, i, width: trained.variance[i] }))
    .filter(({ width }) => width > 1e-8 * widest)
    .map(({ m, i, width }) => {
      const ratio = variance[i] / width;
      return Math.min((ratio + (m - trained.mean[i]) ** 2 / width - 1 - Math.log(ratio)) / 2, 10);
    });
  return each.reduce((sum, value) => sum + value, 0) / each.length;
}

/** A network that divides by 255 itself takes bytes, and one that does not, does not. */
async function byRescaling(model: NetworkModel, { layer, scale }: Rescaling): Promise<RangeDoubt | undefined> {
  const wantsBytes = Math.abs(scale) < 0.05,
    getsBytes = (await spread(model)) > 20;
  if (wantsBytes === getsBytes || (!wantsBytes && Math.abs(scale) < 0.5)) return undefined;
  return {
    better: wantsBytes ? bytes : asTheyAre,
    because: `its ${layer} multiplies them by ${Number(scale.toPrecision(3))}`,
  };
}

/** How far apart black and white are in what the network gets. */
async function spread(model: NetworkModel): Promise<number> {
  const shape = [1, ...model.inputShape];
  const range = tf.tidy(() =>
    tf.max(tf.abs(tf.sub(model.preprocessed(tf.ones(shape)), model.preprocessed(tf.zeros(shape))))),
  );
  try {
    return (await range.data())[0];
  } finally {
    range.dispose();
  }
}

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
