#!/usr/bin/env node
// The command `vitrine-kernel`, by which Jupyter gets to know the kernel of this package.
import { parseArgs, type ParseArgsConfig } from "util";
import { doctor } from "./doctor";
import type { Flags } from "./flags";
import { install, uninstall } from "./install";
import { ownManifest } from "./package-files";
import { Told } from "./told";

const USAGE = `vitrine-kernel: a TypeScript kernel for Jupyter

  vitrine-kernel install [--user | --sys-prefix | --prefix DIR] [--name NAME] [--display-name TEXT] [--env NAME=VALUE]
  vitrine-kernel uninstall [--user | --sys-prefix | --prefix DIR] [--name NAME]
  vitrine-kernel doctor

install makes the kernel known to Jupyter, uninstall undoes that; doctor says what of the machine it needs, which
Jupyters know it, and starts it once.

  --user               for this user (where nothing else is said)
  --sys-prefix         for the Python environment that is active, or else the one of the python on the PATH
  --prefix DIR         in DIR/share/jupyter, for instance /usr/local
  --name NAME          the name in notebooks and for jupyter --kernel (default: vitrine-kernel)
  --display-name TEXT  what a launcher shows (default: TypeScript (vitrine-kernel))
  --env NAME=VALUE     a variable for the kernel; may be given several times
  --help, --version

Exit status: 0, or 1 with the cause on stderr, or 2 for a wrong command line.`;

const PLACE = {
  user: { type: "boolean" },
  "sys-prefix": { type: "boolean" },
  prefix: { type: "string" },
} as const;
const COMMANDS: Record<string, { options: NonNullable<ParseArgsConfig["options"]>; run: (flags: Flags) => unknown }> = {
  install: {
    options: {
      ...PLACE,
      name: { type: "string" },
      "display-name": { type: "string" },
      env: { type: "string", multiple: true },
    },
    run: install,
  },
  uninstall: { options: { ...PLACE, name: { type: "string" } }, run: uninstall },
  doctor: { options: {}, run: doctor },
};

const OLDEST_NODE = 20;

async function main([name, ...rest]: string[]): Promise<number> {
  if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE)
    throw new Told(`this is Node ${process.version}, and the kernel needs Node ${OLDEST_NODE} or newer: nodejs.org`);
  if (name === undefined || name === "help" || [name, ...rest].some((each) => each === "--help" || each === "-h")) {
    console.log(USAGE);
    return name === undefined ? 2 : 0;
  }
  if (name === "--version" || name === "-V") {
    console.log(ownManifest().version);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new Told(`there is no command ${name}; allowed: ${Object.keys(COMMANDS).join(", ")}`, 2);
  const answer: unknown = await command.run(flagsIn(name, command.options, rest));
  return typeof answer === "number" ? answer : 0;
}

function flagsIn(name: string, options: NonNullable<ParseArgsConfig["options"]>, args: string[]): Flags {
  const allowed = Object.keys(options)
    .map((each) => `--${each}`)
    .join(", ");
  try {
    return parseArgs({ args, options, strict: true }).values;
  } catch (error) {
    // Node's words go on for several lines.
    const [first] = (error as Error).message.split(/\. |\n/);
    throw new Told(`${name}: ${first}; allowed: ${allowed || "no options"}`, 2);
  }
}

main(process.argv.slice(2)).then(
  (status) => process.exit(status),
  (error: unknown) => {
    const told = error instanceof Told ? error : new Told(String((error as Error | undefined)?.message ?? error));
    console.error(`vitrine-kernel: ${told.message}`);
    process.exit(told.status);
  },
);
