import { existsSync } from "node:fs";
import { join } from "node:path";
import { VitrineError } from "../core/errors";
import { projectRoot } from "../core/project-root";

/**
 * A module of kernel-setup/grading, which the library cannot import: it stays with the teacher.
 * @param name below kernel-setup/grading, without the ending
 * @throws VitrineError in one line where it is not there (a student's bundle), or not compiled
 */
export function gradingModule<T>(name: string): T {
  const folder = join(projectRoot(), "kernel-setup");
  if (!existsSync(join(folder, "grading"))) throw new VitrineError("Writing and grading sheets needs a clone of the project; this folder is what students get.");
  const file = join(folder, "dist", "grading", `${name}.js`);
  if (!existsSync(file)) throw new VitrineError(`${file} is not compiled yet. Run npm run setup.`);
  return require(file) as T;
}
