// WebGPU in Node, by Dawn: its device and its adapter.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { oncePerProcess } from "../../core/once";
import { installKernels } from "../corrections/kernels";
import { oneLineReason, probeLater } from "./probe";
import { withoutWarnings } from "./quiet";
import { watchWebgpuErrors } from "./webgpu-errors";

/** Dawn's instance, once there is one: collected, its devices would go with it. */
const dawnState = oncePerProcess("vitrine.dawn", (): { gpu?: unknown } => ({}));

/**
 * WebGPU by Dawn, which runs on Vulkan (Linux), Metal (macOS) or Direct3D (Windows). Both npm packages are optional:
 * Dawn alone is 130 MB unpacked, since it carries the binaries of every platform.
 * @returns why it cannot be obtained, in one line, or undefined
 */
export async function activateWebgpu(): Promise<string | undefined> {
  const before = tf.engine().backendName as string | undefined;
  let wrong = provideGpu();
  if (wrong === undefined) {
    try {
      if ((await adapterInfo()) === undefined)
        wrong =
          "no graphics driver answered: on Linux it needs libvulkan1 and a Vulkan driver (nvidia-driver, " +
          "mesa-vulkan-drivers, or Chromium's SwiftShader by VK_DRIVER_FILES)";
      else {
        withoutWarnings(() => require("@tensorflow/tfjs-backend-webgpu") as unknown);
        installKernels("webgpu");
        const started = await tf.setBackend("webgpu");
        if (started) watchWebgpuErrors();
        wrong = started ? await probeLater() : "its device did not start";
      }
    } catch (error) {
      wrong = oneLineReason(error);
    }
  }
  if (wrong !== undefined && before) await tf.setBackend(before);
  return wrong;
}

export function webgpuVersion(): string {
  const version = (name: string): string => (require(`${name}/package.json`) as { version: string }).version;
  return (
    `@tensorflow/tfjs-backend-webgpu ${version("@tensorflow/tfjs-backend-webgpu")} through Dawn (webgpu ` +
    `${version("webgpu")})`
  );
}

/**
 * Sets `navigator.gpu`, which TF.js looks for while its backend loads, and the constants that a browser has beside it.
 */
function provideGpu(): string | undefined {
  const holder = globalThis as unknown as { navigator?: object };
  if (dawnState().gpu) return undefined;
  for (const name of ["webgpu", "@tensorflow/tfjs-backend-webgpu"]) {
    if (folderOf(name) === undefined) return `the npm package ${name} is not installed`;
  }
  // The package's own entry is an ES module, which CommonJS cannot load on Node 20; it does little more than this.
  const platform = process.platform === "darwin" ? "darwin-universal" : `${process.platform}-${process.arch}`;
  const binary = join(folderOf("webgpu") as string, "dist", platform, "dawn.node");
  if (!existsSync(binary)) return `the npm package webgpu has no binary for ${process.platform}-${process.arch}`;
  try {
    const dawn = require(binary) as Dawn;
    Object.assign(globalThis, dawn.globals);
    const gpu = dawn.create([]);
    dawnState().gpu = gpu;
    if (!holder.navigator)
      Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true, writable: true });
    Object.defineProperty(holder.navigator, "gpu", { value: gpu, configurable: true });
    return undefined;
  } catch (error) {
    return oneLineReason(error);
  }
}

function folderOf(name: string): string | undefined {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** What Dawn's binary exports. */
interface Dawn {
  create(options: string[]): Gpu;
  globals: Record<string, unknown>;
}

interface Gpu {
  requestAdapter(options?: { powerPreference: "high-performance" }): Promise<{ info: AdapterInfo } | null>;
}

interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  /** The driver's name for the device; empty where it gives none. */
  readonly description: string;
  /** The driver's own name, version and build. */
  readonly device: string;
}

/** The device that TF.js's backend would be given, or undefined where no driver answers. */
async function adapterInfo(): Promise<AdapterInfo | undefined> {
  const { gpu } = (globalThis as unknown as { navigator: { gpu: Gpu } }).navigator;
  return (await gpu.requestAdapter({ powerPreference: "high-performance" }))?.info;
}

/** For people: `nvidia-h200`, `swiftshader-device-subzero-`. */
export async function webgpuDevice(): Promise<string> {
  const info = await adapterInfo();
  return (
    info?.device ||
    info?.description ||
    [info?.vendor, info?.architecture].filter(Boolean).join(" ") ||
    "unnamed device"
  );
}
