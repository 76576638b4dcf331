// The kernel made known to Jupyter, and unknown.
import { spawnSync } from "child_process";
import { rmSync } from "fs";
import * as path from "path";
import type { Flags } from "./flags";
import { foundIn } from "./found";
import { kernelFiles, ownManifest } from "./package-files";
import { pythonPrefix } from "./python";
import { kernelCommand, kernelspec, userDataFolder, writeKernelspec } from "./spec.cjs";
import { Told } from "./told";

const DEFAULT_NAME = "vitrine-kernel";
const DEFAULT_TITLE = "TypeScript (vitrine-kernel)";
/** What Jupyter allows. */
const NAME = /^[a-z0-9._-]+$/i;

export function install(flags: Flags): void {
  const name = nameIn(flags);
  const title = flags["display-name"] ?? DEFAULT_TITLE;
  if (title.trim() === "") throw new Told("install: --display-name is empty; it is what a launcher shows", 2);
  const folder = dataFolder("install", flags);
  const there = foundIn(folder, name);
  if (there && !there.isOurs)
    throw new Told(
      `install: ${there.folder} has another program's kernel of that name (it starts ${there.program}). Choose ` +
        `another one with --name.`,
    );
  const { version } = ownManifest();
  const spec = kernelspec(kernelCommand(kernelFiles), title, {
    env: environment(flags.env ?? []),
    metadata: { "vitrine-kernel": version },
  });
  let made: string;
  try {
    made = writeKernelspec(folder, name, spec);
  } catch (error) {
    throw new Told(
      `install: ${folder} cannot be written to (${(error as Error).message}). --user needs no rights, --prefix DIR ` +
        `takes a folder of yours.`,
    );
  }
  // Without it each start takes a tenth of a second more; where the package may not be written to, that is so.
  spawnSync(process.execPath, [path.join(__dirname, "../cell/keep-code.js")], { stdio: "ignore" });
  console.log(`${title}: the kernel ${name} is installed in ${made}`);
  if (isPassing(kernelFiles.main))
    console.error(
      `vitrine-kernel: it starts from npx's cache, which npm may empty. To keep it: npm install -g vitrine-kernel, ` +
        `then vitrine-kernel install.`,
    );
}

export function uninstall(flags: Flags): void {
  const name = nameIn(flags);
  const folder = dataFolder("uninstall", flags);
  const there = foundIn(folder, name);
  if (!there) {
    const hint =
      flags.prefix || flags["sys-prefix"] ? "" : " With --sys-prefix or --prefix DIR it is looked for there.";
    throw new Told(`uninstall: there is no kernel ${name} in ${path.join(folder, "kernels")}.${hint}`);
  }
  if (!there.isOurs)
    throw new Told(
      `uninstall: ${there.folder} is another program's kernel (it starts ${there.program}); ` +
        `jupyter kernelspec remove ${name} removes it.`,
    );
  try {
    rmSync(there.folder, { recursive: true });
  } catch (error) {
    throw new Told(`uninstall: ${there.folder} cannot be removed (${(error as Error).message})`);
  }
  console.log(`The kernel ${name} is gone from ${path.join(folder, "kernels")}`);
}

function nameIn({ name = DEFAULT_NAME }: Flags): string {
  if (NAME.test(name)) return name;
  throw new Told(
    `--name ${JSON.stringify(name)} is no name of a kernel; allowed: letters, digits, ".", "_" and "-"`,
    2,
  );
}

function dataFolder(command: string, { user, "sys-prefix": environment, prefix }: Flags): string {
  if ([user, environment, prefix !== undefined].filter(Boolean).length > 1)
    throw new Told(`${command} takes one of --user, --sys-prefix and --prefix DIR`, 2);
  if (prefix === "") throw new Told(`${command}: --prefix is empty; it takes a folder`, 2);
  if (prefix !== undefined) return path.join(path.resolve(prefix), "share", "jupyter");
  if (!environment) return userDataFolder();
  const found = pythonPrefix();
  if (!found)
    throw new Told(
      `${command}: no Python environment is active, and no python3 or python is on the PATH. Activate the ` +
        `environment that has Jupyter, or name it: --prefix DIR.`,
    );
  return path.join(found, "share", "jupyter");
}

function environment(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((each) => {
      const at = each.indexOf("=");
      if (at > 0) return [each.slice(0, at), each.slice(at + 1)];
      throw new Told(`install: --env takes NAME=VALUE, got ${JSON.stringify(each)}`, 2);
    }),
  );
}

/** Does a file lie where npx keeps what it fetched for one run? */
function isPassing(file: string): boolean {
  return /[\\/]_npx[\\/]/.test(file);
}
