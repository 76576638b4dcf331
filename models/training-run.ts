import { cpus } from "node:os";
import * as path from "node:path";
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs";
import { backendChoice } from "../lib/backend";
import { loadFashionMnist } from "../lib/data/fashion-mnist";
import { openFlowers } from "../lib/data/flowers";
import type { ImageFolderOptions } from "../lib/data/image-folder";
import { badInput, VitrineError } from "../lib/core/errors";
import { evaluate, type Evaluation } from "../lib/training/model-card";
import { pixelsOf, type LabelledPixels } from "../lib/training/recording/training-data";
import { terminalProgress, train, type TrainOptions } from "../lib/training/train";

/** What a network is trained on, and what it is measured with. */
export interface TrainingData {
  train: LabelledPixels;
  test: LabelledPixels;
  classNames: readonly string[];
}

/**
 * Fashion-MNIST outside the tensor engine. The stand-ins are refused: nothing may be trained on, or measured with,
 * them.
 */
export async function fashionPixels(
  split: "train" | "test",
): Promise<LabelledPixels & { classNames: readonly string[] }> {
  const { images, labels, classNames, source, dispose } = await loadFashionMnist({ split });
  if (source !== "official")
    badInput({
      what: "Fashion-MNIST",
      got: source,
      allowed: "the official files",
      remedy: "Run `npx vitrine data get fashion-mnist` where the network allows it.",
    });
  const pixels = (await images.data()) as Float32Array;
  dispose();
  return { pixels, labels, classNames, shape: [28, 28, 1] };
}

/** Fashion-MNIST, to train and to test. */
export async function fashionData(): Promise<TrainingData> {
  const train = await fashionPixels("train");
  return { train, test: await fashionPixels("test"), classNames: train.classNames };
}

/** The flower photographs, those held out to test. `channels: 1` for grey; `classes` for some of them. */
export async function flowersData(options: ImageFolderOptions): Promise<TrainingData> {
  const flowers = await openFlowers(options);
  try {
    return {
      train: await pixelsOf(flowers, "train"),
      test: await pixelsOf(flowers, "test"),
      classNames: flowers.classNames,
    };
  } finally {
    await flowers.close();
  }
}

export interface RunResult {
  evaluation: Evaluation;
  /** In words, for the card. */
  time: string;
  timePerEpoch: string;
  peakMemory: string;
  epochs: number;
  seed: number;
  /** Of training, over all sittings. */
  seconds: number;
}

/** Trains with the flags every script takes (`--epochs`, `--seed`), resuming what was stopped, and evaluates. */
export async function trainingRun(
  model: tf.LayersModel,
  folder: string,
  { train: data, test }: TrainingData,
  options: TrainOptions,
): Promise<RunResult> {
  const { values } = parseArgs({ options: { epochs: { type: "string" }, seed: { type: "string" } } });
  const epochs = Number(values.epochs ?? options.epochs),
    seed = Number(values.seed ?? options.seed ?? 1);
  if (!Number.isInteger(seed)) badInput({ what: "--seed", got: values.seed, allowed: "an integer" });
  const progress = terminalProgress(),
    stop = new AbortController(),
    abort = (): void => stop.abort();
  process.once("SIGINT", abort);
  const seconds = await train(model, data, {
    ...options,
    epochs,
    seed,
    signal: stop.signal,
    checkpointDir: path.join(folder, "checkpoint"),
    onStep: progress.step,
    onEpoch: async (epoch, step) => {
      const { loss, accuracy } = step;
      const now = await evaluate(model, test);
      await options.onEpoch?.(epoch, step);
      progress.epoch(
        `epoch ${epoch} of ${epochs}: ${progress.seconds().toFixed(0)} s, training loss ${loss.toFixed(3)} and ` +
          `accuracy ${(100 * accuracy).toFixed(2)} %, test accuracy ${(100 * now.accuracy).toFixed(2)} %`,
      );
    },
  }).finally(() => process.removeListener("SIGINT", abort));
  return {
    evaluation: await evaluate(model, test),
    epochs,
    seed,
    seconds,
    time: `${(seconds / 60).toFixed(0)} minutes on ${cpus().length} cores (${backendChoice().name})`,
    timePerEpoch: `${Number((seconds / epochs).toPrecision(2))} seconds`,
    peakMemory: `${(process.resourceUsage().maxRSS / 2 ** 20).toFixed(1)} GiB, the training pictures included`,
  };
}

/** The value of a flag of a script's own, which is taken out of the arguments: `trainingRun` reads the others. */
export function takeFlag(flag: string): string | undefined {
  const at = process.argv.indexOf(flag);
  return at < 0 ? undefined : process.argv.splice(at, 2)[1];
}

/** Runs a script's main function; a failure is one line. */
export function main(run: () => Promise<void>): void {
  run().catch((error: unknown) => {
    console.error(error instanceof VitrineError ? error.message : error);
    process.exitCode = 1;
  });
}
