// An option, declared once: what it may be, its default, unit and range, and a line of help. Checks, the command line's
// flags, docs/options.md and the keys of kept graphs are made from the declaration.
import { badInput } from "./errors";
import { isSlip, nearNames } from "./text";

/** Numbers allowed: from `least` (or above `above`) to `most` (or below `below`); finite. */
export interface NumberRange {
  readonly least?: number;
  readonly above?: number;
  readonly most?: number;
  readonly below?: number;
}

/** A range in words: "an integer from 1 to 10000", "a number above 0 and at most 10". */
export function allowedNumbers(kind: "number" | "integer", { least, above, most, below }: NumberRange): string {
  const article = kind === "integer" ? "an integer" : "a number",
    finite = (value: number | undefined): value is number => value !== undefined && Number.isFinite(value);
  if (finite(above) && finite(below)) return `${article} above ${above} and below ${below}`;
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

function isInRange(
  value: unknown,
  { least = -Infinity, above = -Infinity, most = Infinity, below = Infinity }: NumberRange,
): value is number {
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  return value >= least && value > above && value <= most && value < below;
}

/**
 * What a value is: `name`, one of a list of words; `integers`, one integer or a list of them; `text`, any; `target`,
 * classes by index or name; `other`, what no command line can write (a tensor, a function).
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
  /** What else than its kind it may be, in words. */
  readonly or?: { readonly words: string; readonly is?: Is };
  /** Of kinds `text` and `other`: whether a value is what the words say. Without it the method itself checks that. */
  readonly is?: Is;
}

type Is = (value: unknown) => boolean;

/** A kind of value; without `is` the method itself checks that and all values of the option. */
export interface Else<T> {
  readonly words: string;
  readonly is?: Is;
  readonly type?: Held<T>;
}

/** Says which type a value has; never there. Equal types only: a narrower one is no declaration of a wider one. */
export type Held<T> = (value: T) => T;

/** One option, as checks, command line and docs read it. */
export interface Option<T = never> extends Details, NumberRange {
  readonly kind: OptionKind;
  /** Of kind `name`: the words. */
  readonly names?: readonly string[];
  /** Of kinds `text` and `other`: what, in words. */
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

export function number<const D extends Details & NumberRange>(
  details: D & Default<number | Or<D>>,
): Typed<number | Or<D>, D> {
  return { ...details, kind: "number" };
}

export function integer<const D extends Details & NumberRange & Default<number>>(details: D): Typed<number | Or<D>, D> {
  return { ...details, kind: "integer" };
}

export function boolean<const D extends Details & Default<boolean>>(details: D): Typed<boolean, D> {
  return { ...details, kind: "boolean" };
}

/** One of some words. */
export function oneOf<const T extends string, const D extends Details & Default<T>>(
  names: readonly T[],
  details: D,
): Typed<T | Or<D>, D> {
  return { ...details, names, kind: "name" } as Typed<T | Or<D>, D>;
}

/** One integer, or a list of them, by the shape of an input: the method checks it. */
export function integers<const D extends Details>(details: D): Typed<number | readonly number[], D> {
  return { ...details, kind: "integers" };
}

/** A name that only the model knows, which the method looks up: a layer's. Or with `words` any text, checked. */
export function text<const D extends Details & Default<string> & { readonly words?: string }>(
  details: D,
): Typed<string, D> {
  return { ...(details.words === undefined ? {} : { is: isText }), ...details, kind: "text" };
}

/** A class, or several: the method resolves it by the model's names. */
export function target<T>(details: Details): Typed<T, Details> {
  return { ...details, kind: "target" };
}

/** What no command line can write. @param words what it is: "a function" */
export function other<T>(words: string, details: Details & { default: T }): Typed<T, Other & { default: T }>;
export function other<T>(words: string, details: Details & { required: true }): Typed<T, Other & { required: true }>;
export function other<T>(words: string, details: Details): Typed<T, Other>;
export function other<T>(words: string, details: Details): Typed<T, Other> {
  return { ...details, words, kind: "other" };
}
type Other = Details & { words: string };

/** Called as work is done. */
export const callback = <T extends (...given: never[]) => unknown>(details: Details): Typed<T, Other> =>
  other<T>("a function", { rule: "nothing", traced: "never", is: isFunction, ...details });

/** Texts, one for each of what the method counts. */
export const texts = (details: Details): Typed<readonly string[], Other> =>
  other<readonly string[]>("a list of texts", { is: areTexts, ...details });

/**
 * Options with options of their own: `augment: { flip: true }`. The method checks those, by a declaration of theirs.
 */
export const group = <T extends object>(schema: AnySchema, details: Details): Typed<T, Other> =>
  other<T>(`an object with ${Object.keys(schema).join(", ")}`, { is: isObject, ...details });

/**
 * A second kind of value for an option. @param words what it is: "an input"
 * @param is whether a value is that; without it the method itself checks the option
 */
export const orElse = <T>(words: string, is?: Is): Else<T> => ({ words, ...(is && { is }) });

export const isPath: Is = (value) => typeof value === "string" && value !== "";
const isText: Is = (value) => typeof value === "string";
export const isFunction: Is = (value) => typeof value === "function";
const isObject: Is = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
export const areTexts: Is = (value) => Array.isArray(value) && value.every(isText);
const isSignal: Is = (value) => isObject(value) && "aborted" in (value as object);

const onProgress = callback<(report: never) => void>({
  rule: "for work longer than a second a bar in the notebook, or a line on a terminal",
  help: "called as work is done",
});
const signal = other<AbortSignal>("an AbortSignal", {
  rule: "the running cell's own interrupt",
  help: "stops the work with an InterruptedError",
  traced: "never",
  is: isSignal,
});

/** What all long work takes. */
export const progressAndSignal = <Report>() => ({
  onProgress: onProgress as Typed<(report: Report) => void, Other>,
  signal,
});

/** A declaration less some of its options. */
export function without<S extends object, Name extends keyof S>(schema: S, ...names: readonly Name[]): Omit<S, Name> {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !names.includes(name as Name))) as Omit<S, Name>;
}

