import { existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.mjs";
import { hashFiles, hashOf, readStamp, writeStamp } from "./stamp.mjs";

/** Step: TypeScript's code compiled for V8, without which a kernel starts a little later. */
export const kernelCode = {
  name: "compiled code",
  after: ["library, kernel"],

  check({ project }) {
    const kept = existsSync(folder(project)) && readStamp(stampFile(project))?.hash === inputs(project);
    return kept ? { ready: "kept" } : { todo: "compiling TypeScript for the kernel" };
  },

  async run({ project, env }) {
    await run(process.execPath, [join(project.root, "kernel-setup/dist/kernel/cell/keep-code.js")], { env });
    writeStamp(stampFile(project), { hash: inputs(project) });
    return "done";
  },
};

const folder = (project) => join(project.root, "kernel-setup/dist/code-cache");
const stampFile = (project) => join(project.stamps, "kernel-code.json");

const inputs = (project) => {
  const own = ["cell/keep-code.ts", "cell/code-cache.ts", "shared/v8-flags.ts"];
  const files = own.map((name) => join(project.root, "kernel-setup", "kernel", name));
  const packages = hashFiles([...files, join(project.nodeModules, "typescript", "package.json")]);
  return hashOf(process.version, process.arch, packages);
};
