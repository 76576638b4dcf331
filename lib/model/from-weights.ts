// Weights alone, of PyTorch or by random numbers, in a known architecture.
import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { FileError, badInput } from "../core/errors";
import { checkOptions, integer, oneOf, pickOptions, text, type Schema } from "../core/options";
import { fetchOptions, forgottenIfWrong, type FetchOptions } from "../data/fetch-bytes";
import { imagenetClassNames } from "../data/imagenet-classes";
import { endingOf, nameOf, type FileSource } from "../data/file-source";
import type { NdArray } from "../data/nd-array";
import { decodeNumpyPickle } from "../data/numpy-pickle";
import { decodePth } from "../data/pth";
import { readBytes } from "../data/read-bytes";
import { decodeSafetensors } from "../data/safetensors";
import { weightForm } from "./architectures/catalog";
import { PlanBuilder, type ClassReadout, type Locality, type NetworkStep } from "./architectures/plan-builder";
import { WeightSource } from "./architectures/weight-source";
import { NetworkModel, type Network, type RunOptions } from "./network-model";
import { imagenetNormalization, normalizationOf, preprocessor } from "./preprocess";
import { networkOptions, outputKinds, type OutputKind, type Preprocess } from "./network-options";
import { checkClassNames } from "./outputs";
import type { Model, VisionModel, LayerInfo, LocalLayers } from "./vision-model";
import { runPlan, type Plan } from "./step-plan";
import { random } from "../core/random";

export interface FromWeightsOptions extends FetchOptions {
  /** What it is called, for people. Default: the architecture's name. */
  name?: string;
  /** One name per output. Default: ImageNet's where there are 1,000, else `class 0`, `class 1`, … */
  classNames?: readonly string[];
  /** What the outputs are. Default: "softmax", the logits of classes. */
  output?: OutputKind;
  /**
   * What these weights want done to images, where they were trained on others than the published ones. Default: as the
   * published ones.
   */
  preprocess?: Preprocess;
  /** The range of values that callers give, before `preprocess`. Default: [0, 1]. */
  bounds?: readonly [number, number];
  /** Random weights in place of the file's, by this seed. Integer ≥ 0. Default: the file's. */
  untrained?: number;
}

const { classNames, output, preprocess, bounds } = networkOptions;

export const fromWeightsOptions = {
  ...fetchOptions,
  name: text({ words: "a text", rule: "the architecture's name", help: "what it is called, for people" }),
  classNames: { ...classNames, rule: "ImageNet's where there are 1,000, else class 0, class 1, …" },
  output: oneOf(outputKinds, { default: "softmax", help: output.help }),
  preprocess: { ...preprocess, rule: "as the published ones" },
  bounds: { ...bounds, rule: "[0, 1]" },
  untrained: integer({ least: 0, rule: "the file's", help: "random weights in place of the file's, by this seed" }),
} satisfies Schema<FromWeightsOptions>;

const inputShape = [224, 224, 3] as const;

const readers: Record<string, (bytes: Uint8Array, name: string) => Map<string, NdArray>> = {
  ".safetensors": decodeSafetensors,
  ".pth": decodePth,
  ".pt": decodePth,
  ".pkl": decodeNumpyPickle,
};

export const isWeightsFile = (file: FileSource): boolean => endingOf(nameOf(file)) in readers;

/**
 * A network that is built here, with the weights of a file: SqueezeNet 1.1 and GoogLeNet (Caffe's or torchvision's
 * weights), VGG-16 (torchvision's, of any width), DeiT (of any width and depth). Which of them it is, the tensors'
 * names tell.
 * @param source `.safetensors`, `.pth` or `.pt` (a state dict, PyTorch's zip or legacy format), `.pkl` (NumPy arrays)
 * @throws FileError naming the tensor that is missing or of a wrong shape, or what a pickle asks for beyond tensors;
 *   BadInputError where classNames do not fit
 */
