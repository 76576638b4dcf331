// Which engine of TensorFlow.js computes in a browser: the first of webgpu, webgl, wasm and plain JavaScript that
// computes a small convolution and its gradient rightly.
import * as tf from "@tensorflow/tfjs";
import { badInput, VitrineError } from "../../core/errors";
import { checkOptions, oneOf, text, type Schema } from "../../core/options";
import { installGradients } from "../corrections/gradients";
import { installKernels } from "../corrections/kernels";
import { backendState, type BackendChoice } from "./choice";
import { oneLineReason, probeLater } from "./probe";
import { watchWebgpuErrors } from "./webgpu-errors";

const names = ["webgpu", "webgl", "wasm", "cpu"] as const;
type Name = (typeof names)[number];

export interface ReadyOptions {
  /** The engine to take, and no other. Default: the first of webgpu, webgl, wasm and cpu that computes rightly. */
  backend?: Name;
  /**
   * The address of the folder with TensorFlow.js's `.wasm` files, with a slash at its end. Default: those that come
   * with the library, where the bundler has put them.
   */
  wasmPaths?: string;
}

const readyOptions = {
  backend: oneOf(names, { rule: "the first that computes rightly", help: "the engine to take, and no other" }),
  wasmPaths: text({
    words: "an address that ends with /",
    rule: "the files that come with the library",
    help: "the folder with TensorFlow.js's .wasm files",
  }),
} satisfies Schema<ReadyOptions>;

const reasons: Record<Name, string> = {
  webgpu: "WebGPU computed a convolution and its gradient rightly",
  webgl: "WebGL computed a convolution and its gradient rightly",
  wasm: "WebAssembly computed a convolution and its gradient rightly",
  cpu: "nothing faster was available; plain JavaScript runs everywhere",
};

/** What does not depend on the choice. */
export function chooseNow(): void {
  const cpu = tf.findBackend("cpu") as { firstUse?: boolean } | null;
  if (cpu) cpu.firstUse = false;
  installGradients();
  installKernels("cpu");
}

/**
 * The choice, made at the first call: call it before the first tensor. Repeated calls are free.
 * @throws BadInputError for another engine than the one that was chosen; VitrineError where the one that is asked for
 * does not compute here
 */
export async function ready(options: ReadyOptions = {}): Promise<BackendChoice> {
  const { backend, wasmPaths } = checkOptions(readyOptions, options),
    state = backendState();
  const choice = state.choice ?? (await (state.pending ??= choose(backend, wasmPaths).finally(forget)));
  if (backend !== undefined && choice.name !== backend)
    badInput({ what: "backend", got: backend, allowed: `${choice.name}, which was chosen before (by ready())` });
  return choice;

  function forget(): void {
    state.pending = undefined;
  }
}

async function choose(forced: Name | undefined, wasmPaths: string | undefined): Promise<BackendChoice> {
  const state = backendState();
  state.passedOver = [];
  for (const name of forced ? [forced] : names) {
    const wrong = await activate(name, wasmPaths);
    if (wrong === undefined)
      return (state.choice = {
        name,
        device: name === "webgpu" || name === "webgl" ? await deviceOf(name) : "CPU",
        version: `@tensorflow/tfjs ${tf.version.tfjs}`,
        precision: "full",
        reason: forced ? "ready() was asked for it" : reasons[name],
        passedOver: state.passedOver,
      });
    state.passedOver.push({ name, reason: wrong });
  }
  const why = state.passedOver.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  throw new VitrineError(
    forced
      ? `The backend ${forced} does not compute here (${why}). Leave it out to take one that does.`
      : `TensorFlow.js cannot compute at all here (${why}).`,
  );
}

/** @returns why it cannot be used, in one line, or undefined */
async function activate(name: Name, wasmPaths?: string): Promise<string | undefined> {
  const before = tf.engine().backendName as string | undefined;
  let wrong: string | undefined;
  try {
    wrong = await load(name, wasmPaths);
    if (wrong === undefined) {
      installKernels(name);
      if (!(await tf.setBackend(name))) wrong = "it did not start";
      else {
        if (name === "webgpu") watchWebgpuErrors();
        wrong = await probeLater();
      }
    }
  } catch (error) {
    wrong = oneLineReason(error);
  }
  if (wrong !== undefined && before) await tf.setBackend(before);
  return wrong;
}

async function load(name: Name, wasmPaths?: string): Promise<string | undefined> {
  if (name === "webgpu") {
    if (!("gpu" in navigator)) return "this browser has no WebGPU";
    if (!(await gpu().requestAdapter())) return "this browser's WebGPU has no adapter";
    await import("@tensorflow/tfjs-backend-webgpu");
  }
  if (name === "webgl" && !hasWebgl()) return "this browser has no WebGL";
  if (name === "wasm") {
    const wasm = await import("@tensorflow/tfjs-backend-wasm");
    wasm.setWasmPaths(wasmPaths ?? wasmFiles());
  }
  return undefined;
}

/** Bundlers find files by these very words, and put them beside what they make. */
function wasmFiles(): Record<string, string> {
  return {
    "tfjs-backend-wasm.wasm": new URL("./tfjs-backend-wasm.wasm", import.meta.url).href,
    "tfjs-backend-wasm-simd.wasm": new URL("./tfjs-backend-wasm-simd.wasm", import.meta.url).href,
    "tfjs-backend-wasm-threaded-simd.wasm": new URL("./tfjs-backend-wasm-threaded-simd.wasm", import.meta.url).href,
  };
}

interface Gpu {
  requestAdapter(): Promise<{ info?: { vendor: string; architecture: string; description: string } } | null>;
}
const gpu = (): Gpu => (navigator as unknown as { gpu: Gpu }).gpu;

function hasWebgl(): boolean {
  const canvas = typeof OffscreenCanvas === "undefined" ? document.createElement("canvas") : new OffscreenCanvas(1, 1);
  return (canvas as HTMLCanvasElement).getContext("webgl2") !== null;
}

/** For people, as far as the browser tells: `google swiftshader`. */
async function deviceOf(name: "webgpu" | "webgl"): Promise<string> {
  if (name === "webgl") {
    const { gpgpu } = tf.backend() as unknown as { gpgpu?: { gl?: WebGL2RenderingContext } };
    return (gpgpu?.gl?.getParameter(gpgpu.gl.RENDERER) as string | undefined) ?? "GPU";
  }
  const info = (await gpu().requestAdapter())?.info;
  return info?.description || [info?.vendor, info?.architecture].filter(Boolean).join(" ") || "GPU";
}

/** @throws VitrineError if the choice is not made yet: {@link ready} makes it */
export function backendChoice(): BackendChoice {
  const { choice } = backendState();
  if (!choice) throw new VitrineError("The backend is not chosen yet: await ready() first.");
  return choice;
}

/** Switches to one of the backends that this browser has, for tests that compare them. */
export const switchBackend = (name: Name, wasmPaths?: string): Promise<string | undefined> => activate(name, wasmPaths);
