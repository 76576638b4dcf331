import * as tf from "@tensorflow/tfjs";
import { checkInteger, checkOneOf, checkPositive } from "../core/check-options";
import { checkModel, checkTakesImages } from "../model/check-model";
import { withTensors } from "../core/tensors";
import { ready as backendReady } from "../backend";
import { repeated } from "../backend/compile/repeated";
import { badInput } from "../core/errors";
import { checkWeights } from "../model/finite";
import type { ImageInput, VisionModel } from "../model/vision-model";
import { random, type Random } from "../core/random";
import { afterwards, identity } from "./affine";
import { defaultJitter } from "./default-jitter";
import { fourier } from "./fourier";
import { checkedVisualizeOptions, iterate } from "./iterate";
import { scoreAndGradient, type Setup } from "./maximize-step";
import { Objective, ready } from "./objective";
import { optimizerNames, optimizers, type OptimizerName } from "./optimizers";
import type { Parametrization } from "./parametrization";
import type { Regularizer } from "./regularizers";
import { bilinearTaps, type Outside, type Taps } from "./sampler";
import { startImages } from "./start-images";
import { startsFor } from "./starts";
import { jitter, type Transform } from "./transforms";
import type { Visualization, VisualizeOptions } from "./visualization";

export interface MaximizeOptions extends VisualizeOptions {
  /** Steps. Integer ≥ 1. Default: 200. */
  iterations?: number;
  /**
   * How many images. Those of the same target each begin with noise of their own, the first of every target with the
   * same.
   * Integer ≥ 1. Default: one for each target of the objective.
   */
  images?: number;
  /** What is changed: pixels, or spectra. Default: `parametrizations.fourier()`. */
  parametrization?: Parametrization;
  /**
   * What is done to the images before the network sees them, in this order; drawn again for each step, the same for all
   * images. Default: jitter by 16 pixels, or a seventh of the side where that is less.
   */
  transforms?: readonly Transform[];
  /** What is taken off the objective. Default: none. */
  regularizers?: readonly Regularizer[];
  /** `adam`, or `ascent`: steps of η · g/‖g‖₂. Default: `adam`. */
  optimizer?: OptimizerName;
  /** η. Number above 0. Default: 0.05 with `adam`, 1 with `ascent`. */
  learningRate?: number;
  /** Where to begin: one image for all, or one for each, in the model's bounds. Default: faint noise, see `images`. */
  initImage?: ImageInput;
}

/**
 * Images that make an objective large: feature visualization by optimization (Olah, Mordvintsev & Schubert 2017,
 * "Feature
 * Visualization", doi:10.23915/distill.00007). A unit behind a ReLU that is silent has no gradient: until it responds,
 * whatever
 * would raise it is passed back through silent ReLUs too (the rule of deconvolution).
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
  const {
    images = objective.count ?? 1,
    transforms = [jitter(defaultJitter(height, width))],
    regularizers = [],
    parametrization = fourier(),
    initImage,
  } = options;
  const optimizer = checkOneOf("optimizer", options.optimizer ?? "adam", optimizerNames);
  const learningRate = options.learningRate ?? (optimizer === "adam" ? 0.05 : 1);
  const checked = checkedVisualizeOptions(options, 200);
  checkInteger("images", images);
  checkPositive("learningRate", learningRate);
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
    const all = [objective, ...regularizers].map((term) => term.demands);
    const setup: Setup = {
      model,
      objective: terms[0],
      regularizers: terms.slice(1),
      parametrization: parametrization.prepare(model, own),
      demands: { logits: all.some(({ logits }) => logits), layers: [...new Set(all.flatMap(({ layers }) => layers))] },
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
