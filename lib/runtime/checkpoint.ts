import { InterruptedError } from "../core/errors";
import { notebookHost } from "./host";

/**
 * To be awaited between the steps of any long work: lets the event loop turn (messages, progress, timers), and
 * stops the work if the cell was interrupted or the caller's signal aborted.
 * @throws InterruptedError
 */
export async function checkpoint(signal: AbortSignal | undefined = notebookHost()?.signal): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  if (signal?.aborted) throw new InterruptedError("Interrupted: the work was stopped before it was done.");
}
