// Carlini and Wagner's attack: a step of its search, and the search for the weight between both aims.

import * as tf from "@tensorflow/tfjs";
import { adamDirection, nextMeans, corrections } from "../core/adam";
import { inputGradient } from "../backend/input-gradient";
import type { Model, Inputs, Values } from "../model/vision-model";
import { margin, perInput, sizes } from "./norms";
import { checkModel } from "../model/checks";
import { withTensors, type Own } from "../core/tensors";
import { repeated } from "../backend/graph/model-graphs";
import { badInput } from "../core/errors";
import { boolean, checkOptions, integer, number, type Checked, type Schema } from "../core/options";
import { attackOptions, cutOption, resultFor, type AttackOptions, type Epsilon, type ResultFor } from "./attack";
import { runAttack, type AttackBlock, type Perturbed } from "./run-attack";

/** What stays the same during one search. */
interface Search {
  readonly model: Model;
  readonly inputs: tf.Tensor;
  /** The inputs in the space where every value is allowed: artanh of pixels scaled to (−1, 1). */
  readonly start: tf.Tensor;
  readonly rows: tf.Tensor2D;
  readonly targeted: boolean;
  /** How many logits beyond the boundary an image has to be. */
  readonly confidence: number;
  /** What the goal weighs against the distance, [batch]. */
  readonly weights: tf.Tensor1D;
}

/** All tensors; what Adam and the search carry from step to step. */
type SearchState = {
  /** Change of `start`, and Adam's two means of its gradient. */
  delta: tf.Tensor;
  mean: tf.Tensor;
  meanSquare: tf.Tensor;
  /** The nearest fooled images so far, and how far from the images, [batch]; infinite where none is. */
  best: tf.Tensor;
  bestSize: tf.Tensor1D;
  /** 1 where this search has fooled the image, [batch]. */
  found: tf.Tensor1D;
  /** The loss of each image before this step, [batch]. */
  loss: tf.Tensor1D;
};

/** Pixels → the space where every value is allowed, kept a millionth away from infinity. */
function toFreeSpace(inputs: tf.Tensor, [low, high]: readonly [number, number]): tf.Tensor {
  return tf.tidy(() => tf.atanh(tf.mul(tf.div(tf.sub(inputs, (low + high) / 2), (high - low) / 2), 0.999999)));
}

function toPixels(free: tf.Tensor, [low, high]: readonly [number, number]): tf.Tensor {
  return tf.add(tf.mul(tf.tanh(free), (high - low) / 2), (low + high) / 2);
}

/**
 * One step of Adam on ‖pixels − image‖² + weight · max(0, margin + confidence).
 * @param active 1 where the image still moves, [batch]
 * @param corrections Adam's
 */
function searchStep(
  search: Search,
  state: SearchState,
  active: tf.Tensor1D,
  corrections: readonly tf.Tensor[],
  rate: tf.Scalar,
): SearchState {
  const { model, inputs, start, rows, targeted, confidence, weights } = search;
  const reconstructed = toPixels(start, model.bounds);
  const terms = (delta: tf.Tensor) => {
    const pixels = toPixels(tf.add(start, delta), model.bounds);
    const away = tf.add(margin(model, model.logits(pixels), rows, targeted), confidence);
    const loss = tf.add(
      tf.mul(weights, tf.relu(away)),
      tf.sum(tf.reshape(tf.square(tf.sub(pixels, reconstructed)), [inputs.shape[0], -1]), 1),
    ) as tf.Tensor1D;
    return { pixels, away, loss };
  };
  const gradient = inputGradient((delta) => terms(delta).loss, state.delta);
  const { mean, square: meanSquare } = nextMeans({ mean: state.mean, square: state.meanSquare }, gradient);
  const step = tf.mul(rate, adamDirection({ mean, square: meanSquare }, corrections));

  const { pixels, away, loss } = terms(state.delta);
  const fooled = tf.mul(tf.cast(tf.less(away, 0), "float32"), active);
  const size = sizes(tf.sub(pixels, inputs), "l2");
  const better = tf.logicalAnd(tf.greater(fooled, 0), tf.less(size, state.bestSize));
  return {
    delta: tf.sub(state.delta, tf.mul(step, perInput(active, step))),
    mean,
    meanSquare,
    loss,
    best: tf.where(perInput(better, pixels), pixels, state.best),
    bestSize: tf.where(better, size, state.bestSize),
    found: tf.maximum(state.found, fooled),
  };
}

