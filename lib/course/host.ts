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
}

/** Where the host is found: `globalThis[hostKey]`. A registered symbol, so that kernel and library agree without importing each other. */
export const hostKey: unique symbol = Symbol.for("vitrine.host") as never;

/** An object with this method is shown through the bundle it returns, when it is a cell's last expression. */
export const displayKey: unique symbol = Symbol.for("Jupyter.display") as never;

/** The kernel around us, if any. */
export function notebookHost(): NotebookHost | undefined {
  return (globalThis as { [hostKey]?: NotebookHost })[hostKey];
}
