import { writeSync } from "fs";
import { TERMINAL } from "./marks";

/** What the launcher adds to the kernel's arguments; a thread is given it again. */
export const LAUNCHED = "--launched";
/** Was this kernel started by `launch/launch.sh`, which opened the descriptors named in `marks.ts`? */
export const launched = process.argv.includes(LAUNCHED);
const terminal = launched ? TERMINAL : 2;

/** One line on the terminal the kernel was started from; never into a cell, whatever happened to process.stderr. */
export function log(message: string): void {
  try {
    writeSync(terminal, `[vitrine kernel] ${message}\n`);
  } catch {
    // The terminal is gone: nobody left to tell.
  }
}

/** What native code printed while no cell had run yet. */
export function toTerminal(text: string): void {
  try {
    writeSync(terminal, text);
  } catch {
    // As above.
  }
}
