import { join } from "node:path";
import { RunError, run, tail } from "./run.mjs";
import { filesBelow, hashFiles, hashOf, readStamp, writeStamp } from "./stamp.mjs";

/** After this long, what could not be had is asked for again. */
const retryHours = 12;

/** Step: data sets and weights fetched ahead. Nothing that the network refuses stops set-up: there are stand-ins. */
export const data = {
  name: "data, weights",

  check({ project, env }) {
    const stamp = readStamp(stampFile(project));
    const fresh = stamp?.complete || Date.now() - stamp?.when < retryHours * 3_600_000;
    return stamp?.hash === inputs(project, env) && fresh ? { ready: stamp.summary } : { todo: "fetching what is missing" };
  },

  async run({ project, env }) {
    const stamp = { hash: inputs(project, env), when: Date.now(), complete: true };
    try {
      stamp.summary = lastLine(await run(process.execPath, [join("lib", "bin", "vitrine.cjs"), "data", "get", "--all"], { cwd: project.root, env, seconds: 3600 })) || "all there";
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      stamp.complete = false;
      stamp.summary = `not everything was to be had (stand-ins are used): ${tail(error.output, 3).replace(/\s*\n\s*/g, "; ") || error.reason}`;
    }
    writeStamp(stampFile(project), stamp);
    return stamp.summary;
  },
};

const stampFile = (project) => join(project.stamps, "data.json");
const lastLine = (text) => tail(text, 1).trim();

function inputs(project, env) {
  const registries = ["data", "models"].flatMap((folder) => filesBelow(join(project.root, folder), (name) => name === "registry.json"));
  return hashOf(project.root, hashFiles(registries), env.VITRINE_MIRROR ?? "", env.VITRINE_OFFLINE ?? "", env.XDG_CACHE_HOME ?? "");
}
