import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Whether the machine shows an NVIDIA GPU; by its traces, because asking the driver takes a second at every start. */
export function nvidiaPresent(env = process.env) {
  if (existsSync("/dev/nvidiactl") || existsSync("/dev/nvidia0") || existsSync("/proc/driver/nvidia/gpus")) return true;
  const program = process.platform === "win32" ? "nvidia-smi.exe" : "nvidia-smi";
  return (env.PATH ?? "").split(delimiter).some((folder) => folder !== "" && existsSync(join(folder, program)));
}
