// What the sandbox writes, read once into our own types. Its code may have forged any of it.
import { tooMuchIn } from "../json-bounds";

/** A reply to a question, by its number and nonce; or the program's first line. */
export type Heard = { readonly ready: true } | ({ readonly id: number; readonly nonce: string } & Reply);

export type Reply =
  /** `value` is still unknown: see decodeAnswer. `left`: what was left out of a cell, and why. */
  | { readonly ok: true; readonly value: unknown; readonly left: readonly string[] }
  | { readonly ok: false; readonly name: string; readonly message: string };

/** Lists and objects in one line, and how deep they lie in each other; numbers and texts between them. */
const bounds = {
  lists: 500_000,
  depth: 40,
  items: 9_000_000,
  // All that the sandbox's program writes; names in a student's own objects are texts there.
  names: new Set([
    "ready",
    "id",
    "nonce",
    "ok",
    "value",
    "left",
    "name",
    "message",
    "t",
    "v",
    "shape",
    "dtype",
    "data",
  ]),
};
const MOST_LEFT = 200,
  MOST_TEXT = 100_000,
  MOST_NAME = 200;

/**
 * Reads a line. What is no reply at all gives nothing; what is a reply of a wrong form is one of an unknown value, or
 * an error without words: its code's fault, and nobody else's.
 * @returns nothing too for a line that would take far more memory than its length to read
 */
export function readReply(line: string): Heard | undefined {
  if (tooMuchIn(line, bounds)) return undefined;
  let sent: unknown;
  try {
    sent = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof sent !== "object" || sent === null || Array.isArray(sent)) return undefined;
  const { ready, id, nonce, ok, value, left, name, message } = sent as Record<string, unknown>;
  if (ready === true) return { ready };
  if (typeof id !== "number" || typeof nonce !== "string" || typeof ok !== "boolean") return undefined;
  return ok
    ? { id, nonce, ok, value, left: Array.isArray(left) ? left.slice(0, MOST_LEFT).map(textOf) : [] }
    : {
        id,
        nonce,
        ok,
        name: textOf(name).slice(0, MOST_NAME).replace(/\s+/g, " ") || "Error",
        message: textOf(message),
      };
}

const textOf = (value: unknown): string => (typeof value === "string" ? value.slice(0, MOST_TEXT) : "");
