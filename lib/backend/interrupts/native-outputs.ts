interface Output {
  readonly id: number;
  /** What TF.js knows it by. */
  dataId?: object;
}
type Compute = (...args: unknown[]) => Output[];
interface Binding {
  executeOp: Compute;
  runSavedModel: Compute;
  createTensor(shape: number[], dtype: number, values: ArrayBufferView): number;
  deleteTensor(id: number): void;
  readonly TF_INT32: number;
}
interface WatchedBackend {
  binding: Binding;
  readonly tensorMap: { has(dataId: object): boolean; set(dataId: object, data: { id: number }): void };
}

/**
 * Keeps an eye on the tensors that the native library has just computed and that no tensor of TF.js stands for yet: V8
 * cuts off a long computation at exactly that point, and they would stay for ever.
 * @returns to be called after a cut: frees them
 */
export function watchNativeOutputs(backend: object): () => void {
  if (!isNative(backend)) return () => undefined;
  const { binding, tensorMap } = backend,
    { createTensor } = binding,
    { set } = tensorMap;
  let latest: Output[] = [];
  /** The native library numbers its tensors one after the other; this is the last number it told us. */
  let newest = -1;
  let working = false;
  const watched = Object.create(binding) as Binding;
  const replace = (name: keyof Binding, value: unknown): void => {
    Object.defineProperty(watched, name, { value, configurable: true, writable: true });
  };
  for (const name of ["executeOp", "runSavedModel"] as const) {
    const compute = binding[name];
    replace(name, (...args: unknown[]): Output[] => {
      working = true;
      latest = compute.apply(binding, args);
      working = false;
      if (latest.length > 0) newest = latest[latest.length - 1].id;
      return latest;
    });
  }
  replace(
    "createTensor",
    (shape: number[], dtype: number, values: ArrayBufferView) =>
      (newest = createTensor.call(binding, shape, dtype, values)),
  );
  backend.binding = watched;
  tensorMap.set = (dataId, data) => {
    for (const output of latest) if (output.id === data.id) output.dataId = dataId;
    set.call(tensorMap, dataId, data);
  };
  const free = (id: number): void => {
    try {
      backend.binding.deleteTensor(id);
    } catch {
      // Freed with its data: it had got that far.
    }
  };
  return () => {
    for (const { id, dataId } of latest) if (!dataId || !tensorMap.has(dataId)) free(id);
    latest = [];
    if (!working) return;
    working = false;
    // Cut off between the computation and the return of its outputs' numbers.
    const told = newest,
      next = watched.createTensor([], binding.TF_INT32, new Int32Array(1));
    for (let id = next; id > told; id--) free(id);
  };
}

function isNative(backend: object): backend is WatchedBackend {
  const { binding, tensorMap } = backend as Partial<WatchedBackend>;
  return typeof binding?.executeOp === "function" && typeof tensorMap?.set === "function";
}
