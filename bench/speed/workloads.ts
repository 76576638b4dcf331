/** The networks, by the names of the registry; `deep-network` is the one that is trained, from random weights. */
export type NetworkName = "squeezenet1_1" | "deit_tiny" | "fashion-deep" | "deep-network";

export type Method =
  | "logits"
  | "gradient"
  | "saliency"
  | "guided-backprop"
  | "integrated-gradients"
  | "smoothgrad"
  | "occlusion"
  | "class-visualization"
  | "fooling"
  | "pgd"
  | "train";

/** Options in the words of Vitrine's public functions. Both sides read them. */
export type MethodOptions = Readonly<Record<string, number | string | boolean | readonly number[]>>;

export interface Workload {
  readonly name: string;
  readonly network: NetworkName;
  readonly method: Method;
  /** How many images; pictures in the training set for `train`. */
  readonly images: number;
  readonly options: MethodOptions;
  /** Theirs / ours that is aimed at. */
  readonly target: number;
  /** Timed repetitions. Default: 5; fewer where one takes many seconds. */
  readonly repetitions?: number;
  /**
   * Fresh processes of each side, among which the repetitions are divided: short runs take longer in some than in
   * others. Default: 1.
   */
  readonly processes?: number;
  /** Perturbed images at once, of which the best is found for theirs; `none`: there is no such setting. */
  readonly batches?: readonly number[];
  /** Options of the runs that find theirs' best settings, where the whole would take too long. Default: as timed. */
  readonly tuning?: MethodOptions & { readonly images?: number };
  /** What is compared: the timed runs' own result, or one step from a state that both share. */
  readonly check: Check;
  /** How often an image goes forward only, and forward and back, in one run: FLOPs are counted by it. */
  readonly passes: { readonly forward: number; readonly gradient: number };
}

export interface Check {
  /** Options that differ from the timed runs'. Default: what was timed is compared. */
  readonly options?: MethodOptions;
  /**
   * `largest`: the largest difference, relative to the largest value. `mean`: the mean difference, for signs, which tip
   * over where a gradient is 0 but for rounding, and for max-pooling's near-ties. `accuracy`: within one point.
   */
  readonly by: "largest" | "mean" | "accuracy";
}

const asTimed: Check = { by: "largest" };
/** Windows of a side that slide over 224 pixels. */
const windows = (window: number, stride: number): number => (Math.ceil((224 - window) / stride) + 1) ** 2;

function gradients(
  name: string,
  method: Method,
  images: number,
  target: number,
  more: Partial<Workload> = {},
): Workload {
  return {
    name,
    network: "squeezenet1_1",
    method,
    images,
    options: {},
    target,
    check: asTimed,
    passes: { forward: 0, gradient: images },
    ...more,
  };
}

function occluded(
  name: string,
  network: NetworkName,
  window: number,
  stride: number,
  target: number,
  more: Partial<Workload> = {},
): Workload {
  const images = 5;
  return {
    name,
    network,
    method: "occlusion",
    images,
    options: { window, stride },
    target,
    batches: [2, 5, 10],
    check: asTimed,
    passes: { forward: images * (1 + windows(window, stride)), gradient: 0 },
    ...more,
  };
}

const integrated = { steps: 50 },
  fewImages = 5;

