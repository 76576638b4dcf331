import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { deserialize, serialize } from "node:v8";
import * as tf from "@tensorflow/tfjs";
import { writeAtomically } from "../data/write-atomically";
import { badInput } from "../errors";

interface Values { shape: number[]; values: Float32Array | Int32Array | Uint8Array }
interface State { run: object; epoch: number; seconds: number; weights: Values[]; optimizer: (Values & { name: string })[] }

/** How far a run has come. */
export interface TrainingPosition {
  /** Whole epochs done. */
  readonly epoch: number;
  /** Seconds spent on them, over all sittings. */
  readonly seconds: number;
}

const fileIn = (folder: string): string => path.join(folder, "state.bin");

async function valuesOf(tensor: tf.Tensor): Promise<Values> {
  return { shape: tensor.shape, values: await tensor.data() as Values["values"] };
}

/** Writes all that a stopped run needs to go on, in one file, whole or not at all. */
export async function writeTrainingState(
  folder: string, run: object, { epoch, seconds }: TrainingPosition, model: tf.LayersModel, optimizer: tf.Optimizer,
): Promise<void> {
  const kept = await optimizer.getWeights();
  const state: State = {
    run, epoch, seconds,
    weights: await Promise.all(model.getWeights().map(valuesOf)),
    optimizer: await Promise.all(kept.map(async ({ name, tensor }) => ({ name, ...await valuesOf(tensor) }))),
  };
  // The optimizer hands out its own variables, except its step counter, which is made for the occasion.
  for (const { name, tensor } of kept) if (name === "iter") tensor.dispose();
  await writeAtomically(fileIn(folder), serialize(state));
}

/**
 * Puts a stopped run's weights and optimizer back.
 * @returns where the run stopped; epoch 0 where there is nothing to go on from
 * @throws BadInputError where the folder holds another run
 */
export async function readTrainingState(folder: string, run: object, model: tf.LayersModel, optimizer: tf.Optimizer): Promise<TrainingPosition> {
  let bytes: Buffer;
  try {
    bytes = await readFile(fileIn(folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { epoch: 0, seconds: 0 };
    throw error;
  }
  let state: State;
  try {
    state = deserialize(bytes) as State;
  } catch {
    return badInput({ what: fileIn(folder), got: `${bytes.length} bytes that cannot be read`, allowed: "a training state", remedy: "Delete the folder to start anew." });
  }
  const shapes = (tensors: { shape: number[] }[]): string => JSON.stringify(tensors.map(({ shape }) => shape));
  if (!isDeepStrictEqual(state.run, run) || shapes(state.weights) !== shapes(model.getWeights())) {
    badInput({ what: folder, got: `the state of another run (${JSON.stringify(state.run)})`, allowed: "a state of this run", remedy: "Delete the folder to start anew, or give another." });
  }
  const tensors = state.weights.map(({ shape, values }) => tf.tensor(values, shape, "float32"));
  model.setWeights(tensors);
  tf.dispose(tensors);
  const kept = state.optimizer.map(({ name, shape, values }) => ({ name, tensor: tf.tensor(values, shape, name === "iter" ? "int32" : "float32") }));
  await optimizer.setWeights(kept);
  // The optimizer made variables of its own of them.
  tf.dispose(kept.map(({ tensor }) => tensor));
  return { epoch: state.epoch, seconds: state.seconds };
}
