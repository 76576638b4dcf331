import { Script } from "node:vm";
import { VitrineError } from "vitrine/dist/kit";

/** What a call that does not end by itself is stopped with. */
export class TooLong extends VitrineError {
  override name = "TooLong";
}

/** Compiled once: calls what stands behind a name of its own. */
const CALL = "vitrine: the call that is timed";
/** What its frame is called. */
export const TIMED = "a call that is timed";
const script = new Script(`globalThis[Symbol.for(${JSON.stringify(CALL)})]()`, { filename: TIMED });
const key = Symbol.for(CALL);

/**
 * Calls a function, and stops it if it has not come back after some seconds: a loop that nothing ends would hold the
 * kernel for good. What a promise does later is not timed.
 * @param words of the error then
 * @throws TooLong
 */
export function inTime<Result>(call: () => Result, seconds: number, words: string): Result {
  const place = globalThis as unknown as Record<symbol, unknown>,
    before = place[key];
  place[key] = call;
  try {
    return script.runInThisContext({ timeout: 1000 * seconds, displayErrors: false }) as Result;
  } catch (error) {
    if ((error as { code?: unknown } | undefined)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") throw new TooLong(words);
    throw error;
  } finally {
    place[key] = before;
  }
}
