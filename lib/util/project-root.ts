import { existsSync } from "node:fs";
import * as path from "node:path";

let found: string | undefined;

/**
 * The folder that holds `models/`, `data/` and `notebooks/`: the nearest one above this file with a `kernel-setup`.
 * Works from the sources (`lib/`) as from what is compiled (`lib/dist/`).
 */
export function projectRoot(): string {
  if (found) return found;
  let folder = __dirname;
  while (!existsSync(path.join(folder, "kernel-setup"))) {
    const above = path.dirname(folder);
    if (above === folder) return (found = path.resolve(__dirname, "../.."));
    folder = above;
  }
  return (found = folder);
}
