// An option, declared once: what it may be, its default, unit and range, and a line of help. Checks, the command line's
// flags, docs/options.md and the keys of kept graphs are made from the declaration. Single values are checked here, too.
import { badInput } from "./errors";
import { nearNames, isSlip } from "./text";

/** Numbers allowed: from `least` (or above `above`) to `most`; finite. */
export interface NumberRange {
  readonly least?: number;
  readonly above?: number;
  readonly most?: number;
}

/** A range in words: "an integer from 1 to 10000", "a number above 0 and at most 10". */
export function allowedNumbers(kind: "number" | "integer", { least, above, most }: NumberRange): string {
  const article = kind === "integer" ? "an integer" : "a number",
    finite = (value: number | undefined): value is number => value !== undefined && Number.isFinite(value);
  if (finite(above)) return `${article} above ${above}${finite(most) ? ` and at most ${most}` : ""}`;
  if (finite(least)) return finite(most) ? `${article} from ${least} to ${most}` : `${article} ≥ ${least}`;
  return finite(most) ? `${article} ≤ ${most}` : article;
}

/** @throws BadInputError unless `value` is an integer from `least` to `most` */
export function checkInteger(what: string, value: unknown, least = 1, most = Infinity): number {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most)
    badInput({ what, got: value, allowed: allowedNumbers("integer", { least, most }) });
  return value as number;
}

/** @throws BadInputError unless `value` is a finite number in the range */
export function checkNumber(what: string, value: unknown, range: NumberRange, remedy?: string): number {
  const { least = -Infinity, above = -Infinity, most = Infinity } = range;
  if (!(typeof value === "number" && Number.isFinite(value) && value >= least && value > above && value <= most))
    badInput({ what, got: value, allowed: allowedNumbers("number", range), remedy });
  return value;
}

/** @throws BadInputError unless `value` is one of `names` */
export function checkOneOf<T extends string>(what: string, value: unknown, names: readonly T[]): T {
  if (!(names as readonly unknown[]).includes(value)) {
    const near = typeof value === "string" ? `Did you mean ${nearNames(value, names, 1)[0]}?` : undefined;
    badInput({ what, got: value, allowed: names.join(", "), remedy: near });
  }
  return value as T;
}

/** @throws BadInputError unless `value` is true or false */
export function checkBoolean(what: string, value: unknown): boolean {
  if (typeof value !== "boolean") badInput({ what, got: value, allowed: "true or false" });
  return value;
}

/**
 * What a value is: `name`, one of a list of words; `integers`, one integer or a list of them; `target`, classes by
 * index or name; `other`, what no command line can write (a tensor, a function).
 */
export type OptionKind = "number" | "integer" | "boolean" | "name" | "integers" | "text" | "target" | "other";

/**
 * How an option gets to the graph of a method's step: a part of the graph's `key`; handed in with each call, as a
 * tensor or by how often the step runs (`input`); or not at all (`never`: what bounds memory or shows progress).
 */
export type Traced = "key" | "input" | "never";

/** What every declaration says. */
export interface Details {
  /** One line, without unit, range and default: those are said from the declaration. */
  readonly help: string;
  /** What is taken where it is not given. */
  readonly default?: unknown;
  /** What happens where it is not given, in words, in place of one value for all: "by the size of the images". */
  readonly rule?: string;
  /** The method refuses to run without it. */
  readonly required?: boolean;
  /** "pixels". */
  readonly unit?: string;
  /** Whether the command line offers it. Default: true, but for what it cannot write. */
  readonly flag?: boolean;
  /** Default: "key". */
  readonly traced?: Traced;
  /** What else than its kind it may be, in words; the method itself checks that. */
  readonly or?: { readonly words: string };
}

/** A kind of value that the method itself checks. */
export interface Else<T> {
  readonly words: string;
  readonly type?: Held<T>;
}

/** Says which type a value has; never there. Equal types only: a narrower one is no declaration of a wider one. */
export type Held<T> = (value: T) => T;

/** One option, as checks, command line and docs read it. */
export interface Option<T = never> extends Details, NumberRange {
  readonly kind: OptionKind;
  /** Of kind `name`: the words. */
  readonly names?: readonly string[];
  /** Of kind `other`, and of a kind that may be something else: what, in words. */
  readonly words?: string;
  readonly type?: [T] extends [never] ? unknown : Held<T>;
}

/** A declaration for every member of an options interface: one that is missing or of another type does not compile. */
export type Schema<Options> = { readonly [Name in keyof Options]-?: Option<Exclude<Options[Name], undefined>> };
export type AnySchema = Readonly<Record<string, Option>>;

/** A declaration with its own literal values, so that what has a default is known to be there after the check. */
export type Typed<T, D> = D & { readonly kind: OptionKind; readonly type?: Held<T> };
/** What else than its kind an option may be. */
export type Or<D> = D extends { or: Else<infer T> } ? T : never;

/** A default is of the option's own kind. */
interface Default<T> {
  readonly default?: T;
}

export function number<const D extends Details & NumberRange & Default<number>>(details: D): Typed<number | Or<D>, D> {
  return { ...details, kind: "number" };
}

export function integer<const D extends Details & NumberRange & Default<number>>(details: D): Typed<number | Or<D>, D> {
  return { ...details, kind: "integer" };
}

export function boolean<const D extends Details & Default<boolean>>(details: D): Typed<boolean, D> {
  return { ...details, kind: "boolean" };
}

/** One of some words. */
export function oneOf<T extends string, const D extends Details & Default<T>>(
  names: readonly T[],
  details: D,
): Typed<T | Or<D>, D> {
  return { ...details, names, kind: "name" } as Typed<T | Or<D>, D>;
}

