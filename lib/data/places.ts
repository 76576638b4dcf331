import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { projectRoot } from "../core/process";

/** Where files are looked for and kept. Read again at every call, so that a program may set the variables itself. */
export interface Places {
  /** Downloads are kept here; laid out like a mirror. */
  readonly cache: string;
  /** `VITRINE_MIRROR`: a folder that already holds files, laid out by their registry paths; only read. */
  readonly mirror?: string;
  /** `VITRINE_OFFLINE=1`: the network is not to be touched. */
  readonly offline: boolean;
  /** What committed files are relative to. */
  readonly root: string;
}

export function places(environment: NodeJS.ProcessEnv = process.env): Places {
  const root = projectRoot();
  return {
    cache: cacheFolder(root, environment),
    mirror: environment.VITRINE_MIRROR ? path.resolve(environment.VITRINE_MIRROR) : undefined,
    offline: /^(1|true|yes)$/i.test(environment.VITRINE_OFFLINE ?? ""),
    root,
  };
}

function cacheFolder(root: string, environment: NodeJS.ProcessEnv): string {
  if (environment.XDG_CACHE_HOME) return path.join(path.resolve(environment.XDG_CACHE_HOME), "vitrine");
  const inRepository = path.join(root, "data", "cache");
  if (writable(inRepository) || (!fs.existsSync(inRepository) && writable(path.dirname(inRepository))))
    return inRepository;
  return path.join(os.homedir(), ".cache", "vitrine");
}

function writable(folder: string): boolean {
  try {
    fs.accessSync(folder, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
