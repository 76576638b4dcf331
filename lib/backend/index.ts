import { installTensorInspection } from "./inspect-tensor";
import { installInterruptibleFit } from "./interruptible-fit";
import { installOrphanage } from "./orphans";
import { installReset } from "./reset";
import { chooseNow } from "./select";

export type { BackendChoice, BackendName } from "./choice";
export type { PassedOver } from "./passed-over";
export type { Precision } from "./precision";
export type { ReluRule } from "./relu-rule";
export {
  compile,
  CompileError,
  type Compiled,
  type CompileOptions,
  type GraphInfo,
  type SaveGraphOptions,
} from "./compile";
export { inputGradient, valueAndInputGradient, type ValueAndGradient } from "./input-gradient";
export { resetBackendState } from "./reset";
export { backendChoice, ready } from "./select";

installTensorInspection();
installReset();
installOrphanage();
installInterruptibleFit();
chooseNow();
