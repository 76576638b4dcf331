import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RunError, run } from "./run.mjs";
import { hashFiles, hashOf, readStamp, writeStamp } from "./stamp.mjs";

/** Step: the npm packages of package-lock.json. Install scripts stay off (.npmrc): they download from elsewhere. */
export const npmPackages = {
  name: "npm packages",
  after: [],

  check({ project }) {
    const stamp = stampFile(project);
    const hash = inputs(project);
    if (readStamp(stamp)?.hash === hash) return { ready: "as in package-lock.json" };
    // Installed by hand (npm install, npm ci): nothing to do when it is the same tree.
    if (installedAsLocked(project)) {
      writeStamp(stamp, { hash });
      return { ready: "as in package-lock.json" };
    }
    return { todo: "installing those in package-lock.json" };
  },

  async run({ project, env }) {
    const [command, ...args] = npmCommand(env);
    try {
      await run(command, [...args, "ci", "--include=dev", "--no-progress", "--loglevel=error"], {
        cwd: project.root,
        env,
      });
    } catch (error) {
      if (error instanceof RunError && error.missing)
        throw new Error("npm is not installed: install Node.js with npm (>= 20), e.g. apt-get install nodejs npm", {
          cause: error,
        });
      throw new Error(`npm could not install the packages (is the npm registry reachable?): ${error.message}`, {
        cause: error,
      });
    }
    writeStamp(stampFile(project), { hash: inputs(project) });
    return "installed";
  },
};

/** Inside node_modules, so that it goes when they go. */
const stampFile = (project) => join(project.nodeModules, ".vitrine.json");

function inputs(project) {
  const files = ["package.json", "package-lock.json", "lib/package.json"].map((name) => join(project.root, name));
  return hashOf(hashFiles(files), process.platform, process.arch);
}

/**
 * Whether every package that the lock file demands is there in that version, by npm's own record of what it installed.
 */
export function installedAsLocked(project) {
  const hidden = join(project.nodeModules, ".package-lock.json");
  if (!existsSync(hidden) || !existsSync(join(project.nodeModules, "vitrine"))) return false;
  const installed = JSON.parse(readFileSync(hidden, "utf8")).packages ?? {};
  const locked = JSON.parse(readFileSync(join(project.root, "package-lock.json"), "utf8")).packages ?? {};
  return Object.entries(locked).every(
    ([path, entry]) =>
      !path.includes("node_modules/") ||
      entry.link ||
      entry.optional ||
      entry.devOptional ||
      entry.peer ||
      installed[path]?.version === entry.version,
  );
}

/** npm as it was started, if this process comes from npm; else the one on PATH. */
export function npmCommand(env = process.env) {
  if (env.npm_execpath?.endsWith(".js") && existsSync(env.npm_execpath)) return [process.execPath, env.npm_execpath];
  return process.platform === "win32" ? ["cmd", "/c", "npm"] : ["npm"];
}
