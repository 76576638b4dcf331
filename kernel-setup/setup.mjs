#!/usr/bin/env node
import { UsageError, readFlags, runMain } from "./setup/flags.mjs";
import { extras, setUp } from "./setup/index.mjs";
import { requireNode } from "./setup/node-version.mjs";

const usage = `Usage: npm run setup [-- --with bench,tests,webgpu] [--cuda] [--again]

Sets up what is missing: npm packages, Python packages in .venv, the TensorFlow.js backend, the compiled library
and kernel, data and weights.
  --with bench   also PyTorch and Captum (bench/requirements.txt), which some tests compare with
  --with tests   also what the tests need beside (npm test adds it by itself)
  --with webgpu  also the npm packages of the backend webgpu (150 MB), which runs on any graphics card with a driver
  --cuda         TensorFlow.js on TensorFlow's CUDA build, for NVIDIA GPUs (Linux; as VITRINE_CUDA=1, which 0 undoes)
  --again        also what is done already: tries again what was not available before`;

await runMain(async (args) => {
  requireNode();
  const flags = readFlags(args, { with: "value", cuda: "switch", again: "switch" });
  if (flags.help) return console.log(usage);
  const chosen = flags.with ? flags.with.split(",") : [];
  const unknown = chosen.find((name) => !(name in extras));
  if (unknown !== undefined)
    throw new UsageError(`--with knows no ${unknown}; allowed: ${Object.keys(extras).join(", ")}.`);
  const started = Date.now();
  await setUp({ with: chosen, again: flags.again, ...(flags.cuda && { env: { ...process.env, VITRINE_CUDA: "1" } }) });
  console.log(`Set up in ${((Date.now() - started) / 1000).toFixed(1)} s. npm start opens JupyterLab.`);
});
