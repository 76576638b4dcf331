import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  helpText,
  parseCommand,
  UsageError,
  wantsHelp,
  type Command,
  projectRoot,
  runScript,
  VitrineError,
} from "vitrine/dist/kit";

export const summary = "install the TypeScript kernel into an existing Jupyter or JupyterHub";

const command = {
  name: "kernel install",
  summary,
  flags: {
    user: { type: "switch", help: "for this user" },
    prefix: {
      type: "text",
      value: "DIR",
      help: "into DIR/share/jupyter/kernels: a virtual environment, /usr/local (default: none; one of both is needed)",
    },
  },
  examples: ["kernel install --user", "kernel install --prefix /usr/local"],
} satisfies Command;

export async function run(args: string[]): Promise<number> {
  if (wantsHelp(args)) {
    process.stdout.write(`${helpText(command)}\n`);
    return 0;
  }
  if (args[0] !== "install")
    throw new UsageError(
      `kernel ${args[0] ?? "without an action"}; allowed: kernel install --user, or kernel install --prefix DIR.`,
    );
  const { flags } = parseCommand(command, args.slice(1));
  if (flags.user === (flags.prefix !== undefined))
    throw new UsageError("kernel install takes one of --user and --prefix DIR.");
  return install(flags.prefix === undefined ? ["--user"] : ["--prefix", flags.prefix]);
}

/** The kernel's set-up runs before anything is compiled, so it is a script of its own. */
async function install(where: readonly string[]): Promise<number> {
  const script = join(projectRoot(), "kernel-setup", "setup", "kernelspec.mjs");
  if (!existsSync(script))
    throw new VitrineError(`${script} is missing: the kernel can be installed only from a clone of the project.`);
  return (await runScript(script, where, { shown: true })).status === 0 ? 0 : 1;
}
