import * as tf from "@tensorflow/tfjs";
import { notebookHost, whenCutOff } from "../../runtime/host";
import { InterruptedError } from "../../core/errors";
import { backendState } from "../engine/choice";

/** What this needs of TF.js's models beyond their public type. */
interface Trainable {
  isTraining: boolean;
  stopTraining: boolean;
  /** Of the fit that began last; what its epochs gave is tensors until TF.js's end of the fit reads them. */
  history?: { history: Record<string, (number | tf.Tensor)[]> };
}
type Fit = (this: Trainable, ...args: unknown[]) => Promise<unknown>;

/** How long an interrupted fit may take to end its batch, in milliseconds. Less than the kernel waits for the cell. */
const GRACE = 200;

/**
 * Makes the `fit` and `fitDataset` of TF.js's models end when the cell is interrupted: after the batch in hand, with an
 * InterruptedError, and the model can be trained again. TF.js alone would go on, or believe for ever that it does.
 */
export function installInterruptibleFit(): void {
  const state = backendState();
  if (!notebookHost() || state.fitInterruptible) return;
  state.fitInterruptible = true;
  const prototype = tf.LayersModel.prototype as unknown as Record<"fit" | "fitDataset", Fit>;
  for (const name of ["fit", "fitDataset"] as const) {
    const fit = prototype[name];
    Object.defineProperty(prototype, name, { configurable: true, writable: true, value: interruptible(fit) });
  }
}

function interruptible(fit: Fit): Fit {
  return async function (this: Trainable, ...args) {
    const signal = notebookHost()?.signal;
    // A second fit of the same model: TF.js refuses it, and that must not look like the end of the first.
    if (!signal || this.isTraining) return fit.apply(this, args);
    if (signal.aborted) throw interrupted();
    const reset = (): void => {
      this.isTraining = false;
      readHistory(this.history?.history ?? {});
    };
    const ended = whenCutOff(reset);
    let onAbort!: () => void;
    const givenUp = new Promise<never>((_resolve, reject) => {
      onAbort = () => {
        this.stopTraining = true;
        // A callback may wait for something that the interrupt took away.
        AbortSignal.timeout(GRACE).addEventListener("abort", () => reject(interrupted()));
      };
    });
    givenUp.catch(() => undefined);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      const history = await Promise.race([fit.apply(this, args), givenUp]);
      if (signal.aborted) throw interrupted();
      return history;
    } finally {
      signal.removeEventListener("abort", onAbort);
      ended();
      reset();
    }
  };
}

/** Turns the history's tensors into numbers. */
function readHistory(history: Record<string, (number | tf.Tensor)[]>): void {
  for (const values of Object.values(history)) {
    values.forEach((value, epoch) => {
      if (typeof value === "number") return;
      if (!value.isDisposed) values[epoch] = value.dataSync()[0];
      value.dispose();
    });
  }
}

const interrupted = (): InterruptedError =>
  new InterruptedError("Interrupted: training was stopped before it was done. What the model learnt so far, it keeps.");
