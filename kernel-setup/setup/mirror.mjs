import { existsSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { readStamp, writeStamp } from "./stamp.mjs";

// The library reads this file, too (lib/data/registry.ts): a kernel that JupyterHub starts has no VITRINE_MIRROR.
const fileOf = (project) => join(project.stamps, "mirror.json");

/**
 * The folder that data and weights are looked for in: VITRINE_MIRROR, else that of the last set-up.
 * @returns {string | undefined} none where the variable is set and empty
 */
export function mirrorOf(project, env) {
  const said = env.VITRINE_MIRROR;
  return said === undefined ? readStamp(fileOf(project))?.mirror : said ? resolve(project.root, said) : undefined;
}

/** Keeps what VITRINE_MIRROR says for starts without it; set and empty, it is forgotten. */
export function rememberMirror(project, env) {
  if (env.VITRINE_MIRROR === undefined) return;
  const mirror = mirrorOf(project, env);
  if (mirror === undefined) rmSync(fileOf(project), { force: true });
  else if (existsSync(mirror)) writeStamp(fileOf(project), { mirror });
}

/** One line on a mirror that was not named this time; undefined where there is none. */
export function mirrorNote(project, env) {
  const mirror = env.VITRINE_MIRROR === undefined ? mirrorOf(project, env) : undefined;
  if (mirror === undefined) return undefined;
  return existsSync(mirror)
    ? `data and weights come from ${mirror}, as at the last set-up (an empty VITRINE_MIRROR forgets it)`
    : `${mirror}, which data and weights came from at the last set-up, is not there now; VITRINE_MIRROR=FOLDER names ` +
        `another place, an empty VITRINE_MIRROR forgets it`;
}
