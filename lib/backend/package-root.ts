import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The nearest folder at or above `from` whose package.json has this name. */
function ancestorNamed(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file) && (JSON.parse(readFileSync(file, "utf8")) as { name?: string }).name === name) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

/**
 * The project's root: the folder with `.venv`, `models` and `notebooks`. Found by name, since this file runs both
 * as a source (`lib/backend`) and compiled (`lib/dist/backend`). Where the library was installed on its own there
 * is no project around it; then it is the library's own folder.
 */
export function projectRoot(): string {
  return ancestorNamed("vitrine-course", __dirname) ?? ancestorNamed("vitrine", __dirname) ?? process.cwd();
}
