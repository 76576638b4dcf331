import * as tf from "@tensorflow/tfjs";
import { badInput } from "../../core/errors";

/** What a compiled function takes and returns: tensors and plain values, in arrays and plain objects. */
export type Structure =
  | tf.Tensor
  | number
  | string
  | boolean
  | null
  | undefined
  | readonly Structure[]
  | { readonly [name: string]: Structure };

/**
 * The tensors of a structure in their order, and the rest as a text that is the same exactly for structures of the same
 * kind.
 */
export interface Flat {
  readonly tensors: tf.Tensor[];
  /** Where each tensor is, for people and for signatures of saved models: `0`, `1.oneHot`. */
  readonly paths: string[];
  /** With dtype and shape in the place of each tensor. */
  readonly signature: string;
}

/**
 * @param what name of the whole, for errors
 * @throws BadInputError for anything that is no {@link Structure}: what a Map or a class's instance holds may change
 * unseen
 */
export function flatten(structure: unknown, what: string): Flat {
  const tensors: tf.Tensor[] = [],
    paths: string[] = [];
  const visit = (value: unknown, path: string): string => {
    if (value instanceof tf.Tensor) {
      tensors.push(value);
      paths.push(path);
      const { dtype, shape } = value as tf.Tensor;
      return `${dtype}[${shape.join(",")}]`;
    }
    if (value === null || value === undefined || typeof value === "boolean") return String(value);
    if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
    if (typeof value === "string") return JSON.stringify(value);
    const inside = (name: string | number): string => (path === "" ? String(name) : `${path}.${name}`);
    if (Array.isArray(value)) return `[${value.map((item, i) => visit(item, inside(i))).join(";")}]`;
    if (isPlainObject(value))
      return `{${Object.keys(value)
        .sort()
        .map((name) => `${JSON.stringify(name)}:${visit(value[name], inside(name))}`)
        .join(";")}}`;
    return badInput({
      what: path === "" ? what : `${what} ${path}`,
      got: shown(value),
      allowed: "tensors, numbers, strings, booleans, null and undefined, in arrays and plain objects",
      remedy: "Other things belong outside the function, which may refer to them.",
    });
  };
  const signature = visit(structure, "");
  return { tensors, paths, signature };
}

/** The same structure with other leaves in the place of those of class `leaf`; what is no structure stays as it is. */
export function mapLeaves<T extends object>(
  structure: unknown,
  leaf: abstract new (...args: never[]) => T,
  change: (leaf: T) => unknown,
): unknown {
  if (structure instanceof leaf) return change(structure);
  if (Array.isArray(structure)) return structure.map((item) => mapLeaves(item, leaf, change));
  if (!isPlainObject(structure)) return structure;
  const changed: Record<string, unknown> = {};
  for (const name of Object.keys(structure)) changed[name] = undefined;
  // In the order of flatten; the names keep their own.
  for (const name of Object.keys(structure).sort()) changed[name] = mapLeaves(structure[name], leaf, change);
  return changed;
}

/** Stands in a structure for the tensor of that number. */
export class Slot {
  constructor(readonly index: number) {}
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Object itself may be another realm's: a notebook's cells run in one of their own.
  return (
    prototype === null ||
    (Object.getPrototypeOf(prototype) === null &&
      (prototype as { constructor?: { name?: string } }).constructor?.name === "Object")
  );
}

function shown(value: unknown): string {
  if (typeof value === "function") return `a function${value.name ? ` (${value.name})` : ""}`;
  if (typeof value === "object") return `an object of class ${(value as object).constructor?.name ?? "unknown"}`;
  return `a ${typeof value}`;
}
