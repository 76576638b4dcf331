// Training, minibatch after minibatch, that can stop and go on.
import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { whenCutOff, checkpoint, notebookHost } from "../runtime/host";
import { badInput, InterruptedError } from "../core/errors";
import {
  callback,
  checkOptions,
  group,
  integer,
  number,
  oneOf,
  progressAndSignal,
  text,
  type Checked,
  type Schema,
} from "../core/options";
import { random } from "../core/random";
import { adversarialOptions, checkAdversarial, type AdversarialOptions, TrainingStep as Step } from "./training-step";
import { augmentOptions, checkAugment, copyAugmented, type AugmentOptions } from "./augment";
import type { LabelledPixels } from "./recording/training-data";
import { Optimizer, optimizerNames, type OptimizerName } from "./optimizer";
import { readTrainingState, writeTrainingState, type TrainingPosition } from "./training-state";
import { sizeOf } from "../core/chunks";

export interface TrainOptions {
  /** Passes over the data. Integer ≥ 1. */
  epochs: number;
  /** Pictures in a minibatch. Integer ≥ 1. Default: 64. */
  batchSize?: number;
  /** `adam` (Kingma & Ba 2015) or `momentum` (0.9). Default: "adam". */
  optimizer?: OptimizerName;
  /** Highest learning rate; a cosine takes it to 0. Number above 0. Default: 0.001. */
  learningRate?: number;
  /**
   * Share of the target probability spread over all classes (Szegedy et al. 2016). Number from 0 to 1. Default: 0.
   */
  labelSmoothing?: number;
  /** Random changes to the training pictures. Default: none. */
  augment?: AugmentOptions;
  /** Train on images that FGSM makes of part of each minibatch, with their right labels. Default: none. */
  adversarial?: AdversarialOptions;
  /** The same seed repeats a run: order, augmentation, dropout. Integer. Default: 1. */
  seed?: number;
  /**
   * Folder for the state after each epoch and where the run was stopped, from which it goes on. Default: none is kept.
   */
  checkpointDir?: string;
  /**
   * Awaited before the first minibatch of a sitting and after every one; may read the model, must not change it.
   * Default: nothing.
   */
  onMinibatch?: (step: TrainingStep) => void | Promise<void>;
  /** Called after every `reportEvery` minibatches. Default: nothing. */
  onStep?: (step: TrainingStep) => void;
  /** Minibatches between two calls of `onStep`. Integer ≥ 1. Default: 20. */
  reportEvery?: number;
  /** Called after each epoch; may evaluate the model. Default: nothing. */
  onEpoch?: (epoch: number, step: TrainingStep) => void | Promise<void>;
  /** Stops the run with an `InterruptedError`. Default: the running cell's own interrupt. */
  signal?: AbortSignal;
}

type OnStep<Result> = (step: TrainingStep) => Result;

export const trainOptions = {
  epochs: integer({ least: 1, required: true, help: "passes over the data" }),
  batchSize: integer({ least: 1, default: 64, help: "pictures in a minibatch" }),
  optimizer: oneOf(optimizerNames, { default: "adam", help: "adam, or momentum of 0.9" }),
  learningRate: number({ above: 0, default: 1e-3, help: "the highest; a cosine takes it to 0" }),
  labelSmoothing: number({ least: 0, most: 1, default: 0, help: "share of the target spread over all classes" }),
  augment: group<AugmentOptions>(augmentOptions, { help: "random changes to the training pictures" }),
  adversarial: group<AdversarialOptions>(adversarialOptions, { help: "train on images that FGSM makes of some" }),
  seed: integer({ default: 1, help: "the same seed repeats a run: order, augmentation, dropout" }),
  checkpointDir: text({ words: "the path of a folder", rule: "none is kept", help: "for the state, to go on from" }),
  onMinibatch: callback<OnStep<void | Promise<void>>>({ help: "awaited before the first minibatch and after each" }),
  onStep: callback<OnStep<void>>({ help: "called after every reportEvery minibatches" }),
  reportEvery: integer({ least: 1, default: 20, help: "minibatches between two calls of onStep" }),
  onEpoch: callback<(epoch: number, step: TrainingStep) => void | Promise<void>>({ help: "called after each epoch" }),
  signal: progressAndSignal().signal,
} satisfies Schema<TrainOptions>;

