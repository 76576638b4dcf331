export interface SandboxLimits {
  /** MiB of memory that a process in the sandbox may have, code and stacks included. */
  readonly memoryMiB: number;
  /** Seconds of processor time of a process. */
  readonly cpuSeconds: number;
}

export const defaultMemoryMiB = 1024;
/** What the compiler and TensorFlow.js need before the student's code has anything. */
export const ownMemoryMiB = 384;
/** One process with its threads, and not a second one of Node. */
export const mostThreads = 24;
/** MiB: each of the two small file systems, and a single file. */
export const diskMiB = 32;
/** Bytes that the student's code may print in all. */
export const mostPrinted = 8 * 2 ** 20;
/** Bytes of one answer. */
export const mostAnswered = 16 * 2 ** 20;
/** Lines that are no answer to what was asked. */
export const mostStrayLines = 1000;
