import * as tf from "@tensorflow/tfjs";
import { type Target, resolveTarget } from "../model/target";
import { checkInteger, checkOptions, integer, number, oneOf, other, stepKey, type Schema } from "../core/options";
import { checkModel, checkTakesImages, checkWeights } from "../model/checks";
import { withTensors } from "../core/tensors";
import { ready } from "../backend";
import { repeated } from "../backend/graph/model-graphs";
import { badInput } from "../core/errors";
import { targetRows } from "../model/outputs";
import type { ImageInput, VisionModel } from "../model/vision-model";
import { random, type Random } from "../core/random";
import { defaultJitter, jitterRule } from "./transforms";
import { blurMatrix } from "../core/gaussian-blur";
import { forIterate, iterate } from "./iterate";
import { noise } from "../core/noise";
import {
  normalizedSpace,
  penalties,
  recipeStep,
  recipeSteps,
  type Penalty,
  type RecipeInputs,
  type RecipeSpace,
  type RecipeStep,
  rearranged,
  rollOf,
  type Roll,
} from "./recipe-step";
import {
  startImages,
  startsFor,
  initImageOption,
  visualizeOptions,
  type Visualization,
  type VisualizeOptions,
} from "./visualization";

/** Where a run ended, so that another goes on from there as if it were one: plain numbers, to be kept in a file. */
export interface ClassVisualizationState {
  /** Iterations done. */
  readonly iteration: number;
  /** [images, height, width, channels] */
  readonly shape: readonly [number, number, number, number];
  /** The images in the normalised space, as they lie. */
  readonly x: Float32Array;
  /** How far they are rolled down and right, in pixels. */
  readonly rolled: readonly [number, number];
  /** Of `accumulated` steps: the sum of gradients. */
  readonly sum?: Float32Array;
}

/** What {@link classVisualization} returns: {@link Visualization}, and where it ended. */
export interface ClassVisualization extends Visualization {
  readonly state: ClassVisualizationState;
}

export interface ClassVisualizationOptions extends VisualizeOptions {
  /** Steps. Integer ≥ 1. Default: 100. */
  iterations?: number;
  /** λ, the weight of the penalty against the logit. Number ≥ 0. Default: 0.001. */
  l2Regularization?: number;
  /** What is kept small: `squared`, λ‖x‖²; `norm`, λ‖x‖. Default: "squared". */
  penalty?: Penalty;
  /**
   * η. Number above 0. Default: 25. Published: 25 and 5 for `normalized` and `plain` steps, 4e-3 and 9e-4 for
   * `accumulated` ones.
   */
  learningRate?: number;
  /**
   * How an image moves by its gradient g: `normalized`, η · g/‖g‖₂, by its own norm; `plain`, η · g; `accumulated`, η ·
   * Σ g, the sum of this and all earlier gradients, a momentum of 1: what PyTorch does where nothing sets the gradient
   * back to zero. Default: "normalized".
   */
  step?: RecipeStep;
  /** Blur after the first iteration and after every so many more; 0: never. Integer ≥ 0. Default: 10. */
  blurEvery?: number;
  /** Of the blur, in pixels. Number above 0. Default: 0.5. */
  blurSigma?: number;
  /**
   * The images are rolled by up to so many pixels down and right before each step, and back after it. Integer ≥ 0.
   * Default: 16, at most a seventh of the side.
   */
  jitter?: number;
  /**
   * Where to begin: one image for all targets, or one for each, in the model's bounds. Default: standard normal noise,
   * the same for every target.
   */
  initImage?: ImageInput;
  /**
   * Go on where a run with the same targets and options ended: `iterations` more, with what is random as if it were one
   * run. Default: begin.
   */
  from?: ClassVisualizationState;
}

