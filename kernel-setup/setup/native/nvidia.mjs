import { existsSync } from "node:fs";
import { onPath } from "../on-path.mjs";

/** Whether the machine shows an NVIDIA GPU; by its traces, because asking the driver takes a second at every start. */
export function nvidiaPresent(env = process.env) {
  if (existsSync("/dev/nvidiactl") || existsSync("/dev/nvidia0") || existsSync("/proc/driver/nvidia/gpus")) return true;
  return onPath("nvidia-smi", env);
}
