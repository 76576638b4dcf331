import type * as tfTypes from "@tensorflow/tfjs";
import type { VisionModel } from "../../../lib";
import type { LabelledPixels } from "../../../lib/training/recording/training-data";
import type { Method, MethodOptions } from "../workloads";
import { untrained } from "./inputs";
import { evaluate, tf, train, vitrine } from "./library";

export interface Inputs {
  /** Missing where a network is trained. */
  readonly model?: VisionModel;
  readonly images?: tfTypes.Tensor4D;
  readonly labels: readonly number[];
  readonly pixels: LabelledPixels;
  readonly test?: LabelledPixels;
}

/** What a run made; the values are read when they are asked for. */
export interface Outcome {
  readonly values: () => Promise<tfTypes.Tensor> | tfTypes.Tensor;
  readonly work?: number;
  dispose(): void;
}

/** Ready to run; what is made once (a compiled function) is made here. */
export type Prepared = (options: MethodOptions) => Promise<Outcome>;

const one = (tensor: tfTypes.Tensor, work?: number): Outcome => ({
  values: () => tf.clone(tensor),
  work,
  dispose: () => tensor.dispose(),
});
const result = (made: { values: tfTypes.Tensor; dispose(): void }): Outcome => ({
  values: () => tf.clone(made.values),
  dispose: () => made.dispose(),
});
const change = (made: { raw: tfTypes.Tensor; dispose(): void }, from: tfTypes.Tensor, work?: number): Outcome => ({
  values: () => tf.sub(made.raw, from),
  work,
  dispose: () => made.dispose(),
});

type Prepare = (inputs: Inputs & { model: VisionModel; images: tfTypes.Tensor4D }) => Prepared;

/** Each method as a user calls it. */
const methods: Record<Exclude<Method, "train">, Prepare> = {
  logits:
    ({ model, images }) =>
    async () =>
      one(model.logits(images)),
  gradient: ({ model, images, labels }) => {
    const oneHot = tf.oneHot(tf.tensor1d([...labels], "int32"), model.classNames.length).toFloat() as tfTypes.Tensor2D;
    const gradient = vitrine.compile(
      (x: tfTypes.Tensor4D, classes: tfTypes.Tensor2D) =>
        tf.grad((at) => tf.sum(model.targetLogits!(at as tfTypes.Tensor4D, classes)))(x),
      { abstract: true },
    );
    return async () => one(gradient(images, oneHot));
  },
  saliency:
    ({ model, images, labels }) =>
    async (options) =>
      result(await vitrine.saliency(model, images, { target: labels, ...options })),
  "guided-backprop":
    ({ model, images, labels }) =>
    async (options) =>
      result(await vitrine.guidedBackprop(model, images, { target: labels, ...options })),
  "integrated-gradients":
    ({ model, images, labels }) =>
    async (options) =>
      result(await vitrine.integratedGradients(model, images, { target: labels, ...options })),
  smoothgrad:
    ({ model, images, labels }) =>
    async (options) =>
      result(await vitrine.smoothGrad(model, images, { target: labels, ...options })),
  occlusion:
    ({ model, images, labels }) =>
    async ({ window, stride, ...options }) =>
      result(
        await vitrine.occlusion(model, images, {
          target: labels,
          window: window as number,
          stride: stride as number,
          ...options,
        }),
      ),
  "class-visualization":
    ({ model, images }) =>
    async ({ class: target, fromPhotograph, ...options }) => {
      const made = await vitrine.classVisualization(model, target as number, {
        ...options,
        ...(fromPhotograph === true && { initImage: images }),
      });
      return change({ raw: made.image, dispose: () => made.dispose() }, images);
    },
  fooling:
    ({ model, images }) =>
    async ({ class: target, ...options }) => {
      const made = await vitrine.fooling(model, images, { target: target as number, ...options });
      return change(made, images, made.iterations[0]);
    },
  pgd:
    ({ model, images }) =>
    async ({ epsilon, ...options }) =>
      change(await vitrine.pgd(model, images, { epsilon: epsilon as number, ...options }), images),
};

export function prepare(method: Method, inputs: Inputs): Prepared {
  if (method === "train") return training(inputs);
  return methods[method](inputs as Inputs & { model: VisionModel; images: tfTypes.Tensor4D });
}

/** @returns what trains a network from scratch and tells how right it is on the test images */
function training({ pixels, test }: Inputs): Prepared {
  return async ({ dropout, images, ...options }) => {
    const count = (images as number | undefined) ?? pixels.labels.length,
      size = pixels.shape.reduce((a, b) => a * b);
    const network = untrained(dropout as number, options.seed as number);
    await train(
      network,
      { ...pixels, pixels: pixels.pixels.subarray(0, count * size), labels: Array.from(pixels.labels).slice(0, count) },
      { epochs: 1, ...options },
    );
    return {
      values: async () => tf.tensor1d([(await evaluate(network, test!)).accuracy]),
      dispose: () => network.dispose(),
    };
  };
}
