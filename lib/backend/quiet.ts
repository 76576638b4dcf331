import * as tf from "@tensorflow/tfjs";

/**
 * To be called before TensorFlow's library loads, since it reads these once. What the user set himself stays.
 */
export function silenceTensorFlow(): void {
  // 2 hides what is not an error: notes on CPU features, CUDA libraries that are absent, deprecations.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  // TensorFlow otherwise takes all the memory of a GPU that others may share.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true";
}

/** The plain backend prints a banner at its first tensor, which advises what set-up has already tried. */
export function silenceBanner(): void {
  const cpu = tf.findBackend("cpu") as { firstUse?: boolean } | null;
  if (cpu) cpu.firstUse = false;
}

/** Runs `work` without TF.js's warnings (kernels registered twice when two of its packages are tried in turn). */
export function withoutWarnings<T>(work: () => T): T {
  const warn = console.warn;
  console.warn = () => undefined;
  try {
    return work();
  } finally {
    console.warn = warn;
  }
}
