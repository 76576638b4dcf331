import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { pythonEnvironment } from "../project.mjs";
import { run } from "../run.mjs";
import { hashOf, readStamp, writeStamp } from "../stamp.mjs";

/**
 * Fetches the NVIDIA libraries that TensorFlow's CUDA build opens when it starts: those that its wheel itself names for
 * `tensorflow[and-cuda]`. TensorFlow looks for them in `nvidia/` beside its own folder, as where pip puts both.
 * @param {string} library the folder with the wheel's library and METADATA
 */
export async function fetchCuda(project, env, library) {
  const wanted = cudaRequirements(readFileSync(join(library, "licence", "METADATA"), "utf8"));
  if (wanted.length === 0) throw new Error("the TensorFlow wheel names no CUDA libraries (extra and-cuda)");
  const folder = join(project.native, "cuda"),
    stamp = join(folder, "packages.json"),
    hash = hashOf(wanted);
  if (readStamp(stamp)?.hash !== hash) {
    const partial = `${folder}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    await run(
      project.python,
      [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-compile",
        "--no-cache-dir",
        "--only-binary=:all:",
        "--target",
        partial,
        ...wanted,
      ],
      { env: pythonEnvironment(env), seconds: 3600 },
    );
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
    writeStamp(stamp, { hash });
  }
  const beside = join(project.native, "nvidia");
  if (!existsSync(beside)) {
    rmSync(beside, { force: true });
    symlinkSync(join("cuda", "nvidia"), beside);
  }
}

/** What a wheel's METADATA asks for under the extra `and-cuda`, as pip takes it. */
export function cudaRequirements(metadata) {
  return metadata.split("\n").flatMap((line) => {
    const [, requirement] = /^Requires-Dist: (\S[^;]*?)\s*;.*extra == ["']and-cuda["']/.exec(line) ?? [];
    return requirement ? [requirement.replace(/[\s()]/g, "")] : [];
  });
}
