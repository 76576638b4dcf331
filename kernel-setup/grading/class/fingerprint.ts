import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { projectRoot } from "vitrine/dist/kit";
import { filesOfTasks } from "../judge/task-files";
import type { Course } from "./course";

export const sha256 = (...parts: (string | Uint8Array)[]): string =>
  parts.reduce((hash, part) => hash.update(part).update("\0"), createHash("sha256")).digest("hex");

/** As `sha256sum` says it. */
export const hashOfFile = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

/**
 * All that decides what a submission gets beside its notebook: the sheet's source and hidden tests, with what they
 * share with other sheets; the grader, and the kernel that runs cells in its sandbox; the library, TensorFlow.js and
 * the compiler; the seed.
 */
export function judgeFingerprint(course: Course, sheet: string, seed: number, root: string = projectRoot()): string {
  const parts: (string | Uint8Array)[] = [String(seed)];
  const add = (folder: string, wanted: RegExp): void => {
    for (const file of filesBelow(folder, wanted)) parts.push(file.slice(folder.length), readFileSync(file));
  };
  const own = course.source(sheet),
    dist = join(root, "kernel-setup", "dist");
  add(own, /\.(ts|ipynb|json)$/);
  for (const file of filesOfTasks(join(own, "judge")).filter((each) => !each.startsWith(own + sep)))
    parts.push(relative(own, file), readFileSync(file));
  add(join(dist, "grading"), /\.js$/);
  for (const part of ["cell", "shared"]) add(join(dist, "kernel", part), /\.js$/);
  for (const folder of [join(root, "lib", "dist"), join(root, "kernel-setup", "course", "dist")])
    add(folder, /\.(js|d\.ts)$/);
  for (const name of ["@tensorflow/tfjs", "typescript"])
    parts.push(readFileSync(join(root, "node_modules", name, "package.json")));
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