export const classVisualizationOptions = {
  ...visualizeOptions(100),
  l2Regularization: number({
    least: 0,
    default: 1e-3,
    help: "weight of the penalty against the logit",
    traced: "input",
  }),
  penalty: oneOf(penalties, { default: "squared", help: "what is kept small, the square of ‖x‖ or ‖x‖ itself" }),
  learningRate: number({ above: 0, default: 25, help: "length of a step, or its factor", traced: "input" }),
  step: oneOf(recipeSteps, {
    default: "normalized",
    help: "a step goes by the gradient's direction, by the gradient, or by the sum of all so far",
  }),
  blurEvery: integer({
    least: 0,
    default: 10,
    unit: "iterations",
    help: "from blur to blur, the first after the first step; 0: never",
    traced: "input",
  }),
  blurSigma: number({ above: 0, default: 0.5, unit: "pixels", help: "width of the blur", traced: "input" }),
  jitter: integer({
    least: 0,
    rule: jitterRule,
    unit: "pixels",
    help: "the images are rolled by up to so many before each step",
    traced: "input",
  }),
  initImage: initImageOption("standard normal noise, the same for every target"),
  from: other<ClassVisualizationState>("the state of a result", {
    rule: "begin",
    help: "go on where a run with the same targets and options ended",
    traced: "input",
  }),
} satisfies Schema<ClassVisualizationOptions>;

/**
 * Images that a network finds typical of classes: gradient ascent on logit − λ‖x‖² (or λ‖x‖) from noise, kept smooth by
 * jitter, clamping and an occasional blur (Simonyan, Vedaldi & Zisserman 2013, "Deep Inside Convolutional Networks",
 * arXiv:1312.6034; Yosinski et al. 2015, "Understanding Neural Networks Through Deep Visualization", arXiv:1506.06579).
 * x lives in the model's normalised space, (image − mean)/std. Several classes are worked on at once, with the same
 * jitter for all.
 * @param target one class, or several: an index or a name each. A class that is named several times gets several
 *   images, each from noise of its own
 * @returns images in the model's bounds, their logits, and the state to go on from
 * @throws BadInputError, InterruptedError; `lastVisualization` then has the best images so far
 */
