import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { npmCommand } from "./npm-packages.mjs";
import { run } from "./run.mjs";

/** Outside package.json, since Dawn's binaries for every platform are 130 MB unpacked, and few need them. */
export const webgpuPackages = { webgpu: "0.6.2", "@tensorflow/tfjs-backend-webgpu": "4.22.0" };

/** Step: what VITRINE_BACKEND=webgpu needs beside a graphics driver. */
export const webgpu = {
  name: "webgpu",

  check({ project }) {
    return Object.entries(webgpuPackages).every(([name, version]) => installedVersion(project, name) === version)
      ? { ready: "in node_modules" }
      : { todo: "into node_modules (150 MB)" };
  },

  async run({ project, env }) {
    const [command, ...args] = npmCommand(env);
    const wanted = Object.entries(webgpuPackages).map(([name, version]) => `${name}@${version}`);
    try {
      await run(command, [...args, "install", "--no-save", "--no-progress", "--loglevel=error", ...wanted], {
        cwd: project.root,
        env,
      });
    } catch (error) {
      throw new Error(
        `npm could not install ${wanted.join(" and ")} (is the npm registry reachable?): ${error.message}`,
        { cause: error },
      );
    }
    return "installed";
  },
};

function installedVersion(project, name) {
  const file = join(project.nodeModules, name, "package.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).version : undefined;
}
