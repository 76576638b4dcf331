// What a package wants done in another thread while the compiler reads its declarations.
import { readFileSync } from "fs";
import * as path from "path";
import { SHARE_ENV, Worker } from "worker_threads";

/**
 * Programs that a project names in its package.json, under `notebookAhead`, by the package for whose sake they run:
 * each once, in a thread of its own, when a cell that names the package is about to be compiled for the first time. A
 * package whose native code takes long to load can so have it loaded by the time the cell runs.
 */
export class LoadAhead {
  private readonly programs: Map<string, string>;

  /** @param require of the kernel's project, in `root` */
  constructor(
    root: string,
    private readonly require: NodeRequire,
  ) {
    this.programs = new Map(Object.entries(namedModules(root, "notebookAhead")));
  }

  begin(source: string): void {
    for (const [name, program] of this.programs) {
      if (!source.includes(`"${name}"`) && !source.includes(`'${name}'`)) continue;
      this.programs.delete(name);
      this.start(program);
    }
  }

  private start(program: string): void {
    try {
      // Native code reads the environment of the process, not a copy of it.
      const thread = new Worker(this.require.resolve(program), { env: SHARE_ENV, execArgv: [] });
      thread.unref();
      // Then the import does it all, or says why it cannot.
      thread.on("error", () => undefined);
    } catch {
      // The package is not there.
    }
  }
}

/**
 * What a project's package.json names by package under a field of ours. None where there is no package.json, as in the
 * grading sandbox.
 */
export function namedModules(root: string, field: "notebookAhead" | "notebookDoors"): Record<string, string> {
  try {
    const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as Partial<
      Record<typeof field, Record<string, string>>
    >;
    return manifest[field] ?? {};
  } catch {
    return {};
  }
}