export interface CarliniWagnerOptions<E extends Epsilon | undefined = Epsilon | undefined> extends AttackOptions {
  /** Steps of Adam in each search. Integer ≥ 1. Default: 200 (published: 10,000; small networks need fewer). */
  steps?: number;
  /** Searches, each with another weight of the goal against the distance. Integer ≥ 1. Default: 9. */
  searches?: number;
  /** Adam's learning rate. Number above 0. Default: 0.01. */
  learningRate?: number;
  /** How many logits beyond the boundary an image has to be. Number ≥ 0. Default: 0. */
  confidence?: number;
  /**
   * The first search's weight: ten times as much after a search without success, less after one with. Number above 0.
   * Default: 0.01.
   */
  initialWeight?: number;
  /** Ends an image's search when a tenth of the steps brought no progress. Default: true. */
  abortEarly?: boolean;
  /** Cuts the perturbation back to this L2 length; several for one result each. Default: none. */
  epsilon?: E;
}

export const carliniWagnerOptions = {
  ...attackOptions,
  steps: integer({ least: 1, default: 200, help: "steps of Adam in each search", traced: "input" }),
  searches: integer({
    least: 1,
    default: 9,
    help: "searches, each with another weight of the goal against the distance",
    traced: "input",
  }),
  learningRate: number({ above: 0, default: 0.01, help: "Adam's learning rate", traced: "input" }),
  confidence: number({ least: 0, default: 0, help: "how many logits beyond the boundary an image has to be" }),
  initialWeight: number({ above: 0, default: 0.01, help: "the first search's weight", traced: "input" }),
  abortEarly: boolean({
    default: true,
    help: "ends an image's search when a tenth of the steps brought no progress",
    traced: "input",
  }),
  epsilon: cutOption,
} satisfies Schema<CarliniWagnerOptions>;

type Settings = Checked<typeof carliniWagnerOptions>;

/**
 * Carlini and Wagner's L2 attack: the smallest perturbation that fools, by Adam in a space where every value is an
 * allowed pixel, with a search for the weight between both aims. Slow, and nearer to the smallest than other attacks
 * (Carlini & Wagner 2017, "Towards Evaluating the Robustness of Neural Networks", arXiv:1608.04644). Where it finds
 * nothing the image is returned as it was.
 * @param inputs images or inputs of another shape, with or without the batch, in the model's bounds
 * @returns distances in `l2`
 * @throws BadInputError, InterruptedError
 */
export async function carliniWagner<E extends Epsilon | undefined = undefined, M extends Model = Model>(
  model: M,
  inputs: Inputs,
  options: CarliniWagnerOptions<E> = {},
): Promise<ResultFor<E, CarliniWagnerOptions, Values<M>>> {
  const settings = checkOptions(carliniWagnerOptions, options);
  checkModel(model);
  const [low, high] = model.bounds;
  if (!Number.isFinite(high - low)) {
    badInput({
      what: `the bounds of ${model.name}`,
      got: [low, high],
      allowed: "finite ones: it searches between them",
      remedy: "Give bounds where the model is made: { bounds: [low, high] }.",
    });
  }
  const results = await runAttack<CarliniWagnerOptions, M>(model, inputs, {
    method: "carlini-wagner",
    norm: "l2",
    schema: carliniWagnerOptions,
    options: settings,
    epsilon: settings.epsilon,
    minimizes: true,
    steps: settings.steps * settings.searches,
    perturb: (block) => {
      const {
          model,
          goal: { targeted },
        } = block,
        { confidence } = settings;
      const adam = repeated(
        model,
        { times: settings.steps * settings.searches, key: block.stepKey },
        (search: SearchTensors, ...now: Now) => searchStep({ ...search, model, targeted, confidence }, ...now),
      );
      return withTensors((own) => searchWeights(block, adam.run, settings, own)).finally(() => adam.dispose());
    },
  });
  return resultFor(options.epsilon as E, results);
}

