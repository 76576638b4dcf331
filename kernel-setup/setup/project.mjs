import { join } from "node:path";
import { fileURLToPath } from "node:url";

const windows = process.platform === "win32";

/** Where things are in the checkout at `root`. */
export function projectAt(root) {
  const venv = join(root, ".venv");
  const bin = join(venv, windows ? "Scripts" : "bin");
  return {
    root,
    venv,
    bin,
    python: join(bin, windows ? "python.exe" : "python"),
    native: join(venv, "native"),
    stamps: join(venv, "vitrine"),
    nodeModules: join(root, "node_modules"),
    setup: join(root, "kernel-setup", "setup"),
    kernelMain: join(root, "kernel-setup", "dist", "kernel", "main.js"),
    kernelLaunch: join(root, "kernel-setup", "kernel", "launch", "launch.sh"),
    notebooks: join(root, "notebooks"),
  };
}

/** The checkout this file belongs to. */
export const project = projectAt(fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, ""));

/** The environment for Python: nothing of the user's own Python set-up leaks into the project's. */
export function pythonEnvironment(env = process.env) {
  const { PYTHONHOME, PYTHONPATH, PIP_TARGET, PIP_PREFIX, ...rest } = env;
  return { ...rest, PIP_USER: "0", PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_NO_INPUT: "1" };
}
