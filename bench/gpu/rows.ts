/** One workload as it was measured. */
export interface Row {
  readonly name: string;
  readonly settings: object;
  /** Of each repetition, until the values are on the host. */
  readonly ms: number[];
  /** Processor time of each, of all threads. */
  readonly cpuMs: number[];
  /** The first time, when shaders are compiled. */
  firstMs?: number;
  tensors?: number;
  error?: string;
}

/** How large the workloads are: as they are named, or tiny, to try them on a software driver. */
export function sizes(quick: boolean) {
  return quick
    ? { many: 2, few: 2, steps: 2, batches: [32], window: 128, stride: 112, iterations: 2, pgdSteps: 2 }
    : { many: 25, few: 5, steps: 50, batches: [32, 250], window: 32, stride: 16, iterations: 200, pgdSteps: 40 };
}
