// The backend's door in a browser: no notebook's interrupts, no native TensorFlow, no tensors on a terminal.
import { chooseNow } from "./engine/select.browser";

export type { BackendChoice, BackendName } from "./engine/choice";
export type { PassedOver } from "./engine/probe";
export type { Precision } from "./engine/precision";
export type { ReluRule } from "./relu-rule";
export {
  compile,
  CompileError,
  type Compiled,
  type CompileOptions,
  type GraphInfo,
  type SaveGraphOptions,
} from "./graph/index.browser";
export { inputGradient, valueAndInputGradient, type ValueAndGradient } from "./input-gradient";
export { backendChoice, ready, type ReadyOptions } from "./engine/select.browser";

/** There are no cells that an interrupt could cut off. */
export const resetBackendState = (): void => undefined;

chooseNow();
