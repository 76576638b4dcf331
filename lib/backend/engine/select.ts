// Which engine of TensorFlow.js computes: chosen at the import, or by ready().
import * as tf from "@tensorflow/tfjs";
import { environment } from "../../core/once";
import { VitrineError, badInput } from "../../core/errors";
import { allowedWords, oneOf } from "../../core/options";
import { backendState, type BackendChoice, type BackendName } from "./choice";
import { type PassedOver, probeSafely } from "./probe";
import { installGradients } from "../corrections/gradients";
import { installKernels } from "../corrections/kernels";
import { loadNative } from "./native";
import type { NativePackage } from "./native-packages";
import { askedPrecision, preparePrecision } from "./precision";
import { activateWasm, wasmVersion } from "./wasm";
import { activateWebgpu, webgpuVersion, webgpuDevice } from "./webgpu";

/** What VITRINE_BACKEND may say. */
const forcedNames = ["tensorflow", "tfjs-node-gpu", "tfjs-node", "webgpu", "wasm", "cpu"] as const;
type ForcedName = (typeof forcedNames)[number];

/** VITRINE_BACKEND */
export const backendSetting = oneOf(forcedNames, { rule: "the fastest that works", help: "which engine computes" });

const remedies: Record<ForcedName, string> = {
  tensorflow: "`npm run setup -- --again` builds it where there is a C++ compiler",
  "tfjs-node": "`npm run setup -- --again` builds it where there is a C++ compiler",
  "tfjs-node-gpu":
    "it needs an NVIDIA GPU, its driver, and `npm rebuild @tensorflow/tfjs-node-gpu --ignore-scripts=false`",
  webgpu: "`npm run setup -- --with webgpu` installs its two npm packages; it needs a graphics driver",
  wasm: "`npm install` brings @tensorflow/tfjs-backend-wasm",
  cpu: "it is part of TensorFlow.js: `npm install`",
};

/** @throws BadInputError if VITRINE_BACKEND names nothing we know */
function forcedBackend(value = environment("VITRINE_BACKEND")): ForcedName | undefined {
  if (value === undefined || value === "") return undefined;
  const forced = forcedNames.find((each) => each === value);
  if (forced) return forced;
  return badInput({
    what: "VITRINE_BACKEND",
    got: value,
    allowed: allowedWords(backendSetting),
    remedy: "Unset it to take the fastest that works (npx vitrine doctor lists them with what each needs).",
  });
}

/** The plain backend prints a banner at its first tensor, which advises what set-up has already tried. */
function silenceBanner(): void {
  const cpu = tf.findBackend("cpu") as { firstUse?: boolean } | null;
  if (cpu) cpu.firstUse = false;
}

/** What does not depend on the choice. */
function prepare(): void {
  silenceBanner();
  installGradients();
  installKernels("cpu");
}

/**
 * Makes the choice as far as that is possible synchronously: the native backend, or the plain one if it is forced.
 * Otherwise {@link ready} completes it, and tensors made before then live on TF.js's plain backend until used.
 * @throws VitrineError if the forced backend is unknown or cannot be obtained
 */
export function chooseNow(): void {
  const state = backendState();
  prepare();
  if (state.choice) return;
  // Asked again, each says again why not.
  state.passedOver = [];
  const forced = forcedBackend(),
    asked = askedPrecision();
  // Until then; chosen by name, since TF.js on its own would make the plain backend a second time, banner and all.
  if (!tf.engine().backendName) void tf.setBackend("cpu");
  if (forced === "wasm" || forced === "webgpu") return;
  if (forced === "cpu") {
    state.choice = chooseCpu("VITRINE_BACKEND asks for it", state.passedOver);
    return;
  }
  const packages: NativePackage[] =
    forced === undefined || forced === "tensorflow" ? ["tfjs-node-gpu", "tfjs-node"] : [forced];
  const { precision, passedOver } = preparePrecision(asked);
  const native = loadNative(packages, state.passedOver);
  if (native) {
    if (passedOver) state.passedOver.push(passedOver);
    const { device, version, reason } = native;
    state.choice = {
      name: "tensorflow",
      device,
      version,
      precision,
      reason: forced ? `VITRINE_BACKEND asks for it; ${reason}` : reason,
      passedOver: state.passedOver,
    };
  } else if (forced) {
    refuse(forced, state.passedOver);
  }
}

