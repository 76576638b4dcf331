// The options of methods as flags: their names, their lines in --help, and what was given as what a method takes.
import { BadInputError } from "../core/errors";
import { nearNames } from "../core/text";
import { allowedWords, checkOption, defaultWords, type AnySchema, type Option } from "../core/options";
import { UsageError, type Flag, type Flags, type NumberFlag, type TextFlag } from "./args";

/** What a subcommand with `--method` chooses from: kebab-case name → what it takes. */
export type Methods = Readonly<Record<string, { readonly options: AnySchema }>>;

const kebab = (option: string): string => option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
/** A switch can only say what is not the case already. */
const flagName = (option: string, { kind, default: value }: Option): string =>
  `${kind === "boolean" && value === true ? "no-" : ""}${kebab(option)}`;
/** A target has a flag of its own, since only the model knows its names. */
const hasFlag = ({ kind, flag = true }: Option): boolean => flag && kind !== "other" && kind !== "target";

/** Every option of every method as a flag. */
export function methodFlags(all: Methods): Flags {
  const flags: Record<string, Flag> = {};
  for (const [option, methods] of Object.entries(methodsByOption(all))) {
    const specs = methods.map((method) => all[method].options[option]);
    const lines = new Map<string, string[]>();
    methods.forEach((method, i) => {
      const line = optionLine(specs[i]);
      lines.set(line, [...(lines.get(line) ?? []), method]);
    });
    const ofAll = lines.size === 1 && methods.length === Object.keys(all).length;
    const help = [...lines].map(([line, names]) => (ofAll ? line : `${names.join(", ")}: ${line}`)).join("\n");
    flags[flagName(option, specs[0])] = { ...valueOf(specs[0]), help };
  }
  return flags;
}

/** `--target` of methods that all take one. */
export function targetFlag({ help, ...option }: Option): TextFlag {
  const more = "by index or name, or one for each image with commas";
  return { type: "text", value: "T", help: `${help}, ${more} (default: ${defaultWords({ help, ...option })})` };
}

/** One option as a flag. @param value what stands for it in --help */
export const textFlag = (option: Option, value = "NAME"): TextFlag => ({
  type: "text",
  value,
  help: optionLine(option),
});

/** Of an option that is a number. */
export const numberFlag = (option: Option): NumberFlag => {
  const { kind, least, most } = option,
    type = kind === "integer" ? kind : "number";
  return { type, ...(least !== undefined && { least }), ...(most !== undefined && { most }), help: optionLine(option) };
};

/** One line for people: "points on the path … (an integer from 1 to 10000; default: 50)". */
function optionLine(option: Option): string {
  const { help, kind, unit } = option;
  if (kind === "boolean" && option.default === true) return `turns off: ${help}`;
  const allowed = hasRange(option) || kind === "name" ? [allowedWords({ ...option, or: undefined })] : [];
  const about = [
    ...(kind === "boolean" ? [] : [...allowed, ...(unit === undefined ? [] : [inUnit(unit)])]),
    ...(option.required ? ["required"] : kind === "boolean" ? [] : [`default: ${defaultWords(option)}`]),
  ];
  return about.length === 0 ? help : `${help} (${about.join("; ")})`;
}

const hasRange = ({ kind }: Option): boolean => ["integer", "number", "integers"].includes(kind);
const inUnit = (unit: string): string => (/^(in|of|as) /.test(unit) ? unit : `in ${unit}`);

/** @throws UsageError with near names */
export function knownMethod(all: Methods, name: string): string {
  const names = Object.keys(all);
  if (Object.hasOwn(all, name)) return name;
  throw new UsageError(
    `Unknown method "${name}". Did you mean ${nearNames(name, names, 1)[0]}? All: ${names.join(", ")}.`,
  );
}

/**
 * The options of one method, as its function takes them.
 * @param values flags as parsed; undefined or false: not given
 * @throws UsageError for a flag of another method, a missing one, or a value that is no such thing
 */
export function methodOptions(
  all: Methods,
  method: string,
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const own = Object.entries(all[method].options).filter(([, option]) => hasFlag(option));
  const given = (flag: string): boolean => values[flag] !== undefined && values[flag] !== false;
  for (const [option, methods] of Object.entries(methodsByOption(all))) {
    const flag = flagName(option, all[methods[0]].options[option]);
    if (!given(flag) || methods.includes(method)) continue;
    const flags = own
      .filter(([, { traced }]) => traced !== "never")
      .map(([name, spec]) => `--${flagName(name, spec)}`)
      .join(", ");
    throw new UsageError(
      `--${flag} is an option of ${methods.join(" and ")}; ${method} takes ${flags || "none of its own"}.`,
    );
  }
  return Object.fromEntries(
    own.flatMap(([option, spec]) => {
      const flag = flagName(option, spec);
      if (!given(flag) && spec.required)
        throw new UsageError(`${method} needs --${flag} N${spec.unit === undefined ? "" : `, ${inUnit(spec.unit)}`}.`);
      if (!given(flag)) return [];
      return [[option, spec.kind === "boolean" ? spec.default !== true : optionValue(flag, spec, values[flag])]];
    }),
  );
}

function methodsByOption(all: Methods): Record<string, string[]> {
  const methods: Record<string, string[]> = {};
  for (const [method, { options }] of Object.entries(all)) {
    for (const [name, option] of Object.entries(options)) if (hasFlag(option)) (methods[name] ??= []).push(method);
  }
  return methods;
}

/** How a flag's value is written. */
function valueOf({ kind }: Option): Pick<Flag, "type" | "value"> {
  if (kind === "boolean") return { type: "switch" };
  if (kind === "integer" || kind === "number") return { type: kind };
  return { type: "text", value: kind === "integers" ? "N[,N…]" : "NAME" };
}

/** What a flag's value is as an option. @throws UsageError */
export function optionValue(flag: string, option: Option, value: unknown): unknown {
  if (option.kind === "integers") {
    const numbers = String(value)
      .split(",")
      .map((part) => (part.trim() === "" ? NaN : Number(part)));
    if (!numbers.every(Number.isInteger))
      throw new UsageError(`--${flag} is "${String(value)}"; allowed: an integer, or several with commas.`);
    return numbers.length === 1 ? numbers[0] : numbers;
  }
  try {
    return checkOption(flag, { ...option, or: undefined }, value);
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error;
    const { allowed, remedy } = error.input;
    throw new UsageError(`--${flag} is "${String(value)}"; allowed: ${allowed}.${remedy ? ` ${remedy}` : ""}`);
  }
}
