import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { deserialize, serialize } from "node:v8";
import * as tf from "@tensorflow/tfjs";
import { writeAtomically } from "../data/write-atomically";
import { badInput } from "../errors";

interface Values { shape: number[]; values: Float32Array | Int32Array | Uint8Array }
interface State extends TrainingPosition { run: object; weights: Values[]; optimizer: (Values & { name: string })[]; betas?: Values[] }

/** Adam multiplies its betas up step by step; TF.js's `setWeights` makes them by a power, which rounds otherwise. */
const betasOf = (optimizer: tf.Optimizer): tf.Variable[] => {
  const { accBeta1, accBeta2 } = optimizer as { accBeta1?: tf.Variable; accBeta2?: tf.Variable };
  return accBeta1 && accBeta2 ? [accBeta1, accBeta2] : [];
};

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
  return { shape: tensor.shape, values: await tensor.data() as Values["values"] };
}

/** Writes all that a stopped run needs to go on, in one file, whole or not at all. */
export async function writeTrainingState(
  folder: string, run: object, position: TrainingPosition, model: tf.LayersModel, optimizer: tf.Optimizer,
): Promise<void> {
  const kept = await optimizer.getWeights();
  const state: State = {
    run, ...position,
    weights: await Promise.all(model.getWeights().map(valuesOf)),
    optimizer: await Promise.all(kept.map(async ({ name, tensor }) => ({ name, ...await valuesOf(tensor) }))),
    betas: await Promise.all(betasOf(optimizer).map(valuesOf)),
  };
  // The optimizer hands out its own variables, except its step counter, which is made for the occasion.
  for (const { name, tensor } of kept) if (name === "iter") tensor.dispose();
  await writeAtomically(fileIn(folder), serialize(state));
}

/**
 * Puts a stopped run's weights and optimizer back.
 * @returns where the run stopped; the start where there is nothing to go on from
 * @throws BadInputError where the folder holds another run
 */
export async function readTrainingState(folder: string, run: object, model: tf.LayersModel, optimizer: tf.Optimizer): Promise<TrainingPosition> {
  let bytes: Buffer;
  try {
    bytes = await readFile(fileIn(folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { epoch: 0, step: 0, seconds: 0, loss: NaN, accuracy: NaN };
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
  state.betas?.forEach(({ shape, values }, i) => tf.tidy(() => betasOf(optimizer)[i].assign(tf.tensor(values, shape, "float32"))));
  // The optimizer made variables of its own of them.
  tf.dispose(kept.map(({ tensor }) => tensor));
  const { epoch, step, seconds, loss, accuracy } = state;
  return { epoch, step, seconds, loss, accuracy };
}
