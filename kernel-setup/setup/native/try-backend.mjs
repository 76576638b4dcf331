import { fileURLToPath } from "node:url";
import { RunError, run } from "../run.mjs";

const script = fileURLToPath(new URL("try-backend.cjs", import.meta.url));

/**
 * Whether a backend really computes here: a small convolution and its gradient, in a child process.
 * @param {"tfjs-node-gpu"|"tfjs-node"|"wasm"|"cpu"} name
 * @returns {Promise<{ ok: boolean, reason?: string, tensorflow?: string|null, device?: "cpu"|"gpu" }>}
 */
export async function tryBackend(project, env, name, { gpu = false } = {}) {
  try {
    const output = await run(process.execPath, [script, name, ...(gpu ? ["gpu"] : [])], {
      cwd: project.root,
      env: { ...env, TF_CPP_MIN_LOG_LEVEL: "3" },
      seconds: 120,
    });
    return JSON.parse(output.trim().split("\n").pop());
  } catch (error) {
    if (error instanceof RunError || error instanceof SyntaxError)
      return { ok: false, reason: `its try-out ended badly: ${error.reason ?? error.message}` };
    throw error;
  }
}
