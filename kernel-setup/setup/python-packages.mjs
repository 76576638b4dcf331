import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findPython } from "./find-python.mjs";
import { pythonEnvironment } from "./project.mjs";
import { RunError, run } from "./run.mjs";
import { hashFiles, hashOf, readStamp, writeStamp } from "./stamp.mjs";

/**
 * Step: the virtual environment `.venv`, without packages of ours yet; the backend's library is fetched with its pip.
 */
export const pythonVenv = {
  name: "Python",
  after: [],

  check({ project }) {
    const stamp = readStamp(venvStamp(project));
    if (existsSync(project.python) && stamp?.root === project.root) return { ready: `${stamp.python} in .venv` };
    return { todo: "making .venv" };
  },

  async run({ project, env }) {
    const python = await ensureVenv(project, env);
    // The folder counts: the scripts of a virtual environment do not survive being moved.
    writeStamp(venvStamp(project), { root: project.root, python });
    return `${python} in .venv`;
  },
};

/** Step: JupyterLab and nbgrader in `.venv`, every package pinned. */
export const pythonPackages = {
  name: "Python packages",
  after: ["Python"],

  check({ project }) {
    if (readStamp(stampFile(project))?.hash === inputs(project)) return { ready: "JupyterLab in .venv" };
    return { todo: "JupyterLab and nbgrader into .venv" };
  },

  async run({ project, env }) {
    await pipInstall(project, env, requirements(project));
    writeStamp(stampFile(project), { hash: inputs(project) });
    return "installed";
  },
};

/** Installs requirement files into `.venv`, every version held by constraints.txt. */
export async function pipInstall(project, env, file) {
  try {
    await run(project.python, ["-m", "pip", "install", "--quiet", "-r", file, "-c", constraints(project)], {
      env: pythonEnvironment(env),
    });
  } catch (error) {
    throw new Error(`pip could not install ${file} (is the Python package index reachable?): ${error.message}`, {
      cause: error,
    });
  }
}

const venvStamp = (project) => join(project.stamps, "venv.json");
const stampFile = (project) => join(project.stamps, "python.json");
const requirements = (project) => join(project.root, "kernel-setup", "requirements.txt");
const constraints = (project) => join(project.setup, "constraints.txt");

// A virtual environment that was made again has no packages.
const inputs = (project) => hashOf(hashFiles([requirements(project), constraints(project), venvStamp(project)]));

async function ensureVenv(project, env) {
  const there = await version(project, env);
  const moved = readStamp(venvStamp(project))?.root ?? project.root;
  if (there && moved === project.root) return there;
  const python = await findPython(env);
  // Only what venv makes: the native library beside it is not Python's and need not be fetched again.
  for (const name of ["bin", "Scripts", "lib", "lib64", "Lib", "include", "pyvenv.cfg"])
    rmSync(join(project.venv, name), { recursive: true, force: true });
  await run(python.command, ["-m", "venv", project.venv], { env: pythonEnvironment(env), seconds: 300 });
  return python.version;
}

async function version(project, env) {
  if (!existsSync(join(project.venv, "pyvenv.cfg"))) return undefined;
  try {
    const text = await run(
      project.python,
      ["-c", "import sys, pip; print('%d.%d' % sys.version_info[:2], sys.prefix)"],
      { env: pythonEnvironment(env), seconds: 30 },
    );
    return text.trim().split(" ")[0];
  } catch (error) {
    if (error instanceof RunError) return undefined;
    throw error;
  }
}
