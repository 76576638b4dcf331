import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../run.mjs";
import { tryBackend } from "./try-backend.mjs";

const reachable = fileURLToPath(new URL("reachable.cjs", import.meta.url));

/**
 * Candidate: the binary that the package's own install script downloads. That script serves platforms unevenly and
 * its download is closed on many networks, so the network is asked first.
 * @param {"tfjs-node"|"tfjs-node-gpu"} name
 */
export async function ownBinary(project, env, name) {
  const folder = join(project.nodeModules, "@tensorflow", name);
  if (!existsSync(folder)) return { ok: false, reason: "its npm package is not installed" };
  if (!existsSync(join(folder, "deps", "lib"))) {
    const reason = await ownDownload(project, env);
    if (reason) return { ok: false, reason };
    try {
      const path = [join(project.nodeModules, ".bin"), env.PATH].join(process.platform === "win32" ? ";" : ":");
      const kind = name === "tfjs-node-gpu" ? ["gpu", "download"] : ["cpu", "download"];
      await run(process.execPath, [join("scripts", "install.js"), ...kind], {
        cwd: folder,
        env: { ...env, PATH: path },
        seconds: 300,
      });
    } catch (error) {
      discard(folder);
      return { ok: false, reason: `its install script failed (${error.reason})` };
    }
  }
  const result = await tryBackend(project, env, name, { gpu: name === "tfjs-node-gpu" });
  if (!result.ok) discard(folder);
  return result;
}

/** Why the package's own download cannot be used, if it cannot. */
export async function ownDownload(project, env) {
  try {
    await run(process.execPath, [reachable], { cwd: project.root, env, seconds: 10 });
    return undefined;
  } catch (error) {
    return error.output?.trim().split("\n").pop() || error.reason;
  }
}

/** Half a download would be taken for a whole one next time. */
function discard(folder) {
  for (const part of ["deps", "lib"]) rmSync(join(folder, part), { recursive: true, force: true });
}
