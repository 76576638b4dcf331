import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

let found: string | undefined;

/**
 * The project's folder, where `models/`, `data/` and `notebooks/` are. Found from this file and not from the working
 * directory, because notebooks and the command line run anywhere; by name, because this file runs both as a source
 * and compiled. Where the library was installed on its own it is the library's own folder.
 */
export function projectRoot(): string {
  return (found ??= ancestorNamed("vitrine-project") ?? ancestorNamed("vitrine") ?? process.cwd());
}

function ancestorNamed(name: string): string | undefined {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file) && (JSON.parse(readFileSync(file, "utf8")) as { name?: string }).name === name) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}