export interface TrainingStep {
  /** Epoch, from 1; before the first minibatch 0. */
  readonly epoch: number;
  /** Minibatches done, over all epochs. */
  readonly done: number;
  readonly total: number;
  /** Running mean of the training loss and accuracy (augmented, with dropout); before the first minibatch NaN. */
  readonly loss: number;
  readonly accuracy: number;
}

/**
 * Trains a classifier that ends in dense `logits` and a softmax, in place, on cross-entropy. Its inputs may have any
 * shape. A run that was stopped by its signal goes on where it was, one that was killed from its last whole epoch, when
 * it is called again with the same `checkpointDir`, and ends with the same weights as one that was not.
 * @returns seconds of training, over all sittings
 * @throws BadInputError for options out of range; InterruptedError when stopped
 */
export async function train(
  model: tf.LayersModel,
  data: LabelledPixels<readonly number[]>,
  options: TrainOptions,
): Promise<number> {
  const checked = checkTraining(model, options),
    { epochs, batchSize, learningRate, labelSmoothing, augment = {}, seed, checkpointDir, reportEvery } = checked;
  // Read now: a later cell has a signal of its own.
  const { signal = notebookHost()?.signal } = checked;
  const adversarial = options.adversarial && checkAdversarial(options.adversarial);
  await ready();
  const size = sizeOf(data.shape);
  const count = data.labels.length,
    classes = (model.outputs[0].shape as number[])[1];
  const steps = stepsInEpoch(count, { batchSize }),
    total = steps * epochs;
  const logits = tf.model({ inputs: model.inputs, outputs: logitsOf(model) });
  const optimizer = new Optimizer(checked.optimizer, trainedVariables(logits));
  const work = new Step({
    logits,
    optimizer,
    classes,
    labelSmoothing,
    adversarial,
    shape: [Math.min(batchSize, count), ...data.shape],
    total,
  });
  const release = (): void => {
    work.dispose();
    optimizer.dispose();
  };
  const run = {
    classes,
    batchSize,
    learningRate,
    labelSmoothing,
    augment,
    seed,
    epochs,
    optimizer: checked.optimizer,
    count,
    ...(adversarial && { adversarial }),
  };
  let at: TrainingPosition = { epoch: 0, step: 0, seconds: 0, loss: NaN, accuracy: NaN },
    saved = at;
  const save = async (): Promise<void> => {
    if (checkpointDir && at !== saved) await writeTrainingState(checkpointDir, run, at, model, optimizer);
    saved = at;
  };
  const ended = whenCutOff(release);
  try {
    if (checkpointDir) at = saved = await readTrainingState(checkpointDir, run, model, optimizer);
    work.prepare();
    const start = at.epoch * steps + at.step;
    await options.onMinibatch?.({
      epoch: Math.ceil(start / steps),
      done: start,
      total,
      loss: at.loss,
      accuracy: at.accuracy,
    });
    for (let epoch = at.epoch; epoch < epochs; epoch++) {
      const chance = random(seed, epoch),
        order = chance.permutation(count),
        first = at.step;
      for (let step = 0; step < steps; step++) {
        await checkpoint(signal);
        const started = Date.now(),
          before = epoch * steps + step,
          done = before + 1;
        const seeds = Array.from({ length: work.seeds }, () => 1 + chance.integer(2 ** 31));
        const picked = order.subarray(step * batchSize, Math.min(count, (step + 1) * batchSize));
        const pixels = new Float32Array(picked.length * size);
        picked.forEach((index, i) => {
          if (isPicture(data.shape))
            copyAugmented(data.pixels, index * size, pixels, i * size, data.shape, augment, chance);
          else pixels.set(data.pixels.subarray(index * size, (index + 1) * size), i * size);
        });
        // Done in an earlier sitting; only the randomness it took has to be taken again.
        if (step < first) continue;
        const labels = Array.from(picked, (index) => data.labels[index]);
        const [stepLoss, right] = await work.run({
          pixels,
          labels,
          learningRate: cosineSchedule(learningRate, before / total),
          seeds,
        });
        const running = (mean: number, now: number): number => (Number.isNaN(mean) ? now : 0.98 * mean + 0.02 * now);
        const loss = running(at.loss, stepLoss),
          accuracy = running(at.accuracy, right / labels.length),
          whole = step + 1 === steps;
        at = {
          epoch: whole ? epoch + 1 : epoch,
          step: whole ? 0 : step + 1,
          seconds: at.seconds + (Date.now() - started) / 1000,
          loss,
          accuracy,
        };
        await options.onMinibatch?.({ epoch: epoch + 1, done, total, loss, accuracy });
        if ((step + 1) % reportEvery === 0 || whole)
          options.onStep?.({ epoch: epoch + 1, done, total, loss, accuracy });
      }
      await save();
      await options.onEpoch?.(epoch + 1, {
        epoch: epoch + 1,
        done: (epoch + 1) * steps,
        total,
        loss: at.loss,
        accuracy: at.accuracy,
      });
    }
  } catch (error) {
    if (error instanceof InterruptedError) await save();
    throw error;
  } finally {
    ended();
    release();
  }
  return at.seconds;
}

