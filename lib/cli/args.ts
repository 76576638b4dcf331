import { parseArgs } from "node:util";
import { VitrineError } from "../core/errors";
import { nearNames } from "../core/text";

/** A command line that cannot be understood: exit status 2. */
export class UsageError extends VitrineError {
  override name = "UsageError";
}

interface FlagBase {
  /** For `--help`: a line, or several for what methods make of it. */
  help: string;
  /** What stands for the value in `--help`: `FILE`. Default: by type. */
  value?: string;
  required?: boolean;
}
/** `--name VALUE` */
export interface TextFlag extends FlagBase {
  type: "text";
}
/** `--name 0.5`, or where fractions are allowed `--name 8/255`; `least` and `most` are allowed values. */
export interface NumberFlag extends FlagBase {
  type: "number" | "integer";
  least?: number;
  most?: number;
}
/** `--name`, no value. */
export interface SwitchFlag extends FlagBase {
  type: "switch";
}
export type Flag = TextFlag | NumberFlag | SwitchFlag;
export type Flags = Record<string, Flag>;

/** What a subcommand takes, for parsing and for its `--help`. */
export interface Command<F extends Flags = Flags> {
  /** As it is typed after `npx vitrine`: `data get`. */
  name: string;
  summary: string;
  /** Kebab-case name without the dashes → flag. */
  flags: F;
  /**
   * Names of the arguments without a flag, in order; one ending in `?` may be left out, in `...` may repeat. Default:
   * none.
   */
  positionals?: readonly string[];
  /** Lines after the flags in `--help`. */
  notes?: readonly string[];
  /** Whole command lines that work, less `npx vitrine`: two or more. */
  examples: readonly [string, string, ...string[]];
}

type ValueOf<F extends Flag> = F["type"] extends "text" ? string : F["type"] extends "switch" ? boolean : number;
/** Flags by name; one that was not given is undefined (a switch: false). */
export type FlagValues<F extends Flags> = {
  [Name in keyof F]: F[Name] extends { required: true } | SwitchFlag ? ValueOf<F[Name]> : ValueOf<F[Name]> | undefined;
};

export interface Parsed<F extends Flags> {
  flags: FlagValues<F>;
  positionals: string[];
}

/** @throws UsageError in one line that names the flag, the value seen and what is allowed */
export function parseCommand<F extends Flags>(command: Command<F>, args: readonly string[]): Parsed<F> {
  const names = Object.keys(command.flags);
  const fail = (message: string): never => {
    throw new UsageError(`${message} (npx vitrine ${command.name} --help)`);
  };
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      names.map((name) => [name, { type: command.flags[name].type === "switch" ? "boolean" : "string" } as const]),
    ),
  });
  const values: Record<string, string | number | boolean | undefined> = {};
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const flag = command.flags[token.name];
    if (!Object.hasOwn(command.flags, token.name)) {
      const near = nearNames(token.name, names, 1)[0];
      fail(`Unknown flag ${token.rawName}.${near ? ` Did you mean --${near}?` : ` ${command.name} takes none.`}`);
    }
    if (values[token.name] !== undefined) fail(`--${token.name} is given twice.`);
    const looksLikeFlag = !token.inlineValue && /^--[a-z]/.test(token.value ?? "");
    if (flag.type === "switch") {
      if (token.value !== undefined) fail(`--${token.name} takes no value; "${token.value}" was given.`);
      values[token.name] = true;
    } else if (token.value === undefined || looksLikeFlag) {
      fail(`--${token.name} needs a value: --${token.name} ${valueName(flag)}.`);
    } else {
      values[token.name] =
        flag.type === "text" ? token.value : numberOf(token.name, token.value!, flag as NumberFlag, fail);
    }
  }
  for (const name of names) {
    if (command.flags[name].type === "switch") values[name] ??= false;
    if (command.flags[name].required && values[name] === undefined)
      fail(`--${name} ${valueName(command.flags[name])} is missing.`);
  }
  const { positionals: wanted = [] } = command;
  const least = wanted.filter((name) => !name.endsWith("?")).length;
  if (positionals.length < least) fail(`${wanted[positionals.length]} is missing.`);
  if (positionals.length > wanted.length && !wanted.at(-1)?.replace("?", "").endsWith("..."))
    fail(`Unexpected argument "${positionals[wanted.length]}".`);
  return { flags: values as FlagValues<F>, positionals };
}

