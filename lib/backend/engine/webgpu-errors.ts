// Errors that WebGPU would keep to itself, giving zeros.
import * as tf from "@tensorflow/tfjs";
import { VitrineError } from "../../core/errors";

interface ErrorScopes {
  pushErrorScope(filter: "validation" | "out-of-memory"): void;
  popErrorScope(): Promise<{ message: string } | null>;
}

interface WebgpuBackend {
  readonly device: ErrorScopes;
  read(dataId: object): Promise<ArrayLike<number>>;
  readSync(dataId: object): ArrayLike<number>;
  tensorMap: { get(dataId: object): { values?: unknown } | undefined };
}

/**
 * WebGPU goes on after a program that does not compile and after memory that is not there, and gives zeros. Here the
 * next reading of a result throws what was wrong. Reading synchronously, which needs a browser's canvas, is refused by
 * name.
 */
export function watchWebgpuErrors(): void {
  const backend = tf.findBackend("webgpu") as unknown as WebgpuBackend & { watched?: boolean };
  if (backend.watched) return;
  backend.watched = true;
  const { device, read, readSync } = backend;
  const filters = ["out-of-memory", "validation"] as const;
  filters.forEach((filter) => device.pushErrorScope(filter));
  backend.read = async (dataId) => {
    const reading = read.call(backend, dataId);
    const errors = filters.map(() => device.popErrorScope());
    filters.forEach((filter) => device.pushErrorScope(filter));
    const [values, ...found] = await Promise.all([reading, ...errors]);
    const wrong = found.find((error) => error !== null);
    if (wrong)
      throw new VitrineError(
        `webgpu could not compute this: ${wrong.message.trim().split("\n")[0]} (fewer images at once need less ` +
          `memory; VITRINE_BACKEND=tensorflow has every kernel).`,
      );
    return values;
  };
  backend.readSync = (dataId) => {
    if (backend.tensorMap.get(dataId)?.values == null)
      throw new VitrineError(
        "On webgpu values cannot be read synchronously (dataSync, arraySync, print): await tensor.data() or " +
          "tensor.array().",
      );
    return readSync.call(backend, dataId);
  };
}
