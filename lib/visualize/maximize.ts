// Images that make an objective large: the optimizers, one step, the whole run.

import * as tf from "@tensorflow/tfjs";
import { adamDirection, corrections, nextMeans } from "../core/adam";
import { gradientNorm } from "./recipe-step";
import { valueAndInputGradient } from "../backend/input-gradient";
import type { ReluRule } from "../backend/relu-rule";
import type { VisionModel, ImageInput } from "../model/vision-model";
import { forward, type Demands, type ReadyTerm } from "./term";
import { type ReadyParametrization, fourier, type Parametrization } from "./parametrizations";
import {
  sampled,
  type Taps,
  afterwards,
  identity,
  defaultJitter,
  bilinearTaps,
  type Outside,
  jitter,
  type Transform,
} from "./transforms";
import { checkOptions, integer, number, oneOf, other, type Schema } from "../core/options";
import { checkModel, checkTakesImages, checkWeights } from "../model/checks";
import { withTensors } from "../core/tensors";
import { ready as backendReady } from "../backend";
import { repeated } from "../backend/graph/model-graphs";
import { badInput } from "../core/errors";
import { random, type Random } from "../core/random";
import { forIterate, iterate } from "./iterate";
import { Objective, ready } from "./objectives";
import type { Regularizer } from "./regularizers";
import {
  startImages,
  startsFor,
  initImageOption,
  visualizeOptions,
  type Visualization,
  type VisualizeOptions,
} from "./visualization";

/** Upward steps; state is what an optimizer remembers from step to step. */
interface Optimizer {
  /** Its memory before the first step. */
  begin(parameters: tf.Tensor4D): tf.Tensor[];
  /** What changes from step to step, as tensors. @param t from 0 */
  inputs(t: number): tf.Tensor[];
  /** Pure. */
  step(
    parameters: tf.Tensor4D,
    gradient: tf.Tensor4D,
    learningRate: tf.Scalar,
    memory: readonly tf.Tensor[],
    inputs: readonly tf.Tensor[],
  ): { parameters: tf.Tensor4D; memory: tf.Tensor[] };
}

const optimizerNames = ["adam", "ascent"] as const;
export type OptimizerName = (typeof optimizerNames)[number];

const optimizers: Readonly<Record<OptimizerName, Optimizer>> = {
  adam: {
    begin: (parameters) => [tf.zerosLike(parameters), tf.zerosLike(parameters)],
    inputs: (t) => corrections(t + 1),
    step(parameters, gradient, learningRate, [mean, square], corrected) {
      const means = nextMeans({ mean, square }, gradient),
        move = adamDirection(means, corrected);
      return { parameters: tf.add(parameters, tf.mul(learningRate, move)), memory: [means.mean, means.square] };
    },
  },
  /** η · g/‖g‖₂, each image by its own norm. */
  ascent: {
    begin: () => [],
    inputs: () => [],
    step: (parameters, gradient, learningRate) => ({
      parameters: tf.add(parameters, tf.mul(learningRate, tf.div(gradient, gradientNorm(gradient)))),
      memory: [],
    }),
  },
};

/** What a run consists of. */
interface Setup {
  readonly model: VisionModel;
  readonly parametrization: ReadyParametrization;
  readonly demands: Demands;
  readonly objective: ReadyTerm;
  readonly regularizers: readonly ReadyTerm[];
}

/**
 * As {@link gradientOf}; images that are silent and without a gradient get the one of the deconvolution rule, which
 * wakes units that a ReLU keeps at 0.
 * @param taps of this step's transforms; none: the network sees the images as they are
 * @param silent 1 for each image that may be, [images]; none: no image is
 */
function scoreAndGradient(
  setup: Setup,
  parameters: tf.Tensor4D,
  taps: Taps | undefined,
  silent: tf.Tensor1D | undefined,
): Scored {
  const scored = gradientOf(setup, parameters, taps, "standard");
  if (!silent) return scored;
  const waking = gradientOf(setup, parameters, taps, "deconvolution").gradient;
  const flat = tf.equal(tf.max(tf.abs(scored.gradient), [1, 2, 3], true), 0);
  const none = tf.mul(tf.cast(flat, "float32"), tf.reshape(silent, [-1, 1, 1, 1]));
  return { ...scored, gradient: tf.add(scored.gradient, tf.mul(none, waking)) };
}