/**
 * The choice, completed: call it before the first tensor of an asynchronous function. Repeated calls are free.
 * @throws VitrineError if the forced backend is unknown or cannot be obtained
 */
export function ready(): Promise<BackendChoice> {
  const state = backendState();
  if (state.choice) return Promise.resolve(state.choice);
  state.pending ??= chooseLater().finally(() => {
    state.pending = undefined;
  });
  return state.pending;
}

async function chooseLater(): Promise<BackendChoice> {
  chooseNow();
  const state = backendState();
  if (state.choice) return state.choice;
  if (forcedBackend() === "webgpu") return (state.choice = await chooseWebgpu(state.passedOver));
  const forced = forcedBackend() === "wasm";
  const wrong = await activateWasm();
  if (wrong === undefined) {
    const reason = forced
      ? "VITRINE_BACKEND asks for it"
      : "no native backend was available; WebAssembly computed a convolution and its gradient rightly";
    return (state.choice = {
      name: "wasm",
      device: "CPU",
      version: await wasmVersion(),
      precision: fullPrecision("wasm"),
      reason,
      passedOver: state.passedOver,
    });
  }
  state.passedOver.push({ name: "wasm", reason: wrong });
  if (forced) refuse("wasm", state.passedOver);
  return (state.choice = chooseCpu("nothing faster was available; plain JavaScript runs everywhere", state.passedOver));
}

/** Never taken unasked: results cannot be read synchronously there, which notebooks and users' own code may rely on. */
async function chooseWebgpu(passedOver: PassedOver[]): Promise<BackendChoice> {
  const wrong = await activateWebgpu();
  if (wrong !== undefined) {
    passedOver.push({ name: "webgpu", reason: wrong });
    refuse("webgpu", passedOver);
  }
  return {
    name: "webgpu",
    device: await webgpuDevice(),
    version: webgpuVersion(),
    precision: fullPrecision("webgpu"),
    reason: "VITRINE_BACKEND asks for it",
    passedOver,
  };
}

function chooseCpu(reason: string, passedOver: readonly PassedOver[]): BackendChoice {
  void tf.setBackend("cpu");
  const wrong = probeSafely();
  if (wrong !== undefined)
    throw new VitrineError(`TensorFlow.js cannot compute at all here: ${wrong}. Run npm install again.`);
  return {
    name: "cpu",
    device: "CPU",
    version: `@tensorflow/tfjs ${tf.version.tfjs}, plain JavaScript`,
    precision: fullPrecision("cpu"),
    reason,
    passedOver,
  };
}

/** On backends that have no other. */
function fullPrecision(name: BackendName): "full" {
  if (askedPrecision() !== "full")
    backendState().passedOver.push({ name: "fast precision", reason: `${name} computes in float32 alone` });
  return "full";
}

function refuse(forced: ForcedName, passedOver: readonly PassedOver[]): never {
  const why = passedOver.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  const others = forcedNames.filter((name) => name !== forced).join(", ");
  throw new VitrineError(
    `VITRINE_BACKEND=${forced} is not available here (${why}); how to get it: ${remedies[forced]}. Also allowed: ` +
      `${others}, or unset it.`,
  );
}

/** @throws VitrineError if the choice is not made yet (where there is no native backend, {@link ready} makes it) */
export function backendChoice(): BackendChoice {
  const { choice } = backendState();
  if (!choice) throw new VitrineError("The backend is not chosen yet: await ready() first.");
  return choice;
}

/**
 * Switches to one of the backends that this machine has, for tests that compare them. Tensors follow by themselves.
 * @returns why it cannot be obtained, or undefined
 */
export async function switchBackend(name: BackendName): Promise<string | undefined> {
  prepare();
  if (name === "wasm") return activateWasm();
  if (name === "webgpu") return activateWebgpu();
  if (name === "tensorflow" && !tf.engine().backendNames().includes("tensorflow")) {
    const passedOver: PassedOver[] = [];
    return loadNative(["tfjs-node-gpu", "tfjs-node"], passedOver)
      ? undefined
      : passedOver.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  }
  await tf.setBackend(name);
  return probeSafely();
}
