// Errors of TensorFlow.js for people: the operation, the shapes of what it was given, what does not fit, in words; and
// a stack that begins in the caller's own line. `Invalid TF_Status: 3` alone tells nobody where and why.
import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs";
import { VitrineError } from "../../core/errors";
import { operandsText } from "./operands";
import { operandsOf, rules, unchecked } from "./rules";

type Operation = (this: unknown, ...args: unknown[]) => unknown;

/** TensorFlow.js names its operations so; the rest of what it exports is none. */
const SUFFIX = "__op";
/** Objects of operations. */
const GROUPS = ["image", "linalg", "losses", "signal", "spectral", "fused"];
/** They make tensors, and are no operations to TensorFlow.js. */
const MAKERS = "tensor tensor1d tensor2d tensor3d tensor4d tensor5d tensor6d scalar zeros ones fill variable".split(
  " ",
);

const ours: unique symbol = Symbol.for("vitrine.explains");
const told = new WeakSet<Error>();

/**
 * Every operation, as a function and as a tensor's method, explains why it refuses what it was given. TensorFlow.js
 * looks its own operations up elsewhere, so that only a caller's calls pass here: what runs inside costs nothing, and
 * a call a few nanoseconds.
 */
export function installRefusals(): void {
  // The part that has the operations, itself: `tf` looks them up there whenever one is called.
  const exported = createRequire(require.resolve("@tensorflow/tfjs"))("@tensorflow/tfjs-core") as Record<
    string,
    unknown
  >;
  if (Object.hasOwn(tf.Tensor.prototype, ours)) return;
  Object.defineProperty(tf.Tensor.prototype, ours, { value: true });
  const names = new Set<string>();
  for (const [key, value] of Object.entries(exported)) {
    const operation = isOperation(value);
    if (operation) names.add(key);
    if (operation || MAKERS.includes(key)) put(exported, key, explaining(key, value as Operation));
  }
  for (const group of GROUPS) {
    const members = exported[group] as Record<string, unknown>;
    for (const [key, value] of Object.entries(members))
      if (isOperation(value)) put(members, key, explaining(key, value as Operation));
  }
  const methods = tf.Tensor.prototype as unknown as Record<string, Operation>;
  for (const key of Object.keys(methods)) if (names.has(key)) put(methods, key, explainingMethod(key, methods[key]));
}

const isOperation = (value: unknown): boolean => typeof value === "function" && value.name.endsWith(SUFFIX);

function put(place: Record<string, unknown>, key: string, value: unknown): void {
  // Where a bundler froze them, TensorFlow.js's own messages stay.
  if (Object.getOwnPropertyDescriptor(place, key)?.writable) place[key] = value;
}

function explaining(name: string, operation: Operation): Operation {
  const strict = unchecked.has(name);
  function explained(this: unknown, ...args: unknown[]): unknown {
    if (strict && tf.getBackend() !== "tensorflow") refuse(name, args, explained);
    try {
      return operation.apply(this, args);
    } catch (error) {
      throw explain(error, name, args, explained);
    }
  }
  Object.defineProperty(explained, "name", { value: operation.name });
  return explained;
}

function explainingMethod(name: string, operation: Operation): Operation {
  const strict = unchecked.has(name);
  function explained(this: unknown, ...args: unknown[]): unknown {
    if (strict && tf.getBackend() !== "tensorflow") refuse(name, [this, ...args], explained);
    try {
      return operation.apply(this, args);
    } catch (error) {
      throw explain(error, name, asFunction(name, this, args), explained);
    }
  }
  Object.defineProperty(explained, "name", { value: operation.name });
  return explained;
}

/** What the function of that name would be given: x.reshape([2]) is reshape(x, [2]). */
function asFunction(name: string, self: unknown, args: unknown[]): unknown[] {
  // x.concat(others, axis) and x.stack(others, axis) begin with x; the condition x.where(a, b) takes stands between.
  if (name === "concat" || name === "stack") return [[self, ...[args[0]].flat()], ...args.slice(1)];
  if (name === "where") return [args[0], self, args[1]];
  return [self, ...args];
}

function refuse(name: string, args: readonly unknown[], from: Operation): void {
  const words = ruleWords(name, args);
  if (words === undefined) return;
  const error = new Error(sentence(name, args, words));
  told.add(error);
  Error.captureStackTrace(error, from);
  throw error;
}

/** The same error with another message, and with a stack that begins where the operation was called. */
function explain(error: unknown, name: string, args: readonly unknown[], from: Operation): unknown {
  if (!(error instanceof Error) || error instanceof VitrineError || told.has(error)) return error;
  told.add(error);
  const words = missingArgument(args, error.message) ?? ruleWords(name, args) ?? dtypeWords(error.message, name);
  error.message = sentence(name, args, words ?? ownWords(error.message, name));
  Error.captureStackTrace(error, from);
  return error;
}

function ruleWords(name: string, args: readonly unknown[]): string | undefined {
  return rules.get(name)?.words?.(...args);
}

/** `matMul of [3,1] and [3,1]: the inner sizes 1 and 3 differ.` */
function sentence(name: string, args: readonly unknown[], words: string): string {
  const given = operandsText(operandsOf(name, args));
  return `${name}${given && ` of ${given}`}${rules.get(name)?.also?.(...args) ?? ""}: ${words}`;
}

/** Tensors that are gone or never were. */
function missingArgument(args: readonly unknown[], message: string): string | undefined {
  const given = args.flat();
  if (given.some((each) => each instanceof tf.Tensor && each.isDisposed))
    return (
      "a tensor was freed before, by dispose() or at the end of a tf.tidy. " +
      "What tf.tidy's function returns stays, and tf.keep(x) keeps x."
    );
  const wrong = /Argument '(\w+)' passed to '\w+' must be a Tensor or TensorLike, but got '(.*)'/.exec(message);
  if (given.some((each) => typeof (each as { then?: unknown } | undefined)?.then === "function"))
    return "an argument is a promise. Put await before what makes it.";
  if (!wrong) return undefined;
  const got = wrong[2] === "null" ? "missing (undefined or null)" : `of type ${wrong[2]}`;
  const hint = wrong[2] === "Object" ? " Of an attribution, take its values." : "";
  return `its argument ${wrong[1]} is ${got}; a tensor or numbers are asked for.${hint}`;
}

/** A dtype that an operation does not take. */
function dtypeWords(message: string, name: string): string | undefined {
  const found = /Argument '(\w+)' passed to '\w+' must be (\w+) tensor, but got (\w+) tensor/.exec(message);
  if (!found) return undefined;
  const [, argument, wanted, got] = found;
  if (got === "string") return `its argument ${argument} holds texts; ${name} takes numbers.`;
  return `its argument ${argument} is ${got}; ${name} takes ${wanted}: tf.cast(${argument}, "${wanted}").`;
}

/** What TensorFlow.js says itself, without what is said already. */
function ownWords(message: string, name: string): string {
  const bare = message
    .replace(/^Invalid TF_Status: \d+\s*Message: /, "")
    .replace(new RegExp(`^Error in ${name}: *`), "")
    .trim();
  return /[.!?]$/.test(bare) ? bare : `${bare}.`;
}
