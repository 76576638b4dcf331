import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { whenCutOff } from "../backend/unfinished";
import { checkpoint } from "../course/checkpoint";
import { notebookHost } from "../course/host";
import { badInput } from "../errors";
import { random } from "../util/random";
import { copyAugmented, type AugmentOptions } from "./augment";
import type { LabelledPixels } from "./labelled-pixels";
import { readTrainingState, writeTrainingState } from "./training-state";
import { cosineSchedule } from "./schedule";

export interface TrainOptions {
  /** Passes over the data. Integer ≥ 1. */
  epochs: number;
  /** Pictures in a minibatch. Integer ≥ 1. Default: 64. */
  batchSize?: number;
  /** `adam` (Kingma & Ba 2015) or `momentum` (0.9). Default: adam. */
  optimizer?: "adam" | "momentum";
  /** Highest learning rate; a cosine takes it to 0. > 0. Default: 1e-3. */
  learningRate?: number;
  /** Share of the target probability spread over all classes, 0 to 1 (Szegedy et al. 2016). Default: 0. */
  labelSmoothing?: number;
  /** Random changes to the training pictures. Default: none. */
  augment?: AugmentOptions;
  /** The same seed repeats a run: order, augmentation, dropout. Integer. Default: 1. */
  seed?: number;
  /** Folder for the state after each epoch, from which a stopped run goes on. Default: none is kept. */
  checkpointDir?: string;
  /** Called after every `reportEvery` minibatches. */
  onStep?: (step: TrainingStep) => void;
  /** Minibatches between two calls of `onStep`. Integer ≥ 1. Default: 20. */
  reportEvery?: number;
  /** Called after each epoch; may evaluate the model. */
  onEpoch?: (epoch: number, step: TrainingStep) => void | Promise<void>;
  /** Stops the run with an `InterruptedError`. Default: the running cell's interrupt. */
  signal?: AbortSignal;
}

export interface TrainingStep {
  /** Epoch, from 1. */
  readonly epoch: number;
  /** Minibatches done, over all epochs. */
  readonly done: number;
  readonly total: number;
  /** Running mean of the training loss and accuracy (augmented, with dropout). */
  readonly loss: number;
  readonly accuracy: number;
}

/**
 * Trains a classifier that ends in dense `logits` and a softmax, in place, on cross-entropy.
 * A run that was stopped goes on from its last whole epoch when it is called again with the same `checkpointDir`,
 * and ends with the same weights as one that was not.
 * @returns seconds of training, over all sittings
 * @throws BadInputError for options out of range; InterruptedError when stopped
 */
export async function train(model: tf.LayersModel, data: LabelledPixels, options: TrainOptions): Promise<number> {
  const {
    epochs, batchSize = 64, learningRate = 1e-3, labelSmoothing = 0, augment = {}, seed = 1, checkpointDir, reportEvery = 20,
    // Read now: a later cell has a signal of its own.
    signal = notebookHost()?.signal,
  } = options;
  if (!Number.isInteger(epochs) || epochs < 1) badInput({ what: "epochs", got: epochs, allowed: "an integer ≥ 1" });
  if (!Number.isInteger(batchSize) || batchSize < 1) badInput({ what: "batchSize", got: batchSize, allowed: "an integer ≥ 1" });
  if (!(learningRate > 0)) badInput({ what: "learningRate", got: learningRate, allowed: "a number > 0" });
  await ready();
  const [height, width, channels] = data.shape, size = height * width * channels;
  const count = data.labels.length, classes = (model.outputs[0].shape as number[])[1];
  const steps = Math.ceil(count / batchSize), total = steps * epochs;
  const logits = tf.model({ inputs: model.inputs, outputs: model.getLayer("logits").output as tf.SymbolicTensor });
  const optimizer = options.optimizer === "momentum" ? tf.train.momentum(learningRate, 0.9) : tf.train.adam(learningRate);
  const run = { classes, batchSize, learningRate, labelSmoothing, augment, seed, epochs, optimizer: options.optimizer ?? "adam", count };
  let loss = 0, accuracy = 0, seconds = 0;
  const ended = whenCutOff(() => optimizer.dispose());
  try {
    const from = checkpointDir ? await readTrainingState(checkpointDir, run, model, optimizer) : { epoch: 0, seconds: 0 };
    const first = from.epoch;
    seconds = from.seconds;
    for (let epoch = first; epoch < epochs; epoch++) {
      const started = Date.now(), chance = random(seed, epoch), order = chance.permutation(count);
      for (let step = 0; step < steps; step++) {
        await checkpoint(signal);
        const done = epoch * steps + step;
        (optimizer as unknown as { learningRate: number }).learningRate = cosineSchedule(learningRate, done / total);
        for (const layer of logits.layers) if (layer.getClassName() === "Dropout") (layer as unknown as { seed: number }).seed = 1 + chance.integer(2 ** 31);
        const picked = order.subarray(step * batchSize, Math.min(count, (step + 1) * batchSize));
        const pixels = new Float32Array(picked.length * size);
        picked.forEach((index, i) => copyAugmented(data.pixels, index * size, pixels, i * size, data.shape, augment, chance));
        const labels = Array.from(picked, (index) => data.labels[index]);
        const [stepLoss, right] = await minibatch(logits, optimizer, pixels, labels, [labels.length, height, width, channels], classes, labelSmoothing);
        const keep = done === first * steps ? 0 : 0.98;
        loss = keep * loss + (1 - keep) * stepLoss;
        accuracy = keep * accuracy + (1 - keep) * (right / labels.length);
        if ((step + 1) % reportEvery === 0 || step + 1 === steps) options.onStep?.({ epoch: epoch + 1, done: done + 1, total, loss, accuracy });
      }
      seconds += (Date.now() - started) / 1000;
      if (checkpointDir) await writeTrainingState(checkpointDir, run, { epoch: epoch + 1, seconds }, model, optimizer);
      await options.onEpoch?.(epoch + 1, { epoch: epoch + 1, done: (epoch + 1) * steps, total, loss, accuracy });
    }
  } finally {
    ended();
    optimizer.dispose();
  }
  return seconds;
}

async function minibatch(
  logits: tf.LayersModel, optimizer: tf.Optimizer, pixels: Float32Array, labels: number[],
  shape: [number, number, number, number], classes: number, labelSmoothing: number,
): Promise<[loss: number, right: number]> {
  const [loss, right] = tf.tidy(() => {
    const x = tf.tensor4d(pixels, shape), target = tf.tensor1d(labels, "int32");
    const y = tf.oneHot(target, classes).toFloat();
    let right!: tf.Scalar;
    const cost = optimizer.minimize(() => {
      const scores = logits.apply(x, { training: true }) as tf.Tensor2D;
      right = tf.keep(scores.argMax(1).equal(target).sum());
      return tf.losses.softmaxCrossEntropy(y, scores, undefined, labelSmoothing) as tf.Scalar;
    }, true) as tf.Scalar;
    return [cost, right];
  });
  const values = [(await loss.data())[0], (await right.data())[0]] as [number, number];
  tf.dispose([loss, right]);
  return values;
}
