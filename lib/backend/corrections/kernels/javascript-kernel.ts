import * as tf from "@tensorflow/tfjs";
import { sizeOf } from "../../../core/chunks";

/** A float32 array and its shape, row-major. */
export interface Values {
  readonly shape: number[];
  readonly values: Float32Array;
}

export type Shape4 = [number, number, number, number];

interface ReadableBackend {
  readSync(dataId: object): Float32Array | Int32Array;
  /** wasm's memory, and where in it a tensor lies. */
  readonly wasm?: { readonly HEAPU8: Uint8Array };
  readonly dataIdMap?: { get(dataId: object): { readonly memoryOffset: number | null } };
}

/** A tensor's values as they lie in memory, not copied: for reading, and only until anything else is computed. */
export function valuesOf(
  { dataId, shape, dtype }: tf.TensorInfo,
  backend = tf.backend() as unknown as ReadableBackend,
): Float32Array | Int32Array {
  const offset = backend.wasm && backend.dataIdMap?.get(dataId).memoryOffset;
  if (backend.wasm && typeof offset === "number" && dtype === "float32")
    return new Float32Array(backend.wasm.HEAPU8.buffer, offset, tf.util.sizeFromShape(shape));
  return backend.readSync(dataId);
}

/**
 * Registers a kernel that is written as loops over plain arrays, for a backend that lacks it or has it wrong. Such
 * a kernel is slower than a native one by a factor, not by orders of magnitude: it runs once a layer, and its
 * inner loop is compiled.
 */
export function registerJavaScriptKernel<A>(
  backendName: string,
  kernelName: string,
  compute: (inputs: Record<string, Values>, attrs: A) => Values,
): void {
  replaceKernel(backendName, kernelName, ({ inputs, attrs, backend }) => {
    const arrays: Record<string, Values> = {};
    for (const [name, input] of Object.entries(inputs as Record<string, tf.TensorInfo>)) {
      const data = valuesOf(input, backend as unknown as ReadableBackend);
      arrays[name] = { shape: input.shape, values: data instanceof Float32Array ? data : Float32Array.from(data) };
    }
    const { shape, values } = compute(arrays, attrs as A);
    return tf.engine().makeTensor(values, shape, "float32");
  });
}

/** Registers a kernel in the place of the backend's own, if it has one. */
export function replaceKernel(
  backendName: string,
  kernelName: string,
  kernelFunc: tf.KernelFunc,
  setupFunc?: (backend: object) => void,
): void {
  if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ kernelName, backendName, kernelFunc, setupFunc });
}

/** On a kernel of ours: the backend's own, so that wrapping again wraps that one. */
const own: unique symbol = Symbol.for("vitrine.ownKernel");
type Wrapped = tf.KernelFunc & { [own]?: tf.KernelFunc };

/** Puts a kernel around the backend's own, if it has one. Wrapping again changes nothing. */
export function wrapKernel(
  backendName: string,
  kernelName: string,
  wrap: (original: tf.KernelFunc) => tf.KernelFunc,
): void {
  const config = tf.getKernel(kernelName, backendName);
  if (!config) return;
  const original = (config.kernelFunc as Wrapped)[own] ?? config.kernelFunc;
  const wrapped: Wrapped = wrap(original);
  wrapped[own] = original;
  // TF.js runs a kernel's set-up again whenever its backend is chosen, so that must stay.
  replaceKernel(backendName, kernelName, wrapped, config.setupFunc);
}

/** Zeros of that shape. */
export function zeros(shape: number[]): Values {
  return { shape, values: new Float32Array(sizeOf(shape)) };
}
