import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { hasNbgraderSettings, writeNbgraderSettings } from "./nbgrader-settings.mjs";
import { project as here } from "./project.mjs";
import { readStamp } from "./stamp.mjs";

export const kernelName = "vitrine";

/**
 * The command that starts the kernel: by a shell that captures what native code prints and outlives the kernel, where
 * there is one.
 */
export function kernelCommand(project, platform = process.platform) {
  const folder = dirname(project.kernelMain);
  const shell = platform === "win32" ? [] : ["/bin/sh", project.kernelLaunch, join(folder, "launch", "last-words.js")];
  // The flag lets a running cell be interrupted on Node 20 (which aborts without it).
  const node = [process.execPath, "--no-force-async-hooks-checks", project.kernelMain];
  return [...shell, ...node, "--connection-file", "{connection_file}"];
}

/** What Jupyter is told about the kernel of the checkout `project`. */
export function kernelspec(project) {
  return {
    argv: kernelCommand(project),
    display_name: "TypeScript (Vitrine)",
    language: "typescript",
    interrupt_mode: "message",
    // TensorFlow reports its start, and which kernels it takes, on stderr, which is shown in the cell.
    env: { TF_CPP_MIN_LOG_LEVEL: "3" },
    metadata: { debugger: true },
  };
}

const logo =
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="10" ` +
  `fill="#1b4965"/><path d="M12 14h40v32H12z" fill="none" stroke="#bee9e8" stroke-width="4"/><path d="M20 20l12 20 ` +
  `12-20" fill="none" stroke="#ffb703" stroke-width="5" stroke-linejoin="round" stroke-linecap="round"/><path ` +
  `d="M18 54h28" stroke="#bee9e8" stroke-width="4" stroke-linecap="round"/></svg>\n`;

/** Writes the kernelspec into a Jupyter data folder (…/share/jupyter); whole or not at all. @returns its folder. */
export function installKernelspec(project, dataFolder) {
  const folder = join(dataFolder, "kernels", kernelName);
  const partial = join(dataFolder, "kernels", `.${kernelName}.${process.pid}`);
  mkdirSync(partial, { recursive: true });
  writeFileSync(join(partial, "kernel.json"), `${JSON.stringify(kernelspec(project), null, 2)}\n`);
  writeFileSync(join(partial, "logo-svg.svg"), logo);
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
  return folder;
}

/** Where Jupyter looks for a user's kernels (the folders of jupyter_core.paths). */
export function userDataFolder(env = process.env, platform = process.platform) {
  if (env.JUPYTER_DATA_DIR) return env.JUPYTER_DATA_DIR;
  if (platform === "darwin") return join(homedir(), "Library", "Jupyter");
  if (platform === "win32") return join(env.APPDATA ?? join(homedir(), "AppData", "Roaming"), "jupyter");
  return join(env.XDG_DATA_HOME || join(homedir(), ".local", "share"), "jupyter");
}

/** Step: the kernel made known to the JupyterLab in `.venv`. */
export const vitrineKernel = {
  name: "Jupyter kernel",
  after: ["Python packages", "library, kernel"],

  check({ project }) {
    const current = readStamp(join(venvData(project), "kernels", kernelName, "kernel.json"));
    const known = JSON.stringify(current) === JSON.stringify(kernelspec(project)) && hasNbgraderSettings(project);
    return known ? { ready: kernelspec(project).display_name } : { todo: "making it known to JupyterLab" };
  },

  async run({ project }) {
    installKernelspec(project, venvData(project));
    writeNbgraderSettings(project);
    return kernelspec(project).display_name;
  },
};

const venvData = (project) => join(project.venv, "share", "jupyter");

const usage = "Usage: vitrine kernel install --user | --prefix DIR";

/** `--user` or `--prefix DIR` → the Jupyter data folder meant. @throws Error with the usage. */
export function chosenFolder(args) {
  if (args.length === 1 && args[0] === "--user") return userDataFolder();
  const prefix =
    args.length === 2 && args[0] === "--prefix"
      ? args[1]
      : args.length === 1 && args[0].startsWith("--prefix=")
        ? args[0].slice(9)
        : "";
  if (prefix && !prefix.startsWith("-")) return join(resolve(prefix), "share", "jupyter");
  throw new Error(`vitrine kernel install takes --user or --prefix DIR, got ${args.join(" ") || "nothing"}. ${usage}`);
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) main(process.argv.slice(2));

function main(args) {
  if (args.includes("--help") || args.includes("-h")) return console.log(usage);
  let folder;
  try {
    folder = chosenFolder(args);
  } catch (error) {
    console.error(error.message);
    process.exit(2);
  }
  if (!existsSync(here.kernelMain)) {
    console.error("The kernel is not compiled yet: run npm run setup first, then this again.");
    process.exit(1);
  }
  try {
    console.log(
      `Kernel ${kernelName} (${kernelspec(here).display_name}) installed in ${installKernelspec(here, folder)}`,
    );
  } catch (error) {
    console.error(
      `The kernel could not be installed in ${folder}: ${error.message}. Choose a folder you may write to with ` +
        `--prefix DIR.`,
    );
    process.exit(1);
  }
}
