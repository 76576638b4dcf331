// What TensorFlow's library reads and writes while it loads.
import { join } from "node:path";
import { projectRoot } from "../../core/process";

/**
 * To be called before TensorFlow's library loads, since it reads these once. What the user set himself stays.
 */
export function prepareTensorFlow(): void {
  // TensorFlow takes oneDNN's kernels by itself only on processors with AVX-512 VNNI or AMX. On others they are as
  // exact, and a gradient of SqueezeNet takes half the time: max-pooling's gradient alone, in TensorFlow's own kernel,
  // takes a third of it.
  if (process.arch === "x64") process.env.TF_ENABLE_ONEDNN_OPTS ??= "1";
  // 3 hides notes on CPU features, CUDA libraries that are absent, deprecations, and what it calls an error and only
  // means that another kernel is taken. What fails is thrown as well.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "3";
  // TensorFlow otherwise takes all the memory of a GPU that others may share.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true";
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

/**
 * Runs `work`, which loads TensorFlow's library, with stderr turned away: the library writes two lines of notes while
 * it loads, before it reads any log level. What fails is thrown, not written. Needs the small addon that set-up builds.
 */
export function withoutLoaderNotes<T>(work: () => T): T {
  const stderr = quietAddon();
  stderr?.hush();
  try {
    return work();
  } finally {
    stderr?.restore();
  }
}

interface QuietAddon {
  hush(): void;
  restore(): void;
  /** For this thread alone, until it ends. False where the system does not let us. */
  hushThread?(): boolean;
}

/** None where TensorFlow's own binary was taken, which needs no addon of ours. */
export function quietAddon(): QuietAddon | undefined {
  try {
    return require(join(projectRoot(), ".venv", "native", "quiet.node")) as QuietAddon;
  } catch {
    return undefined;
  }
}
