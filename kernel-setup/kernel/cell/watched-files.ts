import { statSync } from "fs";
import type * as tsTypes from "typescript";

interface Watched {
  version: string;
  listeners: Set<tsTypes.FileWatcherCallback>;
}

/**
 * The source files that the compiler has read, looked at before each cell: a watcher that polls is late when a cell
 * runs right after a file was saved. Installed packages do not change under a running kernel.
 */
export class WatchedFiles {
  private readonly files = new Map<string, Watched>();

  private buildVersion: string;

  /** @param build a file that changes whenever others in its folder do, which need then not be looked at one by one */
  constructor(
    private readonly ts: typeof tsTypes,
    private readonly build: string,
  ) {
    this.buildVersion = versionOf(build);
  }

  readonly watch = (file: string, listener: tsTypes.FileWatcherCallback): tsTypes.FileWatcher => {
    if (file.includes("/node_modules/")) return { close: () => undefined };
    const watched = this.files.get(file) ?? { version: versionOf(file), listeners: new Set() };
    this.files.set(file, watched);
    watched.listeners.add(listener);
    return {
      close: () => {
        watched.listeners.delete(listener);
        if (watched.listeners.size === 0) this.files.delete(file);
      },
    };
  };

  /** Tells the compiler what changed since it last looked. */
  check(): void {
    const buildVersion = versionOf(this.build),
      built = this.build.slice(0, this.build.lastIndexOf("/") + 1);
    const isSettled = buildVersion !== MISSING && buildVersion === this.buildVersion;
    this.buildVersion = buildVersion;
    for (const [file, watched] of [...this.files]) {
      if (isSettled && file.startsWith(built)) continue;
      const version = versionOf(file);
      if (version === watched.version) continue;
      const { Created, Deleted, Changed } = this.ts.FileWatcherEventKind;
      const kind = watched.version === MISSING ? Created : version === MISSING ? Deleted : Changed;
      watched.version = version;
      for (const listener of watched.listeners) listener(file, kind);
    }
  }
}

export const MISSING = "missing";

/** Changes whenever the file does. */
export function versionOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs} ${stat.size} ${stat.ino}` : MISSING;
}
