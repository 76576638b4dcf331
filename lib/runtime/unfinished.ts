import { notebookHost } from "./host";

/** Work that has something to put right which only its own `finally` would. */
interface Unfinished {
  /** Of the cell the work belongs to. */
  readonly signal: AbortSignal | undefined;
  clean(): void;
}

const key = Symbol.for("vitrine.unfinished");

/** One set for the process, also where the library is loaded twice. */
function all(): Set<Unfinished> {
  const holder = globalThis as { [key]?: Set<Unfinished> };
  return (holder[key] ??= new Set());
}

/**
 * Has `clean` run if the cell is cut off before the work ends: V8's termination runs no `finally`.
 * @returns to be called when the work ended by itself; `clean` is then not run
 */
export function whenCutOff(clean: () => void): () => void {
  const unfinished = all(),
    entry: Unfinished = { signal: notebookHost()?.signal, clean };
  unfinished.add(entry);
  return () => void unfinished.delete(entry);
}

/** Cleans up after the work of the running cell, which was cut off; what earlier cells left running goes on. */
export function cleanUnfinished(): void {
  const unfinished = all(),
    signal = notebookHost()?.signal;
  for (const entry of [...unfinished]) {
    if (entry.signal !== signal) continue;
    unfinished.delete(entry);
    entry.clean();
  }
}
