// TensorFlow's own library by tfjs-node: found, loaded, and passed over where it does not compute rightly.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { processorInfo, projectRoot } from "../../core/process";
import { type PassedOver, oneLineReason, probeSafely } from "./probe";
import { installKernels } from "../corrections/kernels";
import { prepareTensorFlow, withoutLoaderNotes, withoutWarnings } from "./quiet";

/** The two npm packages that hold TensorFlow's own kernels; both register TF.js's backend `tensorflow`. */
export type NativePackage = "tfjs-node-gpu" | "tfjs-node";

interface LoadedNative {
  device: string;
  version: string;
  reason: string;
}

interface NodeBackend {
  isUsingGpuDevice?: boolean;
  binding?: { TF_Version?: string };
}

/**
 * Loads the native backend if there is one that computes rightly. Synchronous, so that tensors can be made right
 * after `import`. Every candidate that was refused is added to `passedOver`.
 */
export function loadNative(packages: readonly NativePackage[], passedOver: PassedOver[]): LoadedNative | undefined {
  for (const name of packages) {
    const refused = whyNotTried(name) ?? load(name);
    if (refused === undefined) {
      noteFailedDownload(name, passedOver);
      return describe(name);
    }
    passedOver.push({ name, reason: refused });
  }
  return undefined;
}

/** Where the addon is built on PyPI's TensorFlow, set-up knows why the package's own binary was not available. */
function noteFailedDownload(name: NativePackage, passedOver: PassedOver[]): void {
  const failed = setupReport()?.tried.find((attempt) => attempt.name === name && !attempt.ok);
  if (failed?.reason && !ownBinary(packageFolder(name) as string))
    passedOver.push({ name: `${name}'s own binary`, reason: failed.reason });
}

/** Reasons that can be known without loading anything. */
function whyNotTried(name: NativePackage): string | undefined {
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

function load(name: NativePackage): string | undefined {
  prepareTensorFlow();
  restoreRemovedUtilities();
  try {
    withoutWarnings(() => withoutLoaderNotes(() => void require(`@tensorflow/${name}`)));
  } catch (error) {
    discard();
    return oneLineReason(error);
  }
  installKernels("tensorflow");
  const wrong = probeSafely();
  if (wrong !== undefined) discard();
  return wrong;
}

function discard(): void {
  if (tf.engine().backendNames().includes("tensorflow")) tf.removeBackend("tensorflow");
}

function describe(name: NativePackage): LoadedNative {
  const backend = tf.findBackend("tensorflow") as NodeBackend;
  const folder = packageFolder(name) as string;
  const packageVersion = (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string })
    .version;
  return {
    device: backend.isUsingGpuDevice === true ? "NVIDIA GPU" : "CPU",
    version:
      `TensorFlow ${backend.binding?.TF_Version ?? setupReport()?.tensorflow ?? "(version unknown)"} through ` +
      `@tensorflow/${name} ${packageVersion}`,
    reason:
      `${ownBinary(folder) ? "its own binary" : "its addon, built against PyPI's TensorFlow,"} computed a ` +
      `convolution and its gradient rightly`,
  };
}

/** The package's own library lies beside the addon; PyPI's lies in `.venv/native`. */
const ownBinary = (folder: string): boolean => existsSync(join(folder, "deps", "lib"));

function packageFolder(name: NativePackage): string | undefined {
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

import util = require("node:util");

/**
 * tfjs-node calls two functions that Node 23 removed and that Node 22 complains about at every call. Defining
 * both before it loads is enough for it to run (seen on 20, 22 and 24).
 */
function restoreRemovedUtilities(): void {
  Object.assign(util, {
    isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
    isArray: Array.isArray,
  });
}
