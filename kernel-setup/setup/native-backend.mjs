import { existsSync } from "node:fs";
import { join } from "node:path";
import { nvidiaPresent } from "./native/nvidia.mjs";
import { ownBinary } from "./native/own-binary.mjs";
import { tryBackend } from "./native/try-backend.mjs";
import { addonInPlace, compilers, tensorflowVersion, wheelLibrary } from "./native/wheel-library.mjs";
import { onPath } from "./on-path.mjs";
import { filesBelow, hashFiles, hashOf, readStamp, writeStamp } from "./stamp.mjs";

/**
 * Step: the fastest TensorFlow.js backend that really computes here. What was tried, what became of it and what was
 * chosen goes to `.venv/native/backend.json`, for the library and for `vitrine doctor`.
 */
export const nativeBackend = {
  name: "backend",

  check({ project, env }) {
    const report = readStamp(reportFile(project));
    if (report?.hash === inputs(project, env) && inPlace(project, report.chosen)) return { ready: describe(report) };
    return { todo: "trying what can run TensorFlow.js here" };
  },

  async run({ project, env }) {
    const gpu = nvidiaPresent(env);
    const report = await choose(candidates(project, env, gpu));
    writeStamp(reportFile(project), { ...report, hash: inputs(project, env) });
    return describe(report);
  },

  /** One line for what people should know, or nothing. */
  note({ project, env }) {
    const report = readStamp(reportFile(project));
    if (!report) return undefined;
    if (report.chosen === "wasm" || report.chosen === "cpu") {
      const why = report.tried.filter(({ ok }) => !ok).map(({ name, reason }) => `${name}: ${reason}`).join("; ");
      return `no native backend was to be had (${why}): ${report.chosen} is used, which is slower. npm run setup -- --again tries anew.`;
    }
    if (nvidiaPresent(env) && report.device !== "gpu") return "an NVIDIA GPU is here but not used: with CUDA 12 and cuDNN 9 installed, VITRINE_CUDA=1 npm run setup tries TensorFlow's CUDA build.";
    return undefined;
  },
};

const reportFile = (project) => join(project.native, "backend.json");

function inputs(project, env) {
  const sources = filesBelow(join(project.setup, "native"));
  const packages = [join(project.nodeModules, "@tensorflow", "tfjs-node", "package.json")];
  // A GPU or a compiler that appears is a reason to try anew.
  const machine = [process.platform, process.arch, process.versions.napi, nvidiaPresent(env), compilers(env).some((name) => onPath(name, env))];
  return hashOf(project.root, machine, wantsCuda(env), hashFiles([...sources, ...packages]));
}

const wantsCuda = (env) => env.VITRINE_CUDA === "1";

/** The design's order; each is tried only if those before it failed. */
function candidates(project, env, gpu) {
  const list = [];
  if (gpu) list.push(["tfjs-node-gpu", () => ownBinary(project, env, "tfjs-node-gpu")]);
  list.push(["tfjs-node", () => ownBinary(project, env, "tfjs-node")]);
  if (gpu && wantsCuda(env)) list.push(["tfjs-node-wheel", () => wheelLibrary(project, env, { gpu: true })]);
  list.push(["tfjs-node-wheel", () => wheelLibrary(project, env)]);
  for (const name of ["wasm", "cpu"]) list.push([name, () => tryBackend(project, env, name)]);
  return list;
}

/** The first candidate that works. @throws Error when none does. */
export async function choose(list) {
  const tried = [];
  for (const [name, attempt] of list) {
    const { ok, reason, tensorflow, device } = await attempt();
    tried.push(ok ? { name, ok } : { name, ok, reason });
    if (ok) return { chosen: name, tried, tensorflow: tensorflow ?? (name === "tfjs-node-wheel" ? tensorflowVersion : null), device: device ?? "cpu" };
  }
  throw new Error(`TensorFlow.js cannot compute here at all: ${tried.map(({ name, reason }) => `${name}: ${reason}`).join("; ")}`);
}

function inPlace(project, chosen) {
  if (chosen === "tfjs-node-wheel") return addonInPlace(project);
  if (chosen === "wasm" || chosen === "cpu") return true;
  return existsSync(join(project.nodeModules, "@tensorflow", chosen, "deps", "lib"));
}

function describe({ chosen, tensorflow, device, tried }) {
  const names = { "tfjs-node-wheel": "tfjs-node built on PyPI's TensorFlow", wasm: "wasm", cpu: "plain JavaScript" };
  const passedOver = tried.filter(({ ok }) => !ok && chosen.startsWith("tfjs")).map(({ name, reason }) => `; not ${name}: ${reason}`).join("");
  return `${names[chosen] ?? chosen}${tensorflow ? ` ${tensorflow}` : ""} on ${device === "gpu" ? "GPU" : "CPU"}${passedOver}`;
}