interface Scored {
  readonly scores: tf.Tensor1D;
  readonly gradient: tf.Tensor4D;
}

/**
 * The objective of each image, and the gradient of objective − regularizers with respect to the parameters. Pure.
 */
function gradientOf(
  { model, parametrization, demands, objective, regularizers }: Setup,
  parameters: tf.Tensor4D,
  taps: Taps | undefined,
  rule: ReluRule,
): Scored {
  const kept: tf.Tensor[] = [];
  const keep = <T extends tf.Tensor>(tensor: T): T => {
    const one = tf.keep(tf.clone(tensor));
    kept.push(one);
    return one;
  };
  let made: tf.Tensor1D | undefined;
  try {
    const { gradient } = valueAndInputGradient(
      (at) => {
        const images = parametrization.images(at);
        const shown = taps ? sampled(images, taps) : images,
          seen = { images, shown, ...forward(model, shown, demands, kept) };
        const score = objective.value(seen, objective.inputs);
        made = keep(score);
        return regularizers.reduce<tf.Tensor1D>((sum, term) => tf.sub(sum, term.value(seen, term.inputs)), score);
      },
      parameters,
      rule,
    );
    return { scores: tf.clone(made!), gradient };
  } finally {
    tf.dispose(kept);
  }
}

export interface MaximizeOptions extends VisualizeOptions {
  /** Steps. Integer ≥ 1. Default: 200. */
  iterations?: number;
  /**
   * How many images. Those of the same target each begin with noise of their own, the first of every target with the
   * same. Integer ≥ 1. Default: one for each target of the objective.
   */
  images?: number;
  /** What is changed: pixels, or spectra. Default: parametrizations.fourier(). */
  parametrization?: Parametrization;
  /**
   * What is done to the images before the network sees them, in this order; drawn again for each step, the same for all
   * images. Default: jitter by 16 pixels, at most a seventh of the side.
   */
  transforms?: readonly Transform[];
  /** What is taken off the objective. Default: none. */
  regularizers?: readonly Regularizer[];
  /** `adam`, or `ascent`: steps of η · g/‖g‖₂. Default: "adam". */
  optimizer?: OptimizerName;
  /** η. Number above 0. Default: 0.05 with adam, 1 with ascent. */
  learningRate?: number;
  /** Where to begin: one image for all, or one for each, in the model's bounds. Default: faint noise. */
  initImage?: ImageInput;
}

export const maximizeOptions = {
  ...visualizeOptions(200),
  images: integer({ least: 1, rule: "one for each target of the objective", help: "how many images", flag: false }),
  parametrization: other<Parametrization>("parametrizations.fourier() or parametrizations.pixels()", {
    rule: "parametrizations.fourier()",
    help: "what is changed: pixels, or spectra",
  }),
  transforms: other<readonly Transform[]>("an array of transforms", {
    rule: "jitter by 16 pixels, at most a seventh of the side",
    help: "what is done to the images before the network sees them, in this order",
  }),
  regularizers: other<readonly Regularizer[]>("an array of regularizers", { help: "what is taken off the objective" }),
  optimizer: oneOf(optimizerNames, { default: "adam", help: "how the images move by their gradients" }),
  learningRate: number({ above: 0, rule: "0.05 with adam, 1 with ascent", help: "length of a step", traced: "input" }),
  initImage: initImageOption("faint noise"),
} satisfies Schema<MaximizeOptions>;

/**
 * Images that make an objective large: feature visualization by optimization (Olah, Mordvintsev & Schubert 2017,
 * "Feature Visualization", doi:10.23915/distill.00007). A unit behind a ReLU that is silent has no gradient: until it
 * responds, whatever would raise it is passed back through silent ReLUs too (the rule of deconvolution).
 * @param objective what `objectives` makes: a logit, a channel, a neuron, a direction, a deep dream, or sums of them
 * @returns images in the model's bounds, and the objective's values
 * @throws BadInputError, InterruptedError; `lastVisualization` then has the best images so far
 */
