export interface SandboxLimits {
  /** MiB of memory that the student's code may have. */
  readonly memoryMiB: number;
  /** Seconds of processor time of a process. */
  readonly cpuSeconds: number;
}

/** Seconds of processor time for the start and all cells; what the tasks may take comes on top. */
export const cellsSeconds = 90;

export const defaultMemoryMiB = 1024;
/** What the compiler and TensorFlow.js need before the student's code has anything. */
export const ownMemoryMiB = 384;
/** JavaScript's share of it: less, so that V8 notices the end of its heap before the system refuses it memory. */
export const ownHeapMiB = 256;
/** One process with its threads, and not a second one of Node. */
export const mostThreads = 24;
/** MiB: each of the two small file systems, and a single file. */
export const diskMiB = 32;
/** Files in all of a small file system: even an empty one takes a KiB of memory that belongs to no process. */
export const mostFiles = 20_000;
/** Bytes that the student's code may print in all. */
export const mostPrinted = 8 * 2 ** 20;
/** Bytes of one answer. */
export const mostAnswered = 16 * 2 ** 20;
/** Lines that are no answer to what was asked. */
export const mostStrayLines = 1000;
/** Bytes of such lines together. */
export const mostStrayBytes = 64 * 2 ** 20;
