// @ts-check
// What Jupyter is told about the kernel, and where. JavaScript, since set-up asks it before anything is compiled.
const { mkdirSync, renameSync, rmSync, writeFileSync } = require("node:fs");
const { homedir } = require("node:os");
const { join } = require("node:path");

/**
 * The command that starts the kernel: by a shell that captures what native code prints and outlives the kernel, where
 * there is one.
 * @param {{ main: string, launch: string, lastWords: string, node?: string }} files
 * @param {NodeJS.Platform} [platform]
 */
function kernelCommand({ main, launch, lastWords, node = process.execPath }, platform = process.platform) {
  const shell = platform === "win32" ? [] : ["/bin/sh", launch, lastWords];
  // The flag lets a running cell be interrupted on Node 20 (which aborts without it).
  return [...shell, node, "--no-force-async-hooks-checks", main, "--connection-file", "{connection_file}"];
}

/**
 * What is the same for every kernelspec of ours.
 * @param {string[]} argv
 * @param {string} displayName
 * @param {{ env?: Record<string, string>, metadata?: Record<string, unknown> }} [more]
 */
function kernelspec(argv, displayName, { env = {}, metadata = {} } = {}) {
  return {
    argv,
    display_name: displayName,
    language: "typescript",
    interrupt_mode: "message",
    env,
    metadata: { debugger: true, ...metadata },
  };
}

const logo =
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="10" ` +
  `fill="#1b4965"/><path d="M12 14h40v32H12z" fill="none" stroke="#bee9e8" stroke-width="4"/><path d="M20 20l12 20 ` +
  `12-20" fill="none" stroke="#ffb703" stroke-width="5" stroke-linejoin="round" stroke-linecap="round"/><path ` +
  `d="M18 54h28" stroke="#bee9e8" stroke-width="4" stroke-linecap="round"/></svg>\n`;

/**
 * Writes a kernelspec into a Jupyter data folder (…/share/jupyter); whole or not at all.
 * @param {string} dataFolder
 * @param {string} name
 * @param {object} spec
 * @returns {string} its folder
 */
function writeKernelspec(dataFolder, name, spec) {
  const folder = join(dataFolder, "kernels", name);
  const partial = join(dataFolder, "kernels", `.${name}.${process.pid}`);
  mkdirSync(partial, { recursive: true });
  writeFileSync(join(partial, "kernel.json"), `${JSON.stringify(spec, null, 2)}\n`);
  writeFileSync(join(partial, "logo-svg.svg"), logo);
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
  return folder;
}

/**
 * Where Jupyter looks for a user's kernels (the folders of jupyter_core.paths).
 * @param {NodeJS.ProcessEnv} [env]
 * @param {NodeJS.Platform} [platform]
 * @returns {string}
 */
function userDataFolder(env = process.env, platform = process.platform) {
  if (env.JUPYTER_DATA_DIR) return env.JUPYTER_DATA_DIR;
  if (platform === "darwin") return join(homedir(), "Library", "Jupyter");
  if (platform === "win32") return join(env.APPDATA ?? join(homedir(), "AppData", "Roaming"), "jupyter");
  return join(env.XDG_DATA_HOME || join(homedir(), ".local", "share"), "jupyter");
}

module.exports = { kernelCommand, kernelspec, writeKernelspec, userDataFolder };