export async function maximize(
  model: VisionModel,
  objective: Objective,
  options: MaximizeOptions = {},
): Promise<Visualization> {
  checkModel(model);
  checkTakesImages(model, "maximize");
  if (!(objective instanceof Objective))
    badInput({
      what: "objective",
      got: objective,
      allowed: "an objective",
      remedy: 'objectives.channel("conv1", 3) makes one.',
    });
  const [height, width] = model.inputShape;
  const all = checkOptions(maximizeOptions, options),
    checked = forIterate(all),
    { optimizer, initImage } = all;
  const {
    images = objective.count ?? 1,
    transforms = [jitter(defaultJitter(height, width))],
    regularizers = [],
    parametrization = fourier(),
    learningRate = optimizer === "adam" ? 0.05 : 1,
  } = all;
  checkList("transforms", transforms, "draw");
  checkList("regularizers", regularizers, "prepare");
  if (typeof parametrization?.prepare !== "function")
    badInput({
      what: "parametrization",
      got: parametrization,
      allowed: "parametrizations.fourier() or parametrizations.pixels()",
    });
  await backendReady();
  await checkWeights(model);
  return withTensors(async (own) => {
    const terms = ready([objective, ...regularizers].map((term) => () => term.prepare(model, images)));
    terms.forEach(({ inputs }) => inputs.forEach(own));
    const wanted = [objective, ...regularizers].map((term) => term.demands);
    const setup: Setup = {
      model,
      objective: terms[0],
      regularizers: terms.slice(1),
      parametrization: parametrization.prepare(model, own),
      demands: {
        logits: wanted.some(({ logits }) => logits),
        layers: [...new Set(wanted.flatMap(({ layers }) => layers))],
      },
    };
    const rate = own(tf.scalar(learningRate)),
      chance = random(checked.seed, 0x7a4);
    const { begin, inputs, step } = optimizers[optimizer],
      { constrain } = setup.parametrization;
    const score = repeated(
      { pure: model.pure === true && regularizers.every(({ pure }) => pure !== false) },
      { times: checked.iterations },
      (at: tf.Tensor4D, taps: Taps | undefined, silent: tf.Tensor1D | undefined) =>
        scoreAndGradient(setup, at, taps, silent),
    );
    const start = await startParameters(setup, targetsOf(objective, images, model), initImage, checked.seed);
    return iterate(
      {
        label: "maximize",
        iterations: checked.iterations,
        state: [start, ...begin(start)],
        step: ([parameters, ...memory], t, last) => {
          const taps = drawTaps(transforms, chance, [height, width]);
          const silent = last?.includes(0) ? tf.tensor1d(last.map((score) => Number(score === 0))) : undefined;
          const { scores, gradient } = score.run(parameters as tf.Tensor4D, taps, silent);
          const next = step(parameters as tf.Tensor4D, gradient, rate, memory, inputs(t));
          return { state: [constrain ? constrain(next.parameters) : next.parameters, ...next.memory], scores };
        },
        images: ([parameters]) => setup.parametrization.images(parameters as tf.Tensor4D),
      },
      checked,
    ).finally(() => score.dispose());
  });
}

/** What each image is for, as texts that are equal where the targets are, by whatever name. */
function targetsOf({ targets }: Objective, images: number, { classNames }: VisionModel): string[] {
  const isName = (value: unknown): value is string => typeof value === "string" && classNames.includes(value);
  const byIndex = (_: string, value: unknown): unknown => (isName(value) ? classNames.indexOf(value) : value);
  return Array.from({ length: images }, (_, i) => JSON.stringify([targets?.[i]], byIndex));
}

async function startParameters(
  { model, parametrization }: Setup,
  targets: readonly unknown[],
  initImage: ImageInput | undefined,
  seed: number,
): Promise<tf.Tensor4D> {
  if (initImage === undefined) return startsFor(targets, (count) => parametrization.start(count, seed));
  const given = await startImages(initImage, model, targets.length);
  try {
    return parametrization.of(given);
  } finally {
    given.dispose();
  }
}

/** All transforms of one step as one. */
function drawTaps(transforms: readonly Transform[], chance: Random, size: readonly [number, number]): Taps | undefined {
  if (transforms.length === 0) return undefined;
  const outside = transforms.reduce<Outside>((last, transform) => transform.outside ?? last, "wrap");
  return bilinearTaps(
    transforms.reduce((done, transform) => afterwards(done, transform.draw(chance, size)), identity),
    size,
    outside,
  );
}

function checkList(what: string, list: unknown, method: string): void {
  const fits =
    Array.isArray(list) &&
    list.every((item) => typeof (item as Record<string, unknown> | undefined)?.[method] === "function");
  if (!fits) badInput({ what, got: list, allowed: `an array of ${what}`, remedy: `vitrine's own are in ${what}.` });
}
