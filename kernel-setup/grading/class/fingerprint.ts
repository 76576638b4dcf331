import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "vitrine/dist/kit";
import type { Course } from "./course";

export const sha256 = (...parts: (string | Uint8Array)[]): string =>
  parts.reduce((hash, part) => hash.update(part).update("\0"), createHash("sha256")).digest("hex");

/** As `sha256sum` says it. */
export const hashOfFile = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

/**
 * All that decides what a submission gets beside its notebook: the sheet's source and hidden tests, the grader, the
 * library, the seed.
 */
export function judgeFingerprint(course: Course, sheet: string, seed: number, root: string = projectRoot()): string {
  const parts: (string | Uint8Array)[] = [String(seed)];
  const add = (folder: string, wanted: RegExp): void => {
    for (const file of filesBelow(folder, wanted)) parts.push(file.slice(folder.length), readFileSync(file));
  };
  add(course.source(sheet), /\.(ts|ipynb|json)$/);
  add(join(root, "kernel-setup", "dist", "grading"), /\.js$/);
  add(join(root, "lib", "dist"), /\.js$/);
  add(join(root, "kernel-setup", "course", "dist"), /\.js$/);
  return sha256(...parts);
}

/** Of a sheet for which none was said. */
export const defaultSeed = (sheet: string): number => parseInt(sha256(sheet).slice(0, 7), 16);

function filesBelow(folder: string, wanted: RegExp): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.name.startsWith(".")) return [];
      return entry.isDirectory() ? filesBelow(path, wanted) : wanted.test(entry.name) ? [path] : [];
    })
    .sort();
}
