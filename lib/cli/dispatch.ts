import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { VitrineError } from "../core/errors";
import { nearNames } from "../core/text";
import { projectRoot } from "../core/process";
import { UsageError } from "./args";

/** What the file of each subcommand exports. */
export interface Subcommand {
  /** One line for `npx vitrine --help`. */
  summary: string;
  /** @returns the exit status: 0 done, 1 a failure whose cause was printed, 2 wrong usage */
  run(args: string[]): Promise<number>;
}

type Subcommands = Record<string, () => Subcommand>;

/** Loaded only when called for: wrong usage must not wait for TensorFlow. */
const own: Subcommands = {
  doctor: () => require("./doctor") as Subcommand,
  data: () => require("./data") as Subcommand,
  models: () => require("./models") as Subcommand,
  predict: () => require("./predict") as Subcommand,
  explain: () => require("./explain") as Subcommand,
  attack: () => require("./attack") as Subcommand,
  visualize: () => require("./visualize") as Subcommand,
};

/**
 * With those of the project around the library: its package.json names the file that knows them, as `vitrineCommands`.
 */
function allSubcommands(): Subcommands {
  const { vitrineCommands } = projectPackage();
  const file = vitrineCommands && join(projectRoot(), vitrineCommands);
  if (!file || !existsSync(file)) return own;
  return { ...own, ...(require(file) as { subcommands(): Subcommands }).subcommands() };
}

/**
 * Runs one command line and reports what goes wrong in one line on stderr.
 * @param args without `node` and the script
 * @returns the exit status
 */
export async function dispatch(args: readonly string[]): Promise<number> {
  try {
    return await runSubcommand(args);
  } catch (error) {
    process.stderr.write(`vitrine: ${describe(error)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function runSubcommand([name, ...rest]: readonly string[]): Promise<number> {
  if (name === "--version" || name === "-v") return say(projectPackage().version);
  if (name === "--help" || name === "-h" || (name === "help" && rest.length === 0)) return say(overview());
  if (name === "help") return runSubcommand([rest[0], "--help"]);
  const subcommands = allSubcommands(),
    names = Object.keys(subcommands);
  if (name === undefined) throw new UsageError(`A subcommand is missing: ${names.join(", ")} (npx vitrine --help).`);
  if (name.startsWith("-"))
    throw new UsageError(
      `Unknown flag ${name}. Did you mean --${nearNames(name.replace(/^-+/, ""), ["help", "version"], 1)[0]}?`,
    );
  if (!Object.hasOwn(subcommands, name))
    throw new UsageError(
      `Unknown subcommand "${name}". Did you mean ${nearNames(name, names, 1)[0]}? (npx vitrine --help lists them.)`,
    );
  return subcommands[name]().run([...rest]);
}

function overview(): string {
  const subcommands = allSubcommands(),
    names = Object.keys(subcommands);
  const rows = names.map((name) => `  ${name.padEnd(9)}  ${subcommands[name]().summary}`);
  return [
    "npx vitrine SUBCOMMAND [flags]",
    "",
    ...rows,
    "",
    "npx vitrine SUBCOMMAND --help says more; --version prints the version.",
  ].join("\n");
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function projectPackage(): { version: string; vitrineCommands?: string } {
  return JSON.parse(readFileSync(join(projectRoot(), "package.json"), "utf8")) as {
    version: string;
    vitrineCommands?: string;
  };
}

function describe(error: unknown): string {
  const debug = /^(1|true)$/.test(process.env.VITRINE_DEBUG ?? "");
  if (debug && error instanceof Error) return error.stack ?? error.message;
  if (error instanceof VitrineError) return error.message;
  const message = (error instanceof Error ? error.message : String(error)).split("\n")[0];
  return `${message} (unexpected; VITRINE_DEBUG=1 shows where)`;
}