/** `--help` or `-h` before any `--`. */
export function wantsHelp(args: readonly string[]): boolean {
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  return own.includes("--help") || own.includes("-h");
}

/** For the `--help` of commands whose methods take numbers. */
export const numbersNote = "A number may be a fraction, such as 8/255; an integer may not.";

/** As wide as `--help` gets. */
const COLUMNS = 120;

/** The text that `--help` prints. */
export function helpText(command: Command): string {
  const { name, summary, flags, positionals = [], notes = [], examples } = command;
  const rows = Object.entries(flags).map(([flag, spec]): [string, string] => [
    `--${flag}${spec.type === "switch" ? "" : ` ${valueName(spec)}`}`,
    spec.help + withoutIt(spec),
  ]);
  const width = Math.max(0, ...rows.map(([left]) => left.length).filter((length) => length <= 28));
  const shown = positionals.map((positional) =>
    positional.endsWith("?") ? `[${positional.slice(0, -1)}]` : positional,
  );
  return [
    `npx vitrine ${[name, ...shown, rows.length > 0 ? "[flags]" : ""].filter(Boolean).join(" ")}`,
    `  ${summary}`,
    ...(rows.length > 0 ? [""] : []),
    ...rows.map(([left, right]) => {
      const next = `\n  ${" ".repeat(width)}`;
      const lines = right.split("\n").flatMap((line) => wrapped(line, COLUMNS - width - 4));
      return `  ${left.padEnd(width)}${left.length > width ? next : ""}  ${lines.join(`${next}  `)}`;
    }),
    ...(notes.length > 0 ? ["", ...notes.flatMap((note) => wrapped(note, COLUMNS))] : []),
    "",
    "Examples:",
    // Whole, to be copied, however long.
    ...examples.map((line) => `  npx vitrine ${line}`),
  ].join("\n");
}

/** What happens without the flag, where its help does not say that. */
function withoutIt({ type, help, required }: Flag): string {
  if (required) return " (required)";
  return type === "switch" || /default: |required/.test(help) ? "" : " (default: none)";
}

/** A line for people as lines of at most so many characters; those after the first begin further in. */
function wrapped(text: string, most: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line === "" || line.length + 1 + word.length <= most)
      lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
    else lines.push(`  ${word}`);
  }
  return lines;
}

function valueName(flag: Flag): string {
  return flag.value ?? (flag.type === "text" ? "TEXT" : "N");
}

const plain = (text: string): number => (text.trim() === "" ? NaN : Number(text));

/** `0.03`, or `8/255`: sizes of changes are published in steps of 8-bit pixels. NaN where it is no number. */
export function fraction(text: string): number {
  const [above, below] = text.split("/");
  return below === undefined ? plain(text) : /^[^/]+\/[^/]+$/.test(text) ? plain(above) / plain(below) : NaN;
}

function numberOf(name: string, text: string, flag: NumberFlag, fail: (message: string) => never): number {
  const value = flag.type === "number" ? fraction(text) : plain(text);
  const { least = -Infinity, most = Infinity, type } = flag;
  // Beyond 2^53 − 1 the next one is meant as well.
  const isInexact = Number.isInteger(value) && !Number.isSafeInteger(value),
    integer = isInexact ? "an integer of no more than 15 digits" : "an integer";
  const kind = type === "integer" ? integer : "a number or a fraction, as 8/255,";
  const range =
    least === -Infinity && most === Infinity ? "" : most === Infinity ? ` ≥ ${least}` : ` from ${least} to ${most}`;
  const fits =
    Number.isFinite(value) && (type === "number" || Number.isSafeInteger(value)) && value >= least && value <= most;
  return fits ? value : fail(`--${name} is "${text}"; allowed: ${`${kind}${range}`.replace(/,$/, "")}.`);
}