export const workloads: readonly Workload[] = [
  gradients("forward-1", "logits", 1, 1.0, { passes: { forward: 1, gradient: 0 }, repetitions: 200, processes: 4 }),
  gradients("forward-25", "logits", 25, 1.1, { passes: { forward: 25, gradient: 0 }, repetitions: 20, processes: 4 }),
  gradients("gradient-1", "gradient", 1, 1.1, { repetitions: 200, processes: 4 }),
  gradients("gradient-25", "gradient", 25, 1.3, { repetitions: 20, processes: 4 }),
  gradients("saliency-25", "saliency", 25, 1.3, { repetitions: 20, processes: 4 }),
  gradients("guided-backprop-25", "guided-backprop", 25, 1.3, { repetitions: 20, processes: 4 }),
  gradients("ig-50x5", "integrated-gradients", fewImages, 1.3, {
    options: integrated,
    batches: [10, 25, 50],
    tuning: { images: 1 },
    passes: { forward: 2 * fewImages, gradient: 50 * fewImages },
  }),
  gradients("smoothgrad-50x5", "smoothgrad", fewImages, 1.3, {
    options: { samples: 50, sigma: 0.15, seed: 1 },
    batches: [2, 5, 10],
    tuning: { samples: 10 },
    passes: { forward: 0, gradient: 50 * fewImages },
    // Captum draws its noise in one call, which is given ours, and 250 images at once take gigabytes.
    check: { by: "largest", options: { samples: 4 } },
  }),
  occluded("occlusion-32-16x5", "squeezenet1_1", 32, 16, 1.5, { tuning: { stride: 32 } }),
  occluded("occlusion-8-4x5", "squeezenet1_1", 8, 4, 2.0, {
    repetitions: 1,
    tuning: { stride: 8, window: 8, images: 1 },
  }),
  {
    name: "class-visualization-200",
    network: "squeezenet1_1",
    method: "class-visualization",
    images: 1,
    target: 1.1,
    options: {
      iterations: 200,
      learningRate: 25,
      l2Regularization: 1e-3,
      blurEvery: 10,
      blurSigma: 0.5,
      jitter: 16,
      seed: 3,
      class: 76,
    },
    tuning: { iterations: 20 },
    repetitions: 3,
    check: { by: "largest", options: { iterations: 1, fromPhotograph: true } },
    passes: { forward: 0, gradient: 200 },
  },
  {
    name: "fooling",
    network: "squeezenet1_1",
    method: "fooling",
    images: 1,
    target: 1.1,
    options: { class: 6, learningRate: 1, maxIterations: 100 },
    repetitions: 30,
    processes: 4,
    // One step; how many steps the whole takes is compared besides. Of this gradient the largest difference from double
    // precision is 0.009 for PyTorch and 0.016 for Vitrine, at 37 and 76 of 50,176 pixels, where max-pooling has two
    // equals but for rounding; the mean one 3e-4 and 8e-4.
    check: { by: "mean", options: { maxIterations: 1 } },
    passes: { forward: 0, gradient: 1 },
  },
  {
    name: "pgd-40x25",
    network: "squeezenet1_1",
    method: "pgd",
    images: 25,
    target: 1.2,
    options: { epsilon: 8 / 255, steps: 40, stepSize: 8 / 255 / 30, randomStart: true, seed: 1 },
    tuning: { steps: 2 },
    repetitions: 2,
    check: { by: "mean", options: { steps: 1, randomStart: false } },
    passes: { forward: 50, gradient: 40 * 25 },
  },
  gradients("deit-saliency-5", "saliency", fewImages, 1.0, { network: "deit_tiny", repetitions: 20, processes: 4 }),
  gradients("deit-ig-5", "integrated-gradients", fewImages, 1.0, {
    network: "deit_tiny",
    options: integrated,
    batches: [10, 25, 50],
    tuning: { images: 1 },
    repetitions: 3,
    passes: { forward: 2 * fewImages, gradient: 50 * fewImages },
  }),
  occluded("deit-occlusion-5", "deit_tiny", 32, 16, 1.2, { repetitions: 2, tuning: { stride: 32, window: 32 } }),
  {
    name: "fashion-epoch",
    network: "deep-network",
    method: "train",
    images: 60_000,
    target: 1.2,
    options: { epochs: 1, batchSize: 64, learningRate: 1e-3, dropout: 0.3, seed: 1 },
    tuning: { images: 6_400 },
    repetitions: 2,
    check: { by: "accuracy" },
    passes: { forward: 0, gradient: 60_000 },
  },
  {
    name: "fashion-ig-1000",
    network: "fashion-deep",
    method: "integrated-gradients",
    images: 1000,
    target: 1.2,
    // Captum takes all images at once unless the caller cuts them into parts, which is what is tuned here.
    options: integrated,
    batches: [4, 10, 20],
    tuning: { images: 40 },
    repetitions: 2,
    check: asTimed,
    passes: { forward: 2000, gradient: 50_000 },
  },
];
