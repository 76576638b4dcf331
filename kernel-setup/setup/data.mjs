import { existsSync } from "node:fs";
import { join } from "node:path";
import { mirrorNote, mirrorOf, rememberMirror } from "./mirror.mjs";
import { RunError, run, tail } from "./run.mjs";
import { filesBelow, hashFiles, hashOf, readStamp, writeStamp } from "./stamp.mjs";

/** After this long, what was not available is asked for again. */
const retryHours = 12;

/** What the sheets need, and what they use where it is not available. All else is fetched when first asked for. */
const needed = [{ name: "fashion-mnist", title: "Fashion-MNIST", instead: "stand-in garments are drawn instead" }];

/** Step: data fetched ahead (the models of the sheets are committed). Nothing that the network refuses stops set-up. */
export const data = {
  name: "data, weights",
  after: ["backend", "library, kernel"],

  check({ project, env }) {
    const stamp = readStamp(stampFile(project));
    const fresh = stamp?.complete || Date.now() - stamp?.when < retryHours * 3_600_000;
    return stamp?.hash === inputs(project, env) && fresh
      ? { ready: stamp.summary }
      : { todo: "fetching what is missing" };
  },

  note: ({ project, env }) => mirrorNote(project, env),

  async run({ project, env }) {
    rememberMirror(project, env);
    const results = [];
    for (const entry of needed) results.push(await obtain(project, env, entry));
    const summary = results.map(({ text }) => text).join("; ");
    writeStamp(stampFile(project), {
      hash: inputs(project, env),
      when: Date.now(),
      complete: results.every(({ ok }) => ok),
      summary,
    });
    return summary;
  },
};

async function obtain(project, env, { name, title, instead }) {
  try {
    const output = await run(process.execPath, [join("lib", "bin", "vitrine.cjs"), "data", "get", name], {
      cwd: project.root,
      env,
      seconds: 3600,
    });
    return { ok: true, text: `${title}: ${tail(output, 1).replace(/^.*?\): /, "")}` };
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    return {
      ok: false,
      text:
        `${title} is not available (${reason(error)}): ${instead}. Where the network is open: npx vitrine data get ` +
        `${name}`,
    };
  }
}

/** The part of the command's line that says why. */
function reason({ output, reason: otherwise }) {
  const patterns = [
    /VITRINE_OFFLINE=1 forbids the network/,
    /\S+ cannot be reached/,
    /(?<=could not be fetched: )[^;]+?(?=\. |;|$)/m,
  ];
  return patterns.map((pattern) => pattern.exec(output)?.[0]).find(Boolean) ?? otherwise;
}

const stampFile = (project) => join(project.stamps, "data.json");

function inputs(project, env) {
  const mirror = mirrorOf(project, env);
  const registries = ["data", "models"].flatMap((folder) =>
    filesBelow(join(project.root, folder), (name) => name === "registry.json"),
  );
  return hashOf(
    project.root,
    hashFiles([...registries, join(project.setup, "data.mjs"), join(project.setup, "mirror.mjs")]),
    mirror ?? "",
    // A disk that was not there is asked for again as soon as it is.
    mirror !== undefined && existsSync(mirror),
    env.VITRINE_OFFLINE ?? "",
    env.XDG_CACHE_HOME ?? "",
  );
}
