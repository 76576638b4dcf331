import * as tf from "@tensorflow/tfjs";
import { FileError } from "../../core/errors";
import { imagenetNormalization } from "../named-preprocess";
import { byChannel, preprocessor } from "../preprocess";
import { googlenet, torchvisionGooglenetKey } from "./googlenet";
import type { PlanBuilder, Slot } from "./plan-builder";
import { squeezenet, torchvisionSqueezenetKey } from "./squeezenet";
import { torchvisionVgg16Key, vgg16 } from "./vgg";
import { visionTransformer } from "./vision-transformer";
import type { WeightSourceOptions } from "./weight-source";

/** A network as some file stores it: how it is told from others, laid out, and fed. */
export interface WeightForm extends WeightSourceOptions {
  readonly architecture: string;
  /** A tensor that only files of this form hold. */
  readonly sign: string;
  build(plan: PlanBuilder): Slot;
  readonly preprocess: (images: tf.Tensor) => tf.Tensor;
}

const normalized = preprocessor(imagenetNormalization, 3);

/** Caffe's networks take values up to 255 less the training set's mean. @param mean red, green, blue */
const centred =
  (mean: number[]) =>
  (images: tf.Tensor): tf.Tensor =>
    tf.tidy(() => byChannel(tf.mul(images, 255), tf.sub, mean));

const forms: readonly WeightForm[] = [
  {
    architecture: "squeezenet1_1",
    sign: "fire2/squeeze1x1.weight",
    layout: "HWIO",
    build: (plan) => squeezenet(plan, true),
    preprocess: centred([123.68, 116.779, 103.939]),
  },
  {
    architecture: "squeezenet1_1",
    sign: "features.3.squeeze.weight",
    layout: "OIHW",
    keyOf: torchvisionSqueezenetKey,
    build: (plan) => squeezenet(plan, false),
    preprocess: normalized,
  },
  {
    architecture: "googlenet",
    sign: "inception_3a/1x1.weight",
    layout: "HWIO",
    build: (plan) => googlenet(plan, "caffe"),
    preprocess: centred([123, 117, 104]),
  },
  {
    architecture: "googlenet",
    sign: "inception3a.branch1.conv.weight",
    layout: "OIHW",
    keyOf: torchvisionGooglenetKey,
    build: (plan) => googlenet(plan, "torchvision"),
    preprocess: normalized,
  },
  {
    architecture: "vgg16",
    sign: "features.28.weight",
    layout: "OIHW",
    keyOf: torchvisionVgg16Key,
    build: vgg16,
    preprocess: normalized,
  },
  {
    architecture: "deit",
    sign: "patch_embed.proj.weight",
    layout: "OIHW",
    build: visionTransformer,
    preprocess: normalized,
  },
];

/** @throws FileError where the tensors are of no network known here */
export function weightForm(file: string, names: { has(name: string): boolean }): WeightForm {
  return forms.find(({ sign }) => names.has(sign)) ?? unknown(file);
}

function unknown(file: string): never {
  const known = [...new Set(forms.map(({ architecture }) => architecture))].join(", ");
  throw new FileError(
    file,
    `holds the weights of no network that is built here; those are: ${known}`,
    "Convert the whole network to a TensorFlow.js model.json instead.",
  );
}