/** Minibatches in one pass over so many pictures. */
export const stepsInEpoch = (
  pictures: number,
  { batchSize = trainOptions.batchSize.default }: Pick<TrainOptions, "batchSize">,
): number => Math.ceil(pictures / batchSize);

/** @throws BadInputError for options out of range, or a model that does not end in scores and a softmax */
export function checkTraining(model: tf.LayersModel, options: TrainOptions): Checked<typeof trainOptions> {
  const checked = checkOptions(trainOptions, options),
    { augment = {}, adversarial } = checked;
  checkAugment(augment);
  if (adversarial) checkAdversarial(adversarial);
  const shape = model.inputs[0].shape.slice(1) as number[],
    only = Object.keys(augment).length > 0 ? "augment" : adversarial ? "adversarial" : undefined;
  if (only && !isPicture(shape))
    badInput({
      what: only,
      got: only === "augment" ? augment : adversarial,
      allowed: `nothing for ${model.name}, whose inputs [${shape.join(", ")}] are no pictures`,
    });
  logitsOf(model);
  return checked;
}

const isPicture = (shape: readonly number[]): shape is readonly [number, number, number] => shape.length === 3;

/** The scores before the softmax: what the layer `logits` gives, or what a softmax layer at the end is given. */
function logitsOf(model: tf.LayersModel): tf.SymbolicTensor {
  const named = model.layers.find(({ name }) => name === "logits");
  if (named) return named.output as tf.SymbolicTensor;
  const last = model.outputs[0].sourceLayer;
  if (last.getClassName() === "Softmax") return last.input as tf.SymbolicTensor;
  return badInput({
    what: `the end of ${model.name}`,
    got: `${last.name}, a ${last.getClassName()} layer`,
    allowed: "a softmax layer, or a layer named logits",
  });
}

/** The weights that are not frozen, in the order in which they were made. */
function trainedVariables(model: tf.LayersModel): tf.Variable[] {
  const ids = new Set(model.trainableWeights.map((weight) => weight.read().id));
  return Object.values(tf.engine().registeredVariables).filter(({ id, trainable }) => trainable && ids.has(id));
}

/**
 * Learning rate over the course of training: a linear warm-up over `warmUp` of the steps, then half a cosine to 0
 * (Loshchilov & Hutter 2017, SGDR).
 * @param done share of all steps done, 0 to 1
 */
export function cosineSchedule(peak: number, done: number, warmUp = 0.02): number {
  if (done < warmUp) return peak * (done / warmUp + 1e-3);
  return peak * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, (done - warmUp) / (1 - warmUp))));
}

/** Writes loss, accuracy and the time left to stderr: in place on a terminal, else a line per call of `epoch`. */
export function terminalProgress(stream: NodeJS.WriteStream = process.stderr): {
  step(step: TrainingStep): void;
  epoch(text: string): void;
  /** Seconds since the start. */
  seconds(): number;
} {
  const start = Date.now();
  let from: number | undefined;
  const seconds = (): number => (Date.now() - start) / 1000;
  return {
    seconds,
    step({ epoch, done, total, loss, accuracy }) {
      if (!stream.isTTY) return;
      from ??= done;
      const left = done > from ? Math.round((seconds() / (done - from)) * (total - done)) : undefined;
      stream.write(
        `\r\x1b[Kepoch ${epoch}  ${Math.floor((100 * done) / total)} %  loss ${loss.toFixed(3)}  accuracy ` +
          `${(100 * accuracy).toFixed(1)} %${left === undefined ? "" : `  ${left} s left`}`,
      );
    },
    epoch(text) {
      stream.write(`${stream.isTTY ? "\r\x1b[K" : ""}${text}\n`);
    },
  };
}
