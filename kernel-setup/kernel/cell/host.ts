import { checkedBundle, checkedMetadata, type MimeBundle } from "./bundle";
import type { CellLog, OutdatedName } from "./cell-log";
import type { Comms } from "./comms";
import type { OutputLimit, Publisher } from "./output";
import type { RunningCell } from "./running-cell";

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
  /**
   * The names that the running cell uses, itself or through what it uses, and whose cells say something else by now. It
   * needs a front end that names its cells; what was edited and not saved nobody knows.
   */
  outdated(): OutdatedName[];
}

const hostKey = Symbol.for("vitrine.host");
const displayKey = Symbol.for("Jupyter.display");

export function installHost(
  publisher: Publisher,
  limit: OutputLimit,
  comms: Comms,
  cell: () => RunningCell,
  log: CellLog,
): NotebookHost {
  const host: NotebookHost = {
    display(bundle, metadata = {}, { displayId, update = false } = {}) {
      if (update && !displayId) throw new Error("display: `update` needs the `displayId` of the output to replace");
      const data = checkedBundle(bundle, "display");
      const transient = displayId ? { display_id: displayId } : {};
      publisher.display({ data, metadata: checkedMetadata(metadata, "display"), transient }, update);
    },
    clearOutput(wait = false) {
      publisher.clearOutput(wait);
    },
    get signal() {
      return cell().controller.signal;
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
    outdated() {
      const { run } = cell();
      return run ? log.outdated(run) : [];
    },
  };
  Object.defineProperty(globalThis, hostKey, { value: host, configurable: true });
  return host;
}

/** tslab's `display` API calls whatever stands in this variable of its module. */
export function connectTslabDisplay(publisher: Publisher): void {
  const jupyter = require("tslab/dist/jupyter") as { lastWriteDisplayData: unknown };
  jupyter.lastWriteDisplayData = (content: { data: MimeBundle }, update: boolean) => {
    publisher.display({ ...content, data: checkedBundle(content.data, "display") }, update);
  };
}

interface Displayable {
  [displayKey]: () => unknown;
}

/** Does it bring a method that tells how it is shown? */
export function hasOwnBundle(value: unknown): value is Displayable {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  return typeof (value as Partial<Displayable>)[displayKey] === "function";
}

/** The bundle a value asks to be shown with. */
export async function ownBundle(value: Displayable): Promise<MimeBundle> {
  return checkedBundle(await value[displayKey](), 'the method Symbol.for("Jupyter.display")');
}
