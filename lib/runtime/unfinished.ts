import { oncePerProcess } from "../core/process";
import { notebookHost } from "./host";

/** Work that has something to put right which only its own `finally` would. */
interface Unfinished {
  /** Of the cell the work belongs to. */
  readonly signal: AbortSignal | undefined;
  clean(): void;
}

const all = oncePerProcess("vitrine.unfinished", () => new Set<Unfinished>());

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
