import { canvas } from "./canvas.mjs";
import { compile } from "./compile.mjs";
import { data } from "./data.mjs";
import { bench, tests } from "./extra-packages.mjs";
import { kernelCode } from "./kernel-code.mjs";
import { vitrineKernel } from "./kernelspec.mjs";
import { nativeBackend } from "./native-backend.mjs";
import { npmPackages } from "./npm-packages.mjs";
import { project } from "./project.mjs";
import { pythonPackages, pythonVenv } from "./python-packages.mjs";
import { doSteps } from "./steps.mjs";
import { tensorflowLibrary } from "./tensorflow-library.mjs";
import { webgpu } from "./webgpu-packages.mjs";

/** What `--with` may name: parts that not everybody needs. */
export const extras = { bench, tests, webgpu };

/** Everything a running sheet needs. */
const all = [
  npmPackages,
  pythonVenv,
  tensorflowLibrary,
  pythonPackages,
  nativeBackend,
  canvas,
  compile,
  kernelCode,
  vitrineKernel,
  data,
];

/** What the quick tests need: they load the sources themselves. */
const forUnitTests = [npmPackages, pythonVenv, tensorflowLibrary, nativeBackend, canvas];

/**
 * Sets up what is missing.
 * @param {{ with?: (keyof typeof extras)[], again?: boolean, unit?: boolean, env?: NodeJS.ProcessEnv }} [options]
 * @throws Error whose message tells what to do
 */
export async function setUp({ with: chosen = [], again = false, unit = false, env = process.env } = {}) {
  const steps = [...(unit ? forUnitTests : all), ...chosen.map((name) => extras[name])];
  await doSteps(steps, { project, env }, { again });
}
