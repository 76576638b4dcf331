import type { Comms } from "./comms";
import type { OutputLimit, Publisher } from "./output";

export type MimeBundle = Record<string, unknown>;
export interface DisplayOptions {
  displayId?: string;
  update?: boolean;
}

/**
 * What the library finds at `globalThis[Symbol.for("vitrine.host")]`; declared here again because the kernel imports
 * nothing of it.
 */
export interface NotebookHost {
  display(bundle: MimeBundle, metadata?: Record<string, unknown>, options?: DisplayOptions): void;
  clearOutput(wait?: boolean): void;
  readonly signal: AbortSignal;
  readonly comms: Comms;
  /** Characters of printed text that one cell may put into the notebook. */
  outputLimit: number;
}

const hostKey = Symbol.for("vitrine.host");
const displayKey = Symbol.for("Jupyter.display");

export function installHost(
  publisher: Publisher,
  limit: OutputLimit,
  comms: Comms,
  signal: () => AbortSignal,
): NotebookHost {
  const host: NotebookHost = {
    display(bundle, metadata = {}, { displayId, update = false } = {}) {
      if (update && !displayId) throw new Error("display: `update` needs the `displayId` of the output to replace");
      publisher.display(
        { data: encoded(bundle), metadata, transient: displayId ? { display_id: displayId } : {} },
        update,
      );
    },
    clearOutput(wait = false) {
      publisher.clearOutput(wait);
    },
    get signal() {
      return signal();
    },
    comms,
    get outputLimit() {
      return limit.characters;
    },
    set outputLimit(characters) {
      if (!(characters > 0))
        throw new RangeError(
          `outputLimit must be a number of characters above 0 (Infinity for none), got ${String(characters)}`,
        );
      limit.characters = characters;
    },
  };
  Object.defineProperty(globalThis, hostKey, { value: host, configurable: true });
  return host;
}

/** tslab's `display` API calls whatever stands in this variable of its module. */
export function connectTslabDisplay(publisher: Publisher): void {
  const jupyter = require("tslab/dist/jupyter") as { lastWriteDisplayData: unknown };
  jupyter.lastWriteDisplayData = (content: { data: MimeBundle }, update: boolean) => {
    publisher.display({ ...content, data: encoded(content.data) }, update);
  };
}

/** The bundle a value asks to be shown with, if it does. */
export async function ownBundle(value: unknown): Promise<MimeBundle | undefined> {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return undefined;
  const method = (value as { [displayKey]?: () => MimeBundle | Promise<MimeBundle> })[displayKey];
  return typeof method === "function" ? encoded(await method.call(value)) : undefined;
}

/** Bytes travel as base64. */
export function encoded(bundle: MimeBundle): MimeBundle {
  return Object.fromEntries(
    Object.entries(bundle).map(([type, value]) => [
      type,
      value instanceof Uint8Array
        ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64")
        : value,
    ]),
  );
}
