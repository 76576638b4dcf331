import type { MethodOption } from "../core/method-options";
import { nearNames } from "../core/text";
import { UsageError, type Flag, type Flags } from "./args";

/** What a subcommand with `--method` chooses from: kebab-case name → what it takes. */
export type Methods = Readonly<Record<string, { readonly options: Readonly<Record<string, MethodOption>> }>>;

const kebab = (option: string): string => option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
/** A switch can only say what is not the case already. */
const flagName = (option: string, { byDefault }: MethodOption): string => `${byDefault ? "no-" : ""}${kebab(option)}`;

/** Every option of every method as a flag. */
export function methodFlags(all: Methods): Flags {
  const flags: Record<string, Flag> = {};
  for (const [option, methods] of Object.entries(methodsByOption(all))) {
    flags[flagName(option, all[methods[0]].options[option])] = flagOf(
      methods,
      methods.map((method) => all[method].options[option]),
    );
  }
  return flags;
}

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
  const own = all[method].options;
  const given = (flag: string): boolean => values[flag] !== undefined && values[flag] !== false;
  for (const [option, methods] of Object.entries(methodsByOption(all))) {
    const flag = flagName(option, all[methods[0]].options[option]);
    if (given(flag) && !methods.includes(method)) {
      const flags = Object.entries(own)
        .map(([name, spec]) => `--${flagName(name, spec)}`)
        .join(", ");
      throw new UsageError(
        `--${flag} is an option of ${methods.join(" and ")}; ${method} takes ${flags || "none of its own"}.`,
      );
    }
    if (!given(flag) && methods.includes(method) && own[option].required)
      throw new UsageError(`${method} needs --${flag} N, ${own[option].unit ?? "in pixels"}.`);
  }
  return Object.fromEntries(
    Object.entries(own).flatMap(([option, spec]) => {
      const flag = flagName(option, spec),
        value = values[flag];
      if (spec.byDefault) return given(flag) ? [[option, false]] : [];
      return value === undefined ? [] : [[option, optionValue(flag, spec, value)]];
    }),
  );
}

function methodsByOption(all: Methods): Record<string, string[]> {
  const methods: Record<string, string[]> = {};
  for (const [method, { options }] of Object.entries(all)) {
    for (const option of Object.keys(options)) (methods[option] ??= []).push(method);
  }
  return methods;
}

function flagOf(methods: readonly string[], specs: readonly MethodOption[]): Flag {
  const [{ kind }] = specs,
    needed = methods.filter((_, i) => specs[i].required);
  const required =
    needed.length === 0
      ? ""
      : needed.length === methods.length
        ? " (required there)"
        : ` (required by ${needed.join(", ")})`;
  const help = `${methods.join(", ")}${required}`;
  if (kind === "boolean") return { type: "switch", help };
  if (kind === "integer" || kind === "number") return { type: kind, help };
  if (kind === "integers") return { type: "text", value: "N[,N…]", help };
  if (kind === "text") return { type: "text", value: "NAME", help };
  const words = methods.map((method, i) => `${method}: ${(specs[i].kind as readonly string[]).join(", ")}`);
  return { type: "text", value: "NAME", help: words.join("; ") };
}

function optionValue(flag: string, { kind }: MethodOption, value: unknown): unknown {
  if (kind === "integers") {
    const numbers = String(value)
      .split(",")
      .map((part) => (part.trim() === "" ? NaN : Number(part)));
    if (!numbers.every(Number.isInteger))
      throw new UsageError(`--${flag} is "${String(value)}"; allowed: an integer, or several with commas.`);
    return numbers.length === 1 ? numbers[0] : numbers;
  }
  if (Array.isArray(kind) && !kind.includes(value as string)) {
    throw new UsageError(
      `--${flag} is "${String(value)}"; allowed: ${kind.join(", ")}. Did you mean ${nearNames(String(value), kind, 1)[0]}?`,
    );
  }
  return value;
}
