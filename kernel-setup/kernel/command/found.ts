// Kernelspecs that lie on the machine.
import { existsSync, readdirSync, readFileSync } from "fs";
import * as path from "path";

/** A kernelspec and what became of the kernel that it names. */
export interface FoundSpec {
  name: string;
  folder: string;
  title: string;
  /** What it starts, for words. */
  program: string;
  /** It was installed by this package, whichever version. */
  isOurs: boolean;
  /** Our version that installed it. */
  version?: string;
  /** A file that it starts and that is not there any more. */
  missing?: string;
  /** The kernel's first file. */
  main?: string;
}

interface Written {
  argv?: unknown;
  display_name?: unknown;
  metadata?: Record<string, unknown>;
}

/** The kernelspec of that name in a Jupyter data folder, if there is one. */
export function foundIn(dataFolder: string, name: string): FoundSpec | undefined {
  const folder = path.join(dataFolder, "kernels", name);
  if (!existsSync(folder)) return undefined;
  let written: Written = {};
  try {
    written = JSON.parse(readFileSync(path.join(folder, "kernel.json"), "utf8")) as Written;
  } catch {
    // Somebody else's, then.
  }
  const argv = Array.isArray(written.argv) ? written.argv.map(String) : [];
  const version = written.metadata?.["vitrine-kernel"];
  return {
    name,
    folder,
    title: String(written.display_name ?? name),
    program: argv.slice(0, 3).join(" ") || "nothing",
    isOurs: typeof version === "string",
    version: typeof version === "string" ? version : undefined,
    missing: argv.find((each) => path.isAbsolute(each) && !existsSync(each)),
    main: argv.find((each) => path.basename(each) === "main.js"),
  };
}

/** Those of ours in a Jupyter data folder. */
export function oursIn(dataFolder: string): FoundSpec[] {
  let names: string[] = [];
  try {
    names = readdirSync(path.join(dataFolder, "kernels"));
  } catch {
    // There is no such folder.
  }
  return names
    .filter((each) => !each.startsWith("."))
    .map((each) => foundIn(dataFolder, each))
    .filter((each) => each?.isOurs === true) as FoundSpec[];
}
