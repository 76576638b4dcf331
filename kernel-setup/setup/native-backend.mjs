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
  after: ["npm packages", "Python", "TensorFlow"],

  check({ project, env }) {
    const report = readStamp(reportFile(project));
    if (report?.hash === inputs(project, env) && inPlace(project, report.chosen)) return { ready: describe(report) };
    return { todo: "trying what can run TensorFlow.js here" };
  },

  async run({ project, env }) {
    const gpu = nvidiaPresent(env),
      cuda = wantsCuda(project, env);
    const report = await choose(candidates({ gpu, cuda }, attempts(project, env)));
    // Noted before it is hashed: what was asked for once holds until VITRINE_CUDA=0.
    writeStamp(reportFile(project), { ...report, cuda });
    writeStamp(reportFile(project), { ...report, cuda, hash: inputs(project, env) });
    return describe({ ...report, cuda });
  },

  /** One line for what people should know, or nothing. */
  note({ project, env }) {
    const report = readStamp(reportFile(project));
    if (!report) return undefined;
    if (report.chosen === "wasm" || report.chosen === "cpu") {
      const why = report.tried
        .filter(({ ok }) => !ok)
        .map(({ name, reason }) => `${name}: ${reason}`)
        .join("; ");
      return (
        `no native backend was available (${why}): ${report.chosen} is used, which is slower. npm run setup -- ` +
        `--again tries again.`
      );
    }
    if (nvidiaPresent(env) && report.device !== "gpu")
      return report.cuda
        ? "an NVIDIA GPU is here, but TensorFlow's CUDA build cannot use it: is its driver installed and new " +
            "enough (nvidia-smi)?"
        : "an NVIDIA GPU is here but not used: npm run setup -- --cuda builds on TensorFlow with CUDA.";
    return undefined;
  },
};

export const reportFile = (project) => join(project.native, "backend.json");

function inputs(project, env) {
  const sources = filesBelow(join(project.setup, "native"));
  const packages = [join(project.nodeModules, "@tensorflow", "tfjs-node", "package.json")];
  // A GPU or a compiler that appears is a reason to try again.
  const machine = [
    process.platform,
    process.arch,
    process.versions.napi,
    nvidiaPresent(env),
    compilers(env).some((name) => onPath(name, env)),
  ];
  return hashOf(project.root, machine, wantsCuda(project, env), hashFiles([...sources, ...packages]));
}

/** By `--cuda` or VITRINE_CUDA=1, and from then on, until VITRINE_CUDA=0. */
export function wantsCuda(project, env) {
  if (env.VITRINE_CUDA === undefined || env.VITRINE_CUDA === "") return readStamp(reportFile(project))?.cuda === true;
  return env.VITRINE_CUDA === "1";
}

const attempts = (project, env) => ({
  own: (name) => ownBinary(project, env, name),
  wheel: (options) => wheelLibrary(project, env, options),
  plain: (name) => tryBackend(project, env, name),
});

/**
 * The order; each is tried only if those before it failed.
 * @param {{ gpu: boolean, cuda: boolean }} machine `gpu`: it has an NVIDIA GPU; `cuda`: TensorFlow's CUDA build is
 * asked for, also where there is none.
 */
export function candidates({ gpu, cuda }, { own, wheel, plain }) {
  const list = [];
  if (cuda) list.push(["tfjs-node-wheel", () => wheel({ cuda: true })]);
  if (gpu) list.push(["tfjs-node-gpu", () => own("tfjs-node-gpu")]);
  list.push(["tfjs-node", () => own("tfjs-node")], ["tfjs-node-wheel", () => wheel()]);
  for (const name of ["wasm", "cpu"]) list.push([name, () => plain(name)]);
  return list;
}

/** The first candidate that works. @throws Error when none does. */
export async function choose(list) {
  const tried = [];
  for (const [name, attempt] of list) {
    const { ok, reason, tensorflow, device } = await attempt();
    tried.push(ok ? { name, ok } : { name, ok, reason });
    if (ok)
      return {
        chosen: name,
        tried,
        tensorflow: tensorflow ?? (name === "tfjs-node-wheel" ? tensorflowVersion : null),
        device: device ?? "cpu",
      };
  }
  throw new Error(
    `TensorFlow.js cannot compute here at all: ${tried.map(({ name, reason }) => `${name}: ${reason}`).join("; ")}`,
  );
}

function inPlace(project, chosen) {
  if (chosen === "tfjs-node-wheel") return addonInPlace(project);
  if (chosen === "wasm" || chosen === "cpu") return true;
  return existsSync(join(project.nodeModules, "@tensorflow", chosen, "deps", "lib"));
}

function describe({ chosen, tensorflow, device, tried, cuda }) {
  const names = {
    "tfjs-node-wheel": `tfjs-node built on PyPI's TensorFlow${cuda && tried.length === 1 ? " with CUDA" : ""}`,
    wasm: "wasm",
    cpu: "plain JavaScript",
  };
  const passedOver = tried
    .filter(({ ok }) => !ok && chosen.startsWith("tfjs"))
    .map(({ name, reason }) => `; not ${name}: ${reason}`)
    .join("");
  return (
    `${names[chosen] ?? chosen}${tensorflow ? ` ${tensorflow}` : ""} on ` +
    `${device === "gpu" ? "GPU" : "CPU"}${passedOver}`
  );
}
