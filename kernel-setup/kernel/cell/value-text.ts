import { inspect } from "util";

const ALWAYS = 2;
const DEEPEST = 6;
/** About one screen: deeper levels are opened only while everything stays within it. */
const CHARACTERS = 4000;

/**
 * A value as text: nested as deep as it is readable. Two levels always, as Node does; more if the whole stays short.
 */
export function valueText(value: unknown): string {
  let text = inspect(value, { depth: ALWAYS, colors: false });
  for (let depth = ALWAYS + 1; depth <= DEEPEST && /\[(Object|Array|[\w$]+)\]/.test(text); depth++) {
    const deeper = inspect(value, { depth, colors: false });
    if (deeper.length > CHARACTERS) break;
    text = deeper;
  }
  return text;
}
