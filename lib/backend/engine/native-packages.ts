// The two packages that bring TensorFlow's own library: which could be taken, without loading any.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { processorInfo, projectRoot } from "../../core/process";

/** The two npm packages that hold TensorFlow's own kernels; both register TF.js's backend `tensorflow`. */
export type NativePackage = "tfjs-node-gpu" | "tfjs-node";

/** Reasons that can be known without loading anything. */
export function whyNotTried(name: NativePackage): string | undefined {
  if (name === "tfjs-node-gpu" && !nvidiaGpuPresent()) return "no NVIDIA GPU on this machine";
  const folder = packageFolder(name);
  if (folder === undefined) return `the npm package @tensorflow/${name} is not installed`;
  // Asked before loading: the package registers its kernels first and only then misses its addon.
  if (!existsSync(join(folder, "lib", "napi-v8", "tfjs_binding.node"))) {
    const failed =
      setupReport()?.tried.filter((attempt) => !attempt.ok && [name, `${name}-wheel`].includes(attempt.name)) ?? [];
    return (
      failed.map((attempt) => attempt.reason).join("; ") ||
      "its native addon was neither downloaded nor built (npm run setup does that)"
    );
  }
  // TensorFlow's library would end the process on such a processor.
  if (process.platform === "linux" && process.arch === "x64" && !/\bavx\b/.test(processorInfo() ?? "avx"))
    return "this processor has no AVX instructions";
  return undefined;
}

/** The package's own library lies beside the addon; PyPI's lies in `.venv/native`. */
export const ownBinary = (folder: string): boolean => existsSync(join(folder, "deps", "lib"));

export function packageFolder(name: NativePackage): string | undefined {
  try {
    return dirname(require.resolve(`@tensorflow/${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** Found by its driver's traces: asking the driver itself would mean starting a program at every import. */
function nvidiaGpuPresent(): boolean {
  if (existsSync("/dev/nvidiactl") || existsSync("/dev/nvidia0")) return true;
  try {
    if (readdirSync("/proc/driver/nvidia/gpus").length > 0) return true;
  } catch {
    // No such driver on this kernel, or no /proc on this system.
  }
  const program = process.platform === "win32" ? "nvidia-smi.exe" : "nvidia-smi";
  return (process.env.PATH ?? "").split(delimiter).some((folder) => folder !== "" && existsSync(join(folder, program)));
}

/** What set-up wrote about its attempts at a native backend, in `.venv/native/backend.json`. */
interface SetupReport {
  /** `tfjs-node-gpu`, `tfjs-node`, `tfjs-node-wheel` (built on PyPI's TensorFlow), `wasm` or `cpu`. */
  chosen: string;
  tried: { name: string; ok: boolean; reason?: string }[];
  /** Version of the TensorFlow library, where there is one. */
  tensorflow?: string | null;
}

/** Undefined where set-up did not run: what is there is then found by trying it. */
export function setupReport(): SetupReport | undefined {
  try {
    const report = JSON.parse(
      readFileSync(join(projectRoot(), ".venv", "native", "backend.json"), "utf8"),
    ) as SetupReport;
    return Array.isArray(report.tried) ? report : undefined;
  } catch {
    return undefined;
  }
}
