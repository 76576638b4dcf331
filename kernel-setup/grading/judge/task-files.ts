// The files of hidden tests, without running any.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import * as ts from "typescript";

/** Names of the files in a sheet's `judge/`; none where there is no such folder. */
export const taskFiles = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
        .sort()
    : [];

/** All files that a sheet's hidden tests are made of, also those that they share with other sheets. */
export function filesOfTasks(folder: string): string[] {
  const found = new Set<string>();
  const follow = (file: string): void => {
    if (found.has(file)) return;
    found.add(file);
    for (const { fileName } of ts.preProcessFile(readFileSync(file, "utf8"), true, true).importedFiles) {
      const imported = importedFile(file, fileName);
      if (imported) follow(imported);
    }
  };
  for (const name of taskFiles(folder)) follow(join(folder, name));
  return [...found].sort();
}

/** The file that a hidden test imports under that name; nothing for a package. */
export function importedFile(from: string, name: string): string | undefined {
  if (!name.startsWith(".")) return undefined;
  const base = resolve(dirname(from), name);
  return [base, `${base}.ts`, join(base, "index.ts")].find(
    (file) => file.endsWith(".ts") && existsSync(file) && statSync(file).isFile(),
  );
}
