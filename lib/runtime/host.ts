// The notebook that the code runs in, if any: what it shows, its interrupt, and what is put right after one.
import { oncePerProcess } from "../core/once";
import { InterruptedError } from "../core/errors";

/** MIME type → value; JSON types as objects, images as base64. */
export type MimeBundle = Record<string, unknown>;

export interface DisplayOptions {
  /** Names the output so that it can be replaced later. */
  displayId?: string;
  /** Replace the output shown under `displayId` instead of adding one. */
  update?: boolean;
}

/**
 * What a notebook kernel offers to the library. The Vitrine kernel sets it on `globalThis[hostKey]` before the
 * first cell; plain Node has none, and the library then writes to the terminal.
 */
export interface NotebookHost {
  display(bundle: MimeBundle, metadata?: Record<string, unknown>, options?: DisplayOptions): void;
  clearOutput(wait?: boolean): void;
  /** Aborted when the running cell is interrupted; a new one for each cell. */
  readonly signal: AbortSignal;
  /** Conversations with widgets in the browser; only the Vitrine kernel has them. */
  readonly comms?: Comms;
  /**
   * Characters of printed text that one cell may put into the notebook; can be set, Infinity for no limit. Only the
   * Vitrine kernel has it.
   */
  outputLimit?: number;
  /**
   * The names that the running cell uses, itself or through what it uses, and whose cells say something else by now.
   * Only the Vitrine kernel knows (kernel-setup/kernel/cell/cell-log.ts).
   */
  outdated?(): OutdatedName[];
}

/** A cell of the notebook, for people. */
export interface CellPlace {
  /** As in `In [3]`; none if it has not been run. */
  readonly count?: number;
  readonly source: string;
  /** Where it is known. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A name whose value is from a cell that says something else by now. */
export interface OutdatedName {
  readonly name: string;
  readonly reason: "refused" | "failed" | "interrupted" | "gone" | "edited" | "deleted" | "twice";
  /** The run that the name is from. */
  readonly cell: CellPlace;
  /** The later run of that cell, or the other cell that declares the name. */
  readonly other?: CellPlace;
  /** The running cell names it itself, not only something that it uses. */
  readonly direct: boolean;
}

/** What goes with a comm's data. */
interface CommExtras {
  metadata?: Record<string, unknown>;
  /** Bytes that need no JSON. */
  buffers?: Uint8Array[];
}

interface CommReceived {
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
  buffers: Uint8Array[];
}

/** One conversation with a widget in the browser. */
interface Comm {
  readonly id: string;
  readonly target: string;
  send(data: Record<string, unknown>, extras?: CommExtras): void;
  close(data?: Record<string, unknown>, extras?: CommExtras): void;
  onMessage(listener: (message: CommReceived) => void): void;
  onClose(listener: (message: CommReceived) => void): void;
}

/** Jupyter's comms, as ipywidgets and anywidget use them. */
interface Comms {
  /** Opens a conversation with what the front end registered as `target`, for instance "jupyter.widget". */
  open(target: string, data?: Record<string, unknown>, extras?: CommExtras & { id?: string }): Comm;
  /** From now on the front end may open conversations with `target`; null takes that back. */
  register(target: string, onOpen: ((comm: Comm, message: CommReceived) => void) | null): void;
}

/**
 * Where the host is found: `globalThis[hostKey]`. A registered symbol, so that kernel and library agree without
 * importing each other.
 */
export const hostKey: unique symbol = Symbol.for("vitrine.host") as never;

/** An object with this method is shown through the bundle it returns, when it is a cell's last expression. */
export const displayKey: unique symbol = Symbol.for("Jupyter.display") as never;

/** The kernel around us, if any. */
export function notebookHost(): NotebookHost | undefined {
  return (globalThis as { [hostKey]?: NotebookHost })[hostKey];
}

/**
 * To be awaited between the steps of any long work: lets the event loop turn (messages, progress, timers), and
 * stops the work if the cell was interrupted or the caller's signal aborted.
 * @throws InterruptedError
 */
export async function checkpoint(signal: AbortSignal | undefined = notebookHost()?.signal): Promise<void> {
  await nextTurn();
  if (signal?.aborted) throw new InterruptedError("Interrupted: the work was stopped before it was done.");
}

/** When the event loop has turned: in browsers, whose timers wait for 4 ms and more, by a message to ourselves. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") setImmediate(resolve);
    else {
      const { port1, port2 } = new MessageChannel();
      (port1 as unknown as { onmessage: () => void }).onmessage = resolve;
      port2.postMessage(undefined);
    }
  });
}

/** Work that has something to put right which only its own `finally` would. */
interface Unfinished {
  /** Of the cell the work belongs to. */
  readonly signal: AbortSignal | "any" | undefined;
  clean(): void;
}

const all = oncePerProcess("vitrine.unfinished", () => new Set<Unfinished>());

/**
 * Has `clean` run if the cell is cut off before the work ends: V8's termination runs no `finally`.
 * @param of the cell that the work belongs to; "any": no cell's, what begins by itself when a widget is moved
 * @returns to be called when the work ended by itself; `clean` is then not run
 */
export function whenCutOff(
  clean: () => void,
  of: AbortSignal | "any" | undefined = notebookHost()?.signal,
): () => void {
  const unfinished = all(),
    entry: Unfinished = { signal: of, clean };
  unfinished.add(entry);
  return () => void unfinished.delete(entry);
}

/** Cleans up after the work of the running cell, which was cut off; what earlier cells left running goes on. */
export function cleanUnfinished(): void {
  const unfinished = all(),
    signal = notebookHost()?.signal;
  for (const entry of [...unfinished]) {
    if (entry.signal !== "any" && entry.signal !== signal) continue;
    unfinished.delete(entry);
    entry.clean();
  }
}
