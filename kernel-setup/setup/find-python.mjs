import { RunError, run } from "./run.mjs";
import { pythonEnvironment } from "./project.mjs";

/** Oldest Python that JupyterLab and nbgrader of requirements.txt run on. */
const oldest = [3, 10];
const names = ["python3", "python3.13", "python3.12", "python3.11", "python3.10", "python"];

const question = `
import sys, importlib.util as u
print("%d.%d" % sys.version_info[:2], *[n for n in ("venv", "ensurepip") if u.find_spec(n) is None])
`;

/**
 * A Python that can make a virtual environment.
 * @returns {Promise<{ command: string, version: string }>}
 * @throws Error that names what to install, when there is none.
 */
export async function findPython(env = process.env) {
  let tooOld, incomplete;
  for (const command of names) {
    const answer = await ask(command, env);
    if (!answer) continue;
    const [version, ...missing] = answer.split(" ");
    const [major, minor] = version.split(".").map(Number);
    if (major !== oldest[0] || minor < oldest[1]) tooOld ??= { command, version };
    else if (missing.length) incomplete ??= { command, version, missing };
    else return { command, version };
  }
  if (incomplete) {
    const { command, version, missing } = incomplete;
    throw new Error(
      `${command} (Python ${version}) has no module ${missing.join(" and no module ")}: install it with "apt-get ` +
        `install python3-venv" (or python${version}-venv), then start again.`,
    );
  }
  const seen = tooOld ? `${tooOld.command} is Python ${tooOld.version}` : "there is no python3 on PATH";
  throw new Error(
    `Python ${oldest.join(".")} or newer is needed, and ${seen}: install it with "apt-get install python3 ` +
      `python3-venv" (macOS: "brew install python"; Windows: python.org), then start again.`,
  );
}

async function ask(command, env) {
  try {
    return (await run(command, ["-c", question], { env: pythonEnvironment(env), seconds: 20 }))
      .trim()
      .split(/\r?\n/)
      .pop();
  } catch (error) {
    if (error instanceof RunError) return undefined;
    throw error;
  }
}
