import { attributionMethods, type MethodOption } from "../attribution/methods";
import { nearNames } from "../util/near-names";
import { UsageError, type Flag, type Flags } from "./args";

const kebab = (option: string): string => option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Every option of every attribution method as a flag. */
export function methodFlags(): Flags {
  const flags: Record<string, Flag> = {};
  for (const [option, methods] of Object.entries(methodsByOption())) {
    flags[kebab(option)] = flagOf(option, methods);
  }
  return flags;
}

/** @throws UsageError with near names */
export function knownMethod(name: string): string {
  const names = Object.keys(attributionMethods);
  if (Object.hasOwn(attributionMethods, name)) return name;
  throw new UsageError(`Unknown method "${name}". Did you mean ${nearNames(name, names, 1)[0]}? All: ${names.join(", ")}.`);
}

/**
 * The options of one method, as its function takes them.
 * @param values flags as parsed; undefined or false: not given
 * @throws UsageError for a flag of another method, a missing one, or a value that is no such thing
 */
export function methodOptions(method: string, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own = attributionMethods[method].options;
  for (const [option, methods] of Object.entries(methodsByOption())) {
    const given = values[kebab(option)] !== undefined && values[kebab(option)] !== false;
    if (given && !methods.includes(method)) {
      const flags = Object.keys(own).map((name) => `--${kebab(name)}`).join(", ");
      throw new UsageError(`--${kebab(option)} is an option of ${methods.join(" and ")}; ${method} takes ${flags || "none of its own"}.`);
    }
    if (!given && methods.includes(method) && own[option].required) throw new UsageError(`${method} needs --${kebab(option)} N, in pixels.`);
  }
  const given = Object.keys(own).filter((option) => values[kebab(option)] !== undefined);
  return Object.fromEntries(given.map((option) => [option, optionValue(kebab(option), own[option], values[kebab(option)])]));
}

function methodsByOption(): Record<string, string[]> {
  const methods: Record<string, string[]> = {};
  for (const [method, { options }] of Object.entries(attributionMethods)) {
    for (const option of Object.keys(options)) (methods[option] ??= []).push(method);
  }
  return methods;
}

function flagOf(option: string, methods: readonly string[]): Flag {
  const [{ kind, required }] = methods.map((method) => attributionMethods[method].options[option]);
  const help = `${methods.join(", ")}${required ? " (required there)" : ""}`;
  if (kind === "boolean") return { type: "switch", help };
  if (kind === "integer" || kind === "number") return { type: kind, help };
  if (kind === "integers") return { type: "text", value: "N[,N…]", help };
  if (kind === "text") return { type: "text", value: "NAME", help };
  const words = methods.map((method) => `${method}: ${(attributionMethods[method].options[option].kind as readonly string[]).join(", ")}`);
  return { type: "text", value: "NAME", help: words.join("; ") };
}

function optionValue(flag: string, { kind }: MethodOption, value: unknown): unknown {
  if (kind === "integers") {
    const numbers = String(value).split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
    if (!numbers.every(Number.isInteger)) throw new UsageError(`--${flag} is "${String(value)}"; allowed: an integer, or several with commas.`);
    return numbers.length === 1 ? numbers[0] : numbers;
  }
  if (Array.isArray(kind) && !kind.includes(value as string)) {
    throw new UsageError(`--${flag} is "${String(value)}"; allowed: ${kind.join(", ")}. Did you mean ${nearNames(String(value), kind, 1)[0]}?`);
  }
  return value;
}
