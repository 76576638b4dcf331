import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { projectRoot, VitrineError } from "vitrine/dist/kit";

/** The project's own Python, which has nbgrader. @throws VitrineError where set-up is missing */
export function projectPython(): string {
  const python = join(projectRoot(), ".venv", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  if (!existsSync(python))
    throw new VitrineError(`nbgrader is not installed (${python} is missing): run npm run setup first.`);
  return python;
}

export const pythonScript = (name: string): string => join(projectRoot(), "kernel-setup", "grading", "nbgrader", name);

/** Nothing of the user's own Python or Jupyter leaks in; nbgrader calls its helpers by name. */
export function pythonEnvironment(course: string): NodeJS.ProcessEnv {
  const { PYTHONHOME: _home, PYTHONPATH: _path, JUPYTER_CONFIG_PATH: _config, ...rest } = process.env;
  return {
    ...rest,
    PATH: `${dirname(projectPython())}${delimiter}${rest.PATH ?? ""}`,
    VITRINE_COURSE_ROOT: course,
    PYTHONWARNINGS: "ignore",
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONIOENCODING: "utf-8",
    JUPYTER_CONFIG_DIR: join(projectRoot(), ".venv", "jupyter"),
  };
}
