import { join } from "node:path";
import { pipInstall } from "./python-packages.mjs";
import { hashFiles, hashOf, readStamp, writeStamp } from "./stamp.mjs";

/** PyTorch, Captum and Foolbox, which some tests compare with. */
export const bench = pythonExtra("bench", "PyTorch, Captum, Foolbox", ["bench", "requirements.txt"]);

/** What the tests need beside, such as Jupyter's own tests of a kernel. */
export const tests = pythonExtra("tests", "test tools", ["kernel-setup", "requirements-test.txt"]);

/** A step that only some need: a requirements file into `.venv`. */
function pythonExtra(key, name, path) {
  const stampFile = (project) => join(project.stamps, `${key}.json`);
  const requirements = (project) => join(project.root, ...path);
  // Python's own stamp counts: a new virtual environment has none of it.
  const inputs = (project) =>
    hashOf(
      project.root,
      hashFiles([requirements(project), join(project.setup, "constraints.txt"), join(project.stamps, "python.json")]),
    );
  return {
    name,
    check: ({ project }) =>
      readStamp(stampFile(project))?.hash === inputs(project) ? { ready: "in .venv" } : { todo: "into .venv" },
    async run({ project, env }) {
      await pipInstall(project, env, requirements(project));
      writeStamp(stampFile(project), { hash: inputs(project) });
      return "installed";
    },
  };
}
