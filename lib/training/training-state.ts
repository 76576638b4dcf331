import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { deserialize, serialize } from "node:v8";
import * as tf from "@tensorflow/tfjs";
import { writeAtomically } from "../core/files";
import { badInput } from "../core/errors";
import type { Optimizer } from "./optimizer";

interface Values {
  shape: number[];
  values: Float32Array | Int32Array | Uint8Array;
}
interface State extends TrainingPosition {
  run: object;
  weights: Values[];
  slots: Values[];
  powers: number[];
}

/** How far a run has come. */
export interface TrainingPosition {
  /** Whole epochs done. */
  readonly epoch: number;
  /** Minibatches of the next epoch that are done as well. */
  readonly step: number;
  /** Seconds spent on them, over all sittings. */
  readonly seconds: number;
  /** Running means of the training loss and accuracy; NaN before the first minibatch. */
  readonly loss: number;
  readonly accuracy: number;
}

const fileIn = (folder: string): string => path.join(folder, "state.bin");

async function valuesOf(tensor: tf.Tensor): Promise<Values> {
  return { shape: tensor.shape, values: (await tensor.data()) as Values["values"] };
}

/** Writes all that a stopped run needs to go on, in one file, whole or not at all. */
export async function writeTrainingState(
  folder: string,
  run: object,
  position: TrainingPosition,
  model: tf.LayersModel,
  optimizer: Optimizer,
): Promise<void> {
  const state: State = {
    run,
    ...position,
    weights: await Promise.all(model.getWeights().map(valuesOf)),
    slots: await Promise.all(optimizer.slots.map(valuesOf)),
    powers: optimizer.powers,
  };
  await writeAtomically(fileIn(folder), serialize(state));
}

/**
 * Puts a stopped run's weights and optimizer back.
 * @returns where the run stopped; the start where there is nothing to go on from
 * @throws BadInputError where the folder holds another run
 */
export async function readTrainingState(
  folder: string,
  run: object,
  model: tf.LayersModel,
  optimizer: Optimizer,
): Promise<TrainingPosition> {
  let bytes: Buffer;
  try {
    bytes = await readFile(fileIn(folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      return { epoch: 0, step: 0, seconds: 0, loss: NaN, accuracy: NaN };
    throw error;
  }
  let state: State;
  try {
    state = deserialize(bytes) as State;
  } catch {
    return badInput({
      what: fileIn(folder),
      got: `${bytes.length} bytes that cannot be read`,
      allowed: "a training state",
      remedy: "Delete the folder to start again.",
    });
  }
  const shapes = (tensors: readonly { shape: number[] }[] = []): string =>
    JSON.stringify(tensors.map(({ shape }) => shape));
  if (
    !isDeepStrictEqual(state.run, run) ||
    shapes(state.weights) !== shapes(model.getWeights()) ||
    shapes(state.slots) !== shapes(optimizer.slots)
  ) {
    badInput({
      what: folder,
      got: `the state of another run (${JSON.stringify(state.run)})`,
      allowed: "a state of this run",
      remedy: "Delete the folder to start again, or give another.",
    });
  }
  tf.tidy(() => {
    const tensors = (values: readonly Values[]): tf.Tensor[] =>
      values.map(({ shape, values }) => tf.tensor(values, shape, "float32"));
    model.setWeights(tensors(state.weights));
    tensors(state.slots).forEach((value, i) => optimizer.slots[i].assign(value));
  });
  optimizer.powers = state.powers;
  const { epoch, step, seconds, loss, accuracy } = state;
  return { epoch, step, seconds, loss, accuracy };
}