export async function fromWeights(source: FileSource, options: FromWeightsOptions = {}): Promise<VisionModel> {
  const checked = checkOptions(fromWeightsOptions, options),
    { untrained, output, preprocess, bounds = [0, 1] } = checked;
  const file = nameOf(source),
    read = readers[endingOf(file)];
  if (!read)
    badInput({
      what: "the weights file",
      got: file,
      allowed: `a name that ends in ${Object.keys(readers).join(", ")}`,
    });
  await ready();
  const arrays = await forgottenIfWrong(source, async () =>
    read(await readBytes(source, pickOptions(fetchOptions, checked)), file),
  );
  const form = weightForm(file, arrays);
  const weights = new WeightSource(file, untrained === undefined ? arrays : randomArrays(arrays, untrained), form);
  try {
    const plan = new PlanBuilder(weights);
    const scores = form.build(plan);
    const units = scores.channels;
    const classNames = checkClassNames(
      checked.classNames ?? (units === imagenetClassNames.length ? imagenetClassNames : undefined),
      output,
      units,
      file,
    );
    const network = new PlannedNetwork(
      { steps: plan.steps, output: scores.slot },
      weights.made,
      inputShape,
      plan.readout,
      plan.locality,
    );
    return new NetworkModel(network, {
      name: checked.name ?? form.architecture,
      inputShape,
      bounds,
      output,
      units,
      classNames,
      preprocess: preprocess === undefined ? form.preprocess : preprocessor(preprocess, inputShape[2], checked.bounds),
      normalization: preprocess === undefined ? imagenetNormalization : normalizationOf(preprocess),
    }) as Model as VisionModel;
  } catch (error) {
    tf.dispose(weights.made);
    if (error instanceof RangeError)
      throw new FileError(file, `holds a network that cannot be built: ${error.message}`);
    throw error;
  }
}

/** A network written here (architectures/), with its weights, which it owns. */
class PlannedNetwork implements Network {
  private known?: readonly LayerInfo[];

  constructor(
    private readonly plan: Plan<NetworkStep>,
    private readonly owned: readonly tf.Tensor[],
    private readonly inputShape: readonly [number, number, number],
    private readonly readout?: ClassReadout,
    private readonly locality?: Locality,
  ) {}

  /** Found by running the network once, when first asked for. */
  get layers(): readonly LayerInfo[] {
    return (this.known ??= tf.tidy(() => {
      const shapes = new Map<string, number[]>();
      this.run(tf.zeros([1, ...this.inputShape]), {
        tap: (layer, output) => {
          shapes.set(layer, output.shape.slice(1));
          return output;
        },
      });
      return this.plan.steps.map(({ name, kind }) => ({ name, kind, outputShape: shapes.get(name)! }));
    }));
  }

  run(input: tf.Tensor, options: RunOptions = {}): tf.Tensor {
    return runPlan(this.plan, (step, inputs) => [step.apply(inputs)], input, options);
  }

  get local(): LocalLayers | undefined {
    const {
      locality,
      readout,
      inputShape: [height, width],
    } = this;
    if (!locality || !readout) return undefined;
    const { layer, stride, ...rest } = locality;
    return {
      ...rest,
      stride,
      cells: [height / stride - 1, width / stride - 1],
      maps: (images) => this.run(images, { until: layer }) as tf.Tensor4D,
      targetLogits: (maps, oneHot) => readout.logit(this.run(maps, { from: layer, until: readout.after }), oneHot),
    };
  }

  targetLogits(input: tf.Tensor4D, oneHot: tf.Tensor2D): tf.Tensor1D | undefined {
    return this.readout?.logit(this.run(input, { until: this.readout.after }), oneHot);
  }

  dispose(): void {
    tf.dispose([...this.owned]);
  }
}

/**
 * Values that know nothing of the training: kernels normal with mean 0 and the trained kernel's own root mean square,
 * since networks differ in the scale of what they take (0 to 255, or normalised); gains and variances 1, biases and
 * means 0.
 * @param name the tensor's own, which tells a bias from a gain
 */
function valuesOf(
  name: string,
  shape: readonly number[],
  trained: ArrayLike<number>,
  seeds: readonly number[],
): Float32Array {
  if (shape.length < 2) return new Float32Array(trained.length).fill(/(bias|beta|mean)(:\d+)?$/.test(name) ? 0 : 1);
  let squares = 0;
  for (let i = 0; i < trained.length; i++) squares += trained[i] ** 2;
  const size = Math.sqrt(squares / trained.length),
    source = random(...seeds);
  return Float32Array.from({ length: trained.length }, () => size * source.normal());
}

/** The arrays of a weights file with random values in place of the trained ones. */
export function randomArrays(arrays: ReadonlyMap<string, NdArray>, seed: number): Map<string, NdArray> {
  return new Map(
    [...arrays].map(([name, { shape, data }], i) => [
      name,
      { dtype: "float32", shape, data: valuesOf(name, shape, data as Float32Array, [seed, i]) },
    ]),
  );
}

/** Gives a network random weights in place of its trained ones. */
export async function randomizeLayers(model: tf.LayersModel, seed: number): Promise<void> {
  const trained = await Promise.all(
    model.getWeights().map(async (weight) => ({ shape: weight.shape, values: await weight.data() })),
  );
  const fresh = model.weights.map((weight, i) =>
    tf.tensor(
      valuesOf(weight.originalName ?? weight.name, trained[i].shape, trained[i].values, [seed, i]),
      trained[i].shape,
    ),
  );
  model.setWeights(fresh);
  tf.dispose(fresh);
}
