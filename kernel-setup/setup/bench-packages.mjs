import { join } from "node:path";
import { pipInstall } from "./python-packages.mjs";
import { hashFiles, hashOf, readStamp, writeStamp } from "./stamp.mjs";

/** Step, only with `--with bench`: PyTorch and Captum, which some tests compare with. */
export const benchPackages = {
  name: "PyTorch, Captum",

  check({ project }) {
    return readStamp(stampFile(project))?.hash === inputs(project) ? { ready: "in .venv" } : { todo: "into .venv" };
  },

  async run({ project, env }) {
    await pipInstall(project, env, requirements(project));
    writeStamp(stampFile(project), { hash: inputs(project) });
    return "installed";
  },
};

const stampFile = (project) => join(project.stamps, "bench.json");
const requirements = (project) => join(project.root, "bench", "requirements.txt");
const inputs = (project) => hashOf(project.root, hashFiles([requirements(project), join(project.setup, "constraints.txt"), join(project.stamps, "python.json")]));
