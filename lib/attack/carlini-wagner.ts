import * as tf from "@tensorflow/tfjs";
import { checkBoolean, checkInteger, checkPositive } from "../core/check-options";
import { checkModel } from "../model/check-model";
import { withTensors, type Own } from "../core/tensors";
import { repeated } from "../backend/compile/repeated";
import { badInput } from "../core/errors";
import type { Inputs, Model, Values } from "../model/vision-model";
import { resultFor, type AttackOptions, type Epsilon, type ResultFor } from "./attack";
import { searchStep, toFreeSpace, type Search, type SearchState } from "./carlini-wagner-step";
import { corrections } from "../core/adam";
import { runAttack, type AttackBlock, type Perturbed } from "./run-attack";

export interface CarliniWagnerOptions<E extends Epsilon | undefined = Epsilon | undefined> extends AttackOptions {
  /** Steps of Adam in each search. Integer ≥ 1. Default: 200 (published: 10,000; small networks need fewer). */
  steps?: number;
  /** Searches, each with another weight of the goal against the distance. Integer ≥ 1. Default: 9. */
  searches?: number;
  /** Adam's learning rate, above 0. Default: 0.01. */
  learningRate?: number;
  /** How many logits beyond the boundary an image has to be. A number ≥ 0. Default: 0. */
  confidence?: number;
  /**
   * The first search's weight, above 0: ten times as much after a search without success, less after one with. Default:
   * 0.01.
   */
  initialWeight?: number;
  /** Ends an image's search when a tenth of the steps brought no progress. Default: true. */
  abortEarly?: boolean;
  /** Cuts the perturbation back to this L2 length; several for one result each. Default: none. */
  epsilon?: E;
}

type Settings = Required<
  Pick<CarliniWagnerOptions, "steps" | "searches" | "learningRate" | "confidence" | "initialWeight" | "abortEarly">
>;

/**
 * Carlini and Wagner's L2 attack: the smallest perturbation that fools, by Adam in a space where every value is an
 * allowed pixel, with
 * a search for the weight between both aims. Slow, and nearer to the smallest than other attacks (Carlini & Wagner
 * 2017, "Towards
 * Evaluating the Robustness of Neural Networks", arXiv:1608.04644). Where it finds nothing the image is returned as it
 * was.
 * @param inputs images or inputs of another shape, with or without the batch, in the model's bounds
 * @returns distances in `l2`
 * @throws BadInputError, InterruptedError
 */
export async function carliniWagner<E extends Epsilon | undefined = undefined, M extends Model = Model>(
  model: M,
  inputs: Inputs,
  options: CarliniWagnerOptions<E> = {},
): Promise<ResultFor<E, CarliniWagnerOptions, Values<M>>> {
  const settings: Settings = {
    steps: checkInteger("steps", options.steps ?? 200),
    searches: checkInteger("searches", options.searches ?? 9),
    learningRate: checkPositive("learningRate", options.learningRate ?? 0.01),
    initialWeight: checkPositive("initialWeight", options.initialWeight ?? 0.01),
    abortEarly: checkBoolean("abortEarly", options.abortEarly ?? true),
    confidence: options.confidence ?? 0,
  };
  if (!(settings.confidence >= 0 && settings.confidence < Infinity))
    badInput({ what: "confidence", got: settings.confidence, allowed: "a number ≥ 0" });
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
    options: { ...options, ...settings },
    epsilon: options.epsilon,
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
        { times: settings.steps * settings.searches, key: `carlini-wagner ${targeted} ${confidence}` },
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
