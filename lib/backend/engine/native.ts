// TensorFlow's own library by tfjs-node: found, loaded, and passed over where it does not compute rightly.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { ownBinary, packageFolder, setupReport, whyNotTried, type NativePackage } from "./native-packages";
import { type PassedOver, oneLineReason, probeSafely } from "./probe";
import { installKernels } from "../corrections/kernels";
import { prepareTensorFlow, withoutLoaderNotes, withoutWarnings } from "./quiet";

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

/** The object itself, which tfjs-node looks its functions up in. */
const util = require("node:util") as object;

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