/** Those of the options given that a declaration has. */
export function pickOptions<S extends object, G extends object>(schema: S, given: G): Pick<G, keyof G & keyof S> {
  const own = Object.entries(given).filter(([name]) => Object.hasOwn(schema, name));
  return Object.fromEntries(own) as Pick<G, keyof G & keyof S>;
}

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
 * @param within where they are options of an option: "augment"
 * @throws BadInputError for a name that is one of the options but for a slip, or a value that is not allowed
 */
export function checkOptions<S>(schema: S, given: unknown = {}, within?: string): Checked<S> {
  const options = schema as AnySchema,
    names = Object.keys(options),
    called = (name: string): string => (within === undefined ? name : `${within}.${name}`);
  if (!isObject(given))
    badInput({ what: within ?? "options", got: given, allowed: `an object with ${names.join(", ")}` });
  const values = given as Readonly<Record<string, unknown>>;
  // Options of another method are passed over: one object may serve several.
  const unknown = Object.keys(values).find(
    (name) => values[name] !== undefined && !Object.hasOwn(options, name) && isSlip(name, names),
  );
  if (unknown !== undefined) {
    badInput({
      what: within === undefined ? "the name of an option" : `the name of an option of ${within}`,
      got: unknown,
      allowed: names.join(", "),
      remedy: `Did you mean ${nearNames(unknown, names, 1)[0]}?`,
    });
  }
  const checked: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(options)) {
    const value = values[name] ?? (values[name] === null ? null : option.default);
    if (value !== undefined || option.required) checked[name] = checkOption(called(name), option, value);
  }
  return checked as Checked<S>;
}

/** A single value. @param name as the caller wrote it @throws BadInputError */
export function checkOption(name: string, option: Option, value: unknown): unknown {
  const { kind, names, or, unit = "" } = option;
  const others = or && (or.is ? or.is(value) : !(kind === "name" && typeof value === "string"));
  if (others || fits(option, value)) return value;
  const allowed = allowedWords(or?.is ? option : { ...option, or: undefined });
  const near = kind === "name" && typeof value === "string" ? nearNames(value, names!, 1)[0] : undefined;
  return badInput({
    what: name,
    got: value,
    // "a number of pixels from 10 to 10000"
    allowed: /^\w+$/.test(unit) ? allowed.replace(/^a number\b/, `a number of ${unit}`) : allowed,
    remedy: near === undefined ? undefined : `Did you mean ${near}?`,
  });
}

/** Whether a value is of an option's kind, as far as that can be told without the method. */
function fits(option: Option, value: unknown): boolean {
  switch (option.kind) {
    case "integer":
      return Number.isInteger(value) && isInRange(value, option);
    case "number":
      return isInRange(value, option);
    case "boolean":
      return typeof value === "boolean";
    case "name":
      return (option.names as readonly unknown[]).includes(value);
    default:
      return option.is?.(value) ?? true;
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
    text: () => words ?? "a name",
    target: () => "a class by index or name, or one for each input",
    other: () => words!,
  };
  return [own[kind](), ...(or ? [or.words] : [])].join(", or ");
}

/** What is taken where it is not given, for people; undefined where it has to be. */
export function defaultWords({ default: value, rule, required }: Option): string | undefined {
  if (required) return undefined;
  return value === undefined ? (rule ?? "none") : typeof value === "string" ? value : worded(value);
}

/** As it is written: `[0, 1]`, `{ every: 10 }`. */
function worded(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(worded).join(", ")}]`;
  if (typeof value === "string") return `"${value}"`;
  if (typeof value !== "object" || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([name, own]) => `${name}: ${worded(own)}`)
    .join(", ")} }`;
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
