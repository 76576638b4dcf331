import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, VitrineError, type Subcommand } from "vitrine/dist/kit";

/**
 * What `npx vitrine` can do in a folder of the course beside the library's own commands (which find these here, in
 * the project's package.json, under `vitrineCommands`). Loaded only when called for.
 */
export function subcommands(): Record<string, () => Subcommand> {
  return {
    check: () => require("./check") as Subcommand,
    status: () => require("./status") as Subcommand,
    submit: () => require("./submit") as Subcommand,
    kernel: () => require("./kernel") as Subcommand,
    ...Object.fromEntries(["sheet", "grade", "feedback", "export"].map((name) => [name, () => ofGrading(name)])),
  };
}

/** Grading stays with the teacher: what students get has none of it. */
function ofGrading(name: string): Subcommand {
  const folder = join(projectRoot(), "kernel-setup");
  if (!existsSync(join(folder, "grading"))) {
    const words = "Writing and grading sheets needs a clone of the project; this folder is what students get.";
    return {
      summary: "for those who write and grade sheets: not in this folder",
      run: () => Promise.reject(new VitrineError(words)),
    };
  }
  const file = join(folder, "dist", "grading", "cli", `${name}.js`);
  if (!existsSync(file)) throw new VitrineError(`${file} is not compiled yet. Run npm run setup.`);
  return require(file) as Subcommand;
}
