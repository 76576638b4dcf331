import { statSync } from "fs";
import type * as tsTypes from "typescript";

interface Watched {
  version: string;
  listeners: Set<tsTypes.FileWatcherCallback>;
}

/** Files that change whenever others do, which need then not be looked at one by one. */
export interface Unwatched {
  /** A file that changes as a whole, with its folder. */
  build: string;
  /** A folder of packages that somebody else looks after. */
  packages: string;
}

/**
 * The source files that the compiler has read, looked at before each cell: a watcher that polls is late when a cell
 * runs right after a file was saved, and one that is called by the system may come in the middle of a program.
 */
export class WatchedFiles {
  private readonly files = new Map<string, Watched>();

  private buildVersion: string;

  constructor(
    private readonly ts: typeof tsTypes,
    private readonly unwatched: Unwatched,
  ) {
    this.buildVersion = versionOf(unwatched.build);
  }

  readonly watch = (file: string, listener: tsTypes.FileWatcherCallback): tsTypes.FileWatcher => {
    // What a package.json says concerns how names are resolved, and PackageFolders has them.
    if (file.startsWith(this.unwatched.packages) || file.endsWith("/package.json")) return { close: () => undefined };
    const watched = this.files.get(file) ?? { version: unsettledVersionOf(file), listeners: new Set() };
    this.files.set(file, watched);
    watched.listeners.add(listener);
    return {
      close: () => {
        watched.listeners.delete(listener);
        if (watched.listeners.size === 0) this.files.delete(file);
      },
    };
  };

  /** Tells the compiler what changed since it last looked. `packagesChanged`: a package may have come to exist. */
  check(packagesChanged: boolean): void {
    const { build } = this.unwatched;
    const buildVersion = versionOf(build),
      built = build.slice(0, build.lastIndexOf("/") + 1);
    const isSettled = buildVersion !== MISSING && buildVersion === this.buildVersion;
    this.buildVersion = buildVersion;
    for (const [file, watched] of [...this.files]) {
      if (isSettled && file.startsWith(built)) continue;
      // One of the kernel's packages, lent to a notebook elsewhere: there is no file of that name.
      if (!packagesChanged && watched.version === MISSING && file.includes("/node_modules/")) continue;
      const version = unsettledVersionOf(file);
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

/** Milliseconds in which a file system may give two changes the same date. */
const TICK = 20;

/**
 * As `versionOf`, but that of a file which changed just now is not the same the next time: it may change once more
 * without its date being another.
 */
export function unsettledVersionOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return MISSING;
  const version = `${stat.mtimeMs} ${stat.size} ${stat.ino}`;
  return Date.now() - stat.mtimeMs < TICK ? `${version}, just now` : version;
}
