import { oncePerProcess } from "../../core/once";
import type { Ledger } from "../interrupts/ledger";
import type { PassedOver } from "./probe";
import type { Precision } from "./precision";

/** What `tf.getBackend()` says once the choice is made; webgl is there in browsers alone. */
export type BackendName = "tensorflow" | "webgpu" | "webgl" | "wasm" | "cpu";

/** Which engine runs the tensors, and why that one. */
export interface BackendChoice {
  readonly name: BackendName;
  /** Where the numbers are computed: `CPU`, `NVIDIA GPU`, or on webgpu the name that the driver gives the device. */
  readonly device: string;
  /** For people: `TensorFlow 2.21.0 through @tensorflow/tfjs-node 4.22.0`. */
  readonly version: string;
  /** `fast` where VITRINE_PRECISION asks for it and the processor can; else `full`. */
  readonly precision: Precision;
  /** Why this one, in one line. */
  readonly reason: string;
  /** Better candidates that were not available, best first. */
  readonly passedOver: readonly PassedOver[];
}

/** Everything about the backend that must exist once in a process. */
interface BackendState {
  choice?: BackendChoice;
  pending?: Promise<BackendChoice>;
  /** Candidates that were tried and failed in this process. */
  passedOver: PassedOver[];
  /** TF.js's counts, if they are kept so that an interrupt may come at any moment. */
  ledger?: Ledger;
  fitInterruptible?: boolean;
}

export const backendState = oncePerProcess("vitrine.backend", (): BackendState => ({ passedOver: [] }));
