import { writeSync } from "fs";

/** One line on the terminal the kernel was started from; never into a cell, whatever happened to process.stderr. */
export function log(message: string): void {
  try {
    writeSync(2, `[vitrine kernel] ${message}\n`);
  } catch {
    // The terminal is gone: nobody left to tell.
  }
}
