import { existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.mjs";
import { filesBelow, hashFiles, hashOf, readStamp, writeStamp } from "./stamp.mjs";

/** Step: the library and the kernel, from TypeScript to the JavaScript that notebooks load. */
export const compile = {
  name: "library, kernel",
  after: ["npm packages"],

  check({ project }) {
    const built =
      existsSync(join(project.root, "lib", "dist", "index.js")) &&
      existsSync(join(project.root, "kernel-setup", "course", "dist", "index.js")) &&
      existsSync(project.kernelMain);
    if (built && readStamp(stampFile(project))?.hash === inputs(project)) return { ready: "compiled" };
    return { todo: "compiling" };
  },

  async run({ project, env }) {
    // Taken before: a file saved while the compiler runs is compiled next time.
    const hash = inputs(project);
    try {
      await run(
        process.execPath,
        [join(project.nodeModules, "typescript", "bin", "tsc"), "-b", "lib", "kernel-setup/course", "kernel-setup"],
        { cwd: project.root, env },
      );
    } catch (error) {
      throw new Error(`lib or kernel-setup does not compile: ${error.message}`, { cause: error });
    }
    writeStamp(stampFile(project), { hash });
    return "done";
  },
};

const stampFile = (project) => join(project.stamps, "compile.json");

function inputs(project) {
  const sources = [
    "lib",
    join("kernel-setup", "kernel"),
    join("kernel-setup", "course"),
    join("kernel-setup", "grading"),
  ].flatMap((folder) => filesBelow(join(project.root, folder), (name) => /\.([cm]?ts|json)$/.test(name)));
  const settings = [
    "tsconfig.json",
    "kernel-setup/tsconfig.json",
    "kernel-setup/course/tsconfig.json",
    "kernel-setup/setup/lock.cjs",
    "kernel-setup/course/sheet/sheet-names.cjs",
    "kernel-setup/kernel/command/spec.cjs",
    "node_modules/typescript/package.json",
  ].map((name) => join(project.root, name));
  return hashOf(hashFiles([...sources, ...settings]));
}
