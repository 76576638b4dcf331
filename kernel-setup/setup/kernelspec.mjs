import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import jupyter from "../kernel/command/spec.cjs";
import { hasNbgraderSettings, writeNbgraderSettings } from "./nbgrader-settings.mjs";
import { project as here } from "./project.mjs";
import { readStamp } from "./stamp.mjs";

export const kernelName = "vitrine";
export const { userDataFolder } = jupyter;

/** The command that starts the kernel of the checkout `project`. */
export function kernelCommand(project, platform = process.platform) {
  const lastWords = join(dirname(project.kernelMain), "launch", "last-words.js");
  return jupyter.kernelCommand({ main: project.kernelMain, launch: project.kernelLaunch, lastWords }, platform);
}

/** What Jupyter is told about the kernel of the checkout `project`. */
export function kernelspec(project) {
  // TensorFlow reports its start, and which kernels it takes, on stderr, which is shown in the cell.
  const env = { TF_CPP_MIN_LOG_LEVEL: "3" };
  return jupyter.kernelspec(kernelCommand(project), "TypeScript (Vitrine)", { env });
}

/** Writes the kernelspec into a Jupyter data folder (…/share/jupyter). @returns its folder. */
export function installKernelspec(project, dataFolder) {
  return jupyter.writeKernelspec(dataFolder, kernelName, kernelspec(project));
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