export async function classVisualization(
  model: VisionModel,
  target: Target,
  options: ClassVisualizationOptions = {},
): Promise<ClassVisualization> {
  checkModel(model);
  checkTakesImages(model, "classVisualization");
  const [height, width] = model.inputShape;
  const all = checkOptions(classVisualizationOptions, options),
    checked = forIterate(all);
  const { l2Regularization, learningRate, blurEvery, blurSigma, step: kind, penalty, from, initImage } = all;
  const { jitter = defaultJitter(height, width) } = all;
  checkInteger("jitter", jitter, 0, Math.min(height, width) - 1);
  const targets = resolveTarget(target, model.classNames, Array.isArray(target) ? target.length : 1);
  if (targets.length === 0) badInput({ what: "target", got: [], allowed: "a class, or several" });
  const shape = [targets.length, ...model.inputShape] as const;
  if (from !== undefined) checkState(from, shape, kind, initImage);
  await ready();
  await checkWeights(model);
  return withTensors(async (own) => {
    const space = normalizedSpace(model, own);
    const constants = {
      ...space,
      oneHot: own(targetRows(model, targets)),
      learningRate: own(tf.scalar(learningRate)),
      l2: own(tf.scalar(l2Regularization)),
    };
    const matrices = [own(blurMatrix(height, blurSigma)), own(blurMatrix(width, blurSigma))] as const;
    const chance = random(checked.seed, 0x6a17);
    const recipe = repeated(
      model,
      { times: checked.iterations, key: stepKey("class-visualization", classVisualizationOptions, all) },
      (x: tf.Tensor4D, inputs: RecipeInputs) => recipeStep(model, x, inputs, { step: kind, penalty }),
    );
    // How far the images are rolled, and in the state beside them how to roll them back.
    let rolled: Shift = from?.rolled ?? [0, 0],
      state: ClassVisualizationState | undefined;
    const done = from?.iteration ?? 0;
    for (let drawn = 0; drawn < 2 * done; drawn++) draw(chance, jitter);
    const back = ([down, right]: Shift): Roll => rollOf([height, width], [-down, -right]);
    const start = from
      ? tf.tensor4d(from.x.slice(), [...shape])
      : await startOf(model, targets, space, initImage, checked.seed);
    const sums = kind === "accumulated",
      summed = from?.sum ? tf.tensor4d(from.sum.slice(), [...shape]) : tf.zerosLike(start);
    if (!sums) summed.dispose();
    const made = await iterate(
      {
        label: "class visualization",
        iterations: checked.iterations,
        // The sum of gradients, where there is one, lies last.
        state: [start, ...back(rolled), ...(sums ? [summed] : [])],
        step: ([x, , , sum], t) => {
          const shift: Shift = [draw(chance, jitter), draw(chance, jitter)],
            blurs = blurEvery > 0 && (done + t) % blurEvery === 0;
          const roll = rollOf([height, width], [shift[0] - rolled[0], shift[1] - rolled[1]]);
          const {
            x: next,
            sum: after,
            logits,
          } = recipe.run(x as tf.Tensor4D, {
            ...constants,
            roll,
            ...(sums && { sum: sum as tf.Tensor4D }),
            ...(blurs && { blur: { matrices, back: back(shift) } }),
          });
          rolled = blurs ? [0, 0] : shift;
          return { state: [next, ...back(rolled), ...(after ? [after] : [])], scores: logits };
        },
        images: ([x, rows, columns]) =>
          tf.clipByValue(
            tf.add<tf.Tensor4D>(
              tf.mul(rearranged(x as tf.Tensor4D, rows as tf.Tensor1D, columns as tf.Tensor1D), space.std),
              space.mean,
            ),
            ...model.bounds,
          ),
        finished: async ([x, , , sum]) => {
          const values = async (tensor: tf.Tensor): Promise<Float32Array> =>
            Float32Array.from((await tensor.data()) as Float32Array);
          state = {
            iteration: done + checked.iterations,
            shape,
            x: await values(x),
            rolled,
            ...(sums && { sum: await values(sum) }),
          };
        },
      },
      checked,
    ).finally(() => recipe.dispose());
    return { ...made, state: state! };
  });
}

function checkState(
  { shape, sum }: ClassVisualizationState,
  wanted: readonly number[],
  step: RecipeStep,
  initImage: ImageInput | undefined,
): void {
  if (initImage !== undefined)
    badInput({
      what: "from",
      got: "given beside initImage",
      allowed: "one of both",
      remedy: "A state has its images.",
    });
  if (!Array.isArray(shape) || shape.some((side, axis) => side !== wanted[axis]))
    badInput({ what: "from.shape", got: shape, allowed: `[${wanted.join(", ")}], one image for each target` });
  if ((sum !== undefined) !== (step === "accumulated")) {
    badInput({
      what: "from",
      got: sum ? "a state of accumulated steps" : "a state without a sum of gradients",
      allowed: `one of ${step} steps`,
      remedy: "Go on with the options that it began with.",
    });
  }
}

/** Down and right, in pixels. */
type Shift = readonly [number, number];

const draw = (chance: Random, jitter: number): number => chance.integer(jitter + 1);

async function startOf(
  model: VisionModel,
  targets: readonly number[],
  { mean, std }: RecipeSpace,
  initImage: ImageInput | undefined,
  seed: number,
): Promise<tf.Tensor4D> {
  if (initImage === undefined) return startsFor(targets, (count) => noise(count, model.inputShape, seed));
  const images = await startImages(initImage, model, targets.length);
  try {
    return tf.tidy(() => tf.div(tf.sub(images, mean), std) as tf.Tensor4D);
  } finally {
    images.dispose();
  }
}
