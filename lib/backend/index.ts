import { installTensorInspection } from "./inspect-tensor";
import { installInterruptibleFit } from "./interrupts/interruptible-fit";
import { installOrphanage } from "./interrupts/orphans";
import { installRefusals } from "./refusals";
import { installReset } from "./interrupts/reset";
import { chooseNow } from "./engine/select";

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
} from "./graph";
export { inputGradient, valueAndInputGradient, type ValueAndGradient } from "./input-gradient";
export { resetBackendState } from "./interrupts/reset";
export { backendChoice, ready } from "./engine/select";

installTensorInspection();
installRefusals();
installReset();
installOrphanage();
installInterruptibleFit();
chooseNow();
