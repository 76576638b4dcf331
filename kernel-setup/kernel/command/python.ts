// The Python whose Jupyter is meant.
import { spawnSync } from "child_process";
import { existsSync } from "fs";
import * as path from "path";

/** What a Python tells of itself and of its Jupyter. */
export interface PythonFacts {
  program: string;
  prefix: string;
  /** Folders in which its Jupyter looks for kernels and extensions. */
  data: string[];
  /** By the package's name, those that are installed. */
  versions: Record<string, string>;
}

const ASK = `
import json, sys
from importlib import metadata
versions = {}
for name in ("jupyterlab", "notebook", "jupyter_client", "anywidget", "papermill"):
    try:
        versions[name] = metadata.version(name)
    except Exception:
        pass
try:
    from jupyter_core.paths import jupyter_path
    data = jupyter_path()
except Exception:
    data = []
print(json.dumps({"prefix": sys.prefix, "data": data, "versions": versions}))
`;

/** The prefix of the environment that is active, or of the Python on the PATH. */
export function pythonPrefix(): string | undefined {
  const active = process.env.VIRTUAL_ENV ?? process.env.CONDA_PREFIX;
  return active || pythonFacts()?.prefix;
}

/** Asks the first Python that there is. */
export function pythonFacts(): PythonFacts | undefined {
  for (const program of programs()) {
    const { status, stdout } = spawnSync(program, ["-c", ASK], { encoding: "utf8", timeout: 20_000 });
    if (status !== 0) continue;
    try {
      return { program, ...(JSON.parse(stdout) as Omit<PythonFacts, "program">) };
    } catch {
      // It printed something else.
    }
  }
  return undefined;
}

function programs(): string[] {
  const active = process.env.VIRTUAL_ENV ?? process.env.CONDA_PREFIX;
  const inside = active && (process.platform === "win32" ? "python.exe" : "bin/python");
  const own = inside ? [path.join(active, inside)].filter((each) => existsSync(each)) : [];
  return [...own, "python3", "python"];
}