/** One integer, or a list of them, by the shape of an input: the method checks it. */
export function integers<const D extends Details>(details: D): Typed<number | readonly number[], D> {
  return { ...details, kind: "integers" };
}

/** A name that only the model knows, which the method looks up: a layer's. */
export function text<const D extends Details>(details: D): Typed<string, D> {
  return { ...details, kind: "text" };
}

/** A class, or several: the method resolves it by the model's names. */
export function target<T>(details: Details): Typed<T, Details> {
  return { ...details, kind: "target" };
}

/** What no command line can write. @param words what it is: "a function" */
export function other<T>(words: string, details: Details): Typed<T, Details & { words: string }> {
  return { ...details, words, kind: "other" };
}

/** A second kind of value for an option, which the method checks. @param words what it is: "an input" */
export const orElse = <T>(words: string): Else<T> => ({ words });

/** What all long work takes. */
export const progressAndSignal = <Report>() => ({
  onProgress: other<(report: Report) => void>("a function", {
    rule: "for work longer than a second a bar in the notebook, or a line on a terminal",
    help: "called as work is done",
    traced: "never",
  }),
  signal: other<AbortSignal>("an AbortSignal", {
    rule: "the running cell's own interrupt",
    help: "stops the work with an InterruptedError",
    traced: "never",
  }),
});

type ValueOf<O> = O extends { readonly type?: Held<infer T> } ? T : unknown;
type Sure<S> = {
  [Name in keyof S]: S[Name] extends { default: unknown } | { required: true } ? Name : never;
}[keyof S];

/** Options as a method uses them: each that has a default or is required is there. */
export type Checked<S> = { [Name in Sure<S>]: ValueOf<S[Name]> } & {
  [Name in Exclude<keyof S, Sure<S>>]?: ValueOf<S[Name]>;
};

/**
 * Options with their defaults filled in. What depends on a model (a target, a window, a tensor) is left to the method.
 * @throws BadInputError for a name that is one of the options but for a slip, or a value that is not allowed
 */
export function checkOptions<S>(schema: S, given: unknown = {}): Checked<S> {
  const options = schema as AnySchema,
    names = Object.keys(options);
  if (typeof given !== "object" || given === null || Array.isArray(given))
    badInput({ what: "options", got: given, allowed: `an object with ${names.join(", ")}` });
  const values = given as Readonly<Record<string, unknown>>;
  // Options of another method are passed over: one object may serve several.
  const unknown = Object.keys(values).find(
    (name) => values[name] !== undefined && !Object.hasOwn(options, name) && isSlip(name, names),
  );
  if (unknown !== undefined) {
    badInput({
      what: "the name of an option",
      got: unknown,
      allowed: names.join(", "),
      remedy: `Did you mean ${nearNames(unknown, names, 1)[0]}?`,
    });
  }
  const checked: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(options)) {
    const value = values[name] ?? (values[name] === null ? null : option.default);
    if (value !== undefined || option.required) checked[name] = checkOption(name, option, value);
  }
  return checked as Checked<S>;
}

/** A single value. @param name as the caller wrote it @throws BadInputError */
export function checkOption(name: string, option: Option, value: unknown): unknown {
  const { kind, or } = option;
  if (or !== undefined && !(kind === "name" && typeof value === "string")) return value;
  switch (kind) {
    case "integer":
      return checkInteger(name, value, option.least ?? -Infinity, option.most);
    case "number":
      return checkNumber(name, value, option);
    case "boolean":
      return checkBoolean(name, value);
    case "name":
      return checkOneOf(name, value, option.names!);
    default:
      return value;
  }
}

/** What a value may be, for people: "a number above 0", "smoothgrad, squared, vargrad". */
export function allowedWords(option: Option): string {
  const { kind, names, words, or } = option;
  const own: Readonly<Record<OptionKind, () => string>> = {
    number: () => allowedNumbers("number", option),
    integer: () => allowedNumbers("integer", option),
    boolean: () => "true or false",
    name: () => names!.join(", "),
    integers: () => "an integer, or one for each direction",
    text: () => "a name",
    target: () => "a class by index or name, or one for each input",
    other: () => words!,
  };
  return [own[kind](), ...(or ? [or.words] : [])].join(", or ");
}

/** What is taken where it is not given, for people; undefined where it has to be. */
export function defaultWords({ default: value, rule, required }: Option): string | undefined {
  if (required) return undefined;
  return value === undefined ? (rule ?? "none") : String(value);
}

/** A value that text can tell from others. */
type Plain = string | number | boolean | undefined | readonly Plain[];
const isPlain = (value: unknown): value is Plain =>
  ["string", "number", "boolean", "undefined"].includes(typeof value) || (Array.isArray(value) && value.every(isPlain));

/**
 * What tells a step from all others, so that its graph can be kept with the model: its name, the options that are not
 * handed in, and whatever else it closes over.
 * @param options checked; what a method fills in by the model is filled in
 * @returns undefined where it depends on what no text tells, a function of the caller's: its graph is not kept
 */
export function stepKey(
  name: string,
  schema: AnySchema,
  options: object,
  closesOver: Readonly<Record<string, Plain>> = {},
): string | undefined {
  const values = options as Readonly<Record<string, unknown>>;
  const own = Object.keys(schema).filter((option) => (schema[option].traced ?? "key") === "key");
  if (!own.every((option) => isPlain(values[option]))) return undefined;
  return graphKey(name, { ...Object.fromEntries(own.map((option) => [option, values[option] as Plain])), closesOver });
}

/** What tells one function of tensors from others, by its name and by what it closes over. */
export const graphKey = (name: string, closesOver: Readonly<Record<string, unknown>>): string =>
  JSON.stringify([name, closesOver]);
