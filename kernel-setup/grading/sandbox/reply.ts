// What the sandbox writes, read once into our own types. Its code may have forged any of it.

/** A reply to a question, by its number and nonce; or the program's first line. */
export type Heard = { readonly ready: true } | ({ readonly id: number; readonly nonce: string } & Reply);

export type Reply =
  /** `value` is still unknown: see decodeAnswer. `left`: what was left out of a cell, and why. */
  | { readonly ok: true; readonly value: unknown; readonly left: readonly string[] }
  | { readonly ok: false; readonly name: string; readonly message: string };

/** Lists and objects in one line, and how deep they lie in each other; numbers and texts between them. */
const MOST_LISTS = 500_000, MOST_DEPTH = 40, MOST_ITEMS = 9_000_000;
const MOST_LEFT = 200, MOST_TEXT = 100_000, MOST_NAME = 200;

/**
 * Reads a line. What is no reply at all gives nothing; what is a reply of a wrong form is one of an unknown value, or an
 * error without words: its code's fault, and nobody else's.
 * @returns nothing too for a line that would take far more memory than its length to read
 */
export function readReply(line: string): Heard | undefined {
  if (!bounded(line)) return undefined;
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
    : { id, nonce, ok, name: textOf(name).slice(0, MOST_NAME).replace(/\s+/g, " ") || "Error", message: textOf(message) };
}

const textOf = (value: unknown): string => (typeof value === "string" ? value.slice(0, MOST_TEXT) : "");

/** Counts what JSON.parse would make, without making it. */
function bounded(line: string): boolean {
  let lists = 0, depth = 0, items = 0;
  for (let at = 0; at < line.length; at++) {
    switch (line.charCodeAt(at)) {
      case 0x22: // "
        at = endOfText(line, at);
        break;
      case 0x5b: case 0x7b: // [ {
        if (++lists > MOST_LISTS || ++depth > MOST_DEPTH) return false;
        break;
      case 0x5d: case 0x7d: // ] }
        depth--;
        break;
      case 0x2c: // ,
        if (++items > MOST_ITEMS) return false;
    }
  }
  return true;
}

function endOfText(line: string, start: number): number {
  for (let at = line.indexOf('"', start + 1); at >= 0; at = line.indexOf('"', at + 1)) {
    let slashes = 0;
    while (line.charCodeAt(at - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return line.length;
}
