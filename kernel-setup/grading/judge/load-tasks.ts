import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { compileFunction } from "node:vm";
import * as ts from "typescript";
import * as judge from "./index";
import type { TaskDefinition } from "./define-task";
import { importedFile, taskFiles } from "./task-files";
import { faultOf } from "./task-faults";

/**
 * The hidden tests of a sheet, `judge/*.ts` in its source folder. Compiled file by file; "vitrine/judge" is this
 * program's own, packages come from the project.
 * @throws Error that names the file
 */
export function loadTasks(folder: string): TaskDefinition[] {
  if (!existsSync(folder)) throw new Error(`there are no hidden tests: ${folder} does not exist`);
  const load = loader();
  const tasks = taskFiles(folder).flatMap((name) => {
    const task = (load(join(folder, name)) as { default?: TaskDefinition | null } | null | undefined)?.default;
    // A file without a default export is a helper of the others.
    if (task === undefined) return [];
    const wrong = faultOf(task);
    if (wrong) throw new Error(`${join(folder, name)}: its default export is not what defineTask gives: ${wrong}`);
    return [task!];
  });
  if (tasks.length === 0) throw new Error(`there are no hidden tests in ${folder}`);
  for (const what of ["task", "points"] as const) {
    const twice = tasks.find((each, i) => tasks.findIndex((other) => other[what] === each[what]) < i);
    if (!twice) continue;
    // Of two that give the points of one cell only the first would count, and another cell would have none.
    throw new Error(`two files in ${folder} ${what === "task" ? "define" : "give the points of"} ${twice[what]}`);
  }
  return tasks.sort((a, b) => a.task.localeCompare(b.task, "en", { numeric: true }));
}

function loader(): (file: string) => unknown {
  const modules = new Map<string, { exports: object }>();
  return function load(file: string): unknown {
    const known = modules.get(file);
    if (known) return known.exports;
    const module = { exports: {} };
    modules.set(file, module);
    // Not from the file, whose course may lie anywhere.
    const packages = createRequire(__filename);
    const require = (name: string): unknown => {
      if (name === "vitrine/judge") return judge;
      const target = importedFile(file, name);
      return target ? load(target) : packages(name);
    };
    try {
      const { outputText } = ts.transpileModule(readFileSync(file, "utf8"), {
        fileName: file,
        compilerOptions: {
          module: ts.ModuleKind.CommonJS,
          target: ts.ScriptTarget.ES2022,
          esModuleInterop: true,
          inlineSourceMap: true,
        },
      });
      (
        compileFunction(outputText, ["exports", "require", "module"], { filename: file }) as (...all: unknown[]) => void
      )(module.exports, require, module);
    } catch (error) {
      modules.delete(file);
      // What was thrown may be anything; Node's words have lines of their own below.
      throw new Error(`${file}: ${wordsOf(error)}`, { cause: error });
    }
    return module.exports;
  };
}

/** Of whatever was thrown, in one line. */
function wordsOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error).split("\n")[0];
  } catch {
    return "something was thrown that cannot be printed";
  }
}