type SearchTensors = Pick<Search, "inputs" | "start" | "rows" | "weights">;
/** What changes from step to step. */
type Now = [state: SearchState, active: tf.Tensor1D, corrections: readonly tf.Tensor[], rate: tf.Scalar];
type Step = (search: SearchTensors, ...now: Now) => SearchState;

/** Where the weight of each image is between one that failed and one that succeeded. */
interface Bracket {
  weight: number;
  failed: number;
  succeeded: number;
}

async function searchWeights(block: AttackBlock, adam: Step, settings: Settings, own: Own): Promise<Perturbed> {
  const { model, inputs, rows, fooledBefore } = block;
  const [count] = inputs.shape;
  const brackets = fooledBefore.map((): Bracket => ({
    weight: settings.initialWeight,
    failed: 0,
    succeeded: Infinity,
  }));
  const iterations = new Array<number>(count).fill(0);
  const start = own(toFreeSpace(inputs, model.bounds));
  let [best, bestSize]: [tf.Tensor, tf.Tensor1D] = [
    own(tf.clone(inputs)),
    own(tf.tensor1d(fooledBefore.map((fooled) => (fooled ? 0 : Infinity)))),
  ];
  for (let search = 0; search < settings.searches; search++) {
    const weights = own(tf.tensor1d(brackets.map(({ weight }) => weight)));
    const moving = fooledBefore.map((fooled) => !fooled);
    const done = await runSearch(
      block,
      (...now) => adam({ inputs, start, rows, weights }, ...now),
      { best, bestSize },
      settings,
      moving,
      iterations,
    );
    [done.best, done.bestSize].forEach(own);
    [best, bestSize] = [done.best, done.bestSize];
    brackets.forEach((bracket, i) => {
      bracket[done.found[i] ? "succeeded" : "failed"] = bracket.weight;
      bracket.weight = bracket.succeeded === Infinity ? 10 * bracket.weight : (bracket.failed + bracket.succeeded) / 2;
    });
  }
  return { raw: tf.clone(best), iterations };
}

/** @param moving the images that are searched for, changed here @param iterations added to */
async function runSearch(
  block: AttackBlock,
  adam: (...now: Now) => SearchState,
  { best, bestSize }: Pick<SearchState, "best" | "bestSize">,
  { steps, learningRate, abortEarly }: Settings,
  moving: boolean[],
  iterations: number[],
): Promise<{ best: tf.Tensor; bestSize: tf.Tensor1D; found: boolean[] }> {
  const count = moving.length,
    tenth = Math.ceil(steps / 10);
  const rate = tf.scalar(learningRate);
  let active = tf.tensor1d(moving.map(Number));
  const zeros = (): tf.Tensor => tf.zerosLike(block.inputs);
  let state: SearchState = {
    delta: zeros(),
    mean: zeros(),
    meanSquare: zeros(),
    best: tf.clone(best),
    bestSize: tf.clone(bestSize),
    found: tf.zeros([count]),
    loss: tf.fill([count], Infinity),
  };
  let lossBefore = new Array<number>(count).fill(Infinity);
  try {
    for (let step = 0; step < steps && moving.includes(true); step++) {
      await block.checkpoint();
      const before = state;
      state = tf.tidy(() => adam(before, active, corrections(step + 1), rate));
      tf.dispose(before);
      moving.forEach((moves, i) => {
        if (moves) iterations[i]++;
      });
      block.advance(moving.filter(Boolean).length);
      if (!abortEarly || step % tenth !== 0) continue;
      const loss = Array.from(await state.loss.data());
      loss.forEach((value, i) => {
        if (!(value <= 0.9999 * lossBefore[i])) moving[i] = false;
      });
      lossBefore = loss;
      active.dispose();
      active = tf.tensor1d(moving.map(Number));
    }
    const found = Array.from(await state.found.data(), (value) => value > 0);
    return { best: tf.clone(state.best), bestSize: tf.clone(state.bestSize), found };
  } finally {
    tf.dispose([rate, active]);
    tf.dispose(state);
  }
}
