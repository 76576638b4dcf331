import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pythonEnvironment } from "../project.mjs";
import { RunError, run } from "../run.mjs";
import { readStamp, writeStamp } from "../stamp.mjs";
import { fetchCuda } from "./cuda.mjs";
import { tryBackend } from "./try-backend.mjs";

export const tensorflowVersion = "2.21.0";
const extract = fileURLToPath(new URL("extract_library.py", import.meta.url));
const quietSource = fileURLToPath(new URL("quiet.cc", import.meta.url));

/**
 * Candidate: tfjs-node's own addon, compiled here against the TensorFlow library in the PyPI wheel. It needs no
 * download but the registry's, and its kernels are four years newer than those the package brings.
 * @param {{ cuda?: boolean }} [options] `cuda`: the wheel with CUDA, and NVIDIA's libraries from PyPI; where there is
 * no GPU it computes on the CPU.
 */
export async function wheelLibrary(project, env, { cuda = false } = {}) {
  const reason = await whyNot(env);
  if (reason) return { ok: false, reason };
  const compiler = await findCompiler(env);
  try {
    await fetchLibrary(project, env, cuda ? "tensorflow" : wheelName());
    if (cuda) await fetchCuda(project, env, library(project));
    await compile(project, env, compiler);
  } catch (error) {
    if (error instanceof RunError) return { ok: false, reason: error.reason };
    throw error;
  }
  installAddon(project);
  const outcome = await tryBackend(project, env, "tfjs-node");
  // What failed, or ended its process, must not be where the library would load it.
  if (!outcome.ok) rmSync(installedAddon(project), { force: true });
  return outcome;
}

/** Only x86 has a wheel named for the CPU; on arm64 the plain one is the CPU's. */
const wheelName = () => (process.arch === "arm64" ? "tensorflow" : "tensorflow-cpu");

const library = (project) => join(project.native, "tensorflow");
const builtAddon = (project) => join(project.native, "tfjs_binding.node");
const installedAddon = (project) =>
  join(project.nodeModules, "@tensorflow", "tfjs-node", "lib", "napi-v8", "tfjs_binding.node");

/** Whether the addon is where tfjs-node looks for it; npm ci removes it from there, and it is put back. */
export function addonInPlace(project) {
  if (!existsSync(join(library(project), "libtensorflow_cc.so.2"))) return false;
  if (existsSync(installedAddon(project))) return true;
  if (!existsSync(builtAddon(project))) return false;
  installAddon(project);
  return true;
}

function installAddon(project) {
  const target = installedAddon(project);
  mkdirSync(join(target, ".."), { recursive: true });
  // By renaming: a process that has the old one loaded keeps it.
  copyFileSync(builtAddon(project), `${target}.partial`);
  renameSync(`${target}.partial`, target);
}

/** What is called to compile, in order. */
export const compilers = (env) => [env.CXX, "g++", "c++", "clang++"].filter(Boolean);

async function findCompiler(env) {
  for (const command of compilers(env)) {
    try {
      await run(command, ["--version"], { env, seconds: 20 });
      return command;
    } catch {}
  }
  return undefined;
}

/** Why this machine cannot use the wheel, if it cannot. */
async function whyNot(env) {
  if (process.platform !== "linux")
    return `PyPI's TensorFlow carries its C library only for Linux (this is ${process.platform})`;
  if (!["x64", "arm64"].includes(process.arch)) return `PyPI has no TensorFlow for ${process.arch}`;
  return (await findCompiler(env)) ? undefined : "no C++ compiler (apt-get install g++)";
}

/** Fetches the library for a processor, where it can be used; what came of it in words. Nothing here is a failure. */
export async function fetchAhead(project, env) {
  const reason = await whyNot(env);
  if (reason) return reason;
  try {
    await fetchLibrary(project, env, wheelName());
    return "its C library is in .venv";
  } catch (error) {
    if (error instanceof RunError) return `not fetched: ${error.reason}`;
    throw error;
  }
}

const libraryIs = (project, name) =>
  readStamp(join(library(project), "wheel.json"))?.wheel === `${name}==${tensorflowVersion}`;

async function fetchLibrary(project, env, name) {
  const mark = join(library(project), "wheel.json");
  const wanted = `${name}==${tensorflowVersion}`;
  if (libraryIs(project, name)) return;
  mkdirSync(project.native, { recursive: true });
  const folder = mkdtempSync(join(project.native, "wheel-"));
  try {
    // Any Python's wheel holds the same library: 3.12's is asked for, so that the project's own Python does not matter.
    const wheel = [
      "--no-deps",
      "--only-binary=:all:",
      "--python-version",
      "3.12",
      "--no-cache-dir",
      "--dest",
      folder,
      wanted,
    ];
    await run(project.python, ["-m", "pip", "download", "--quiet", ...wheel], { env: pythonEnvironment(env) });
    const [file] = readdirSync(folder).filter((each) => each.endsWith(".whl"));
    await run(project.python, [extract, join(folder, file), library(project)], { env: pythonEnvironment(env) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  writeStamp(mark, { wheel: wanted });
}

async function compile(project, env, compiler) {
  const source = join(project.nodeModules, "@tensorflow", "tfjs-node");
  const folder = mkdtempSync(join(project.native, "objects-"));
  const common = [
    "-O2",
    "-std=c++17",
    "-fPIC",
    "-DNAPI_VERSION=8",
    `-I${join(project.nodeModules, "node-api-headers", "include")}`,
  ];
  const object = (name) => join(folder, `${name}.o`);
  const toObject = (name) =>
    run(
      compiler,
      [
        ...common,
        `-I${source}`,
        `-I${join(library(project), "include")}`,
        "-c",
        join(source, "binding", `${name}.cc`),
        "-o",
        object(name),
      ],
      { env, seconds: 600 },
    );
  const parts = ["tfjs_backend", "tfjs_binding"],
    partial = `${builtAddon(project)}.partial`;
  const quiet = join(project.native, "quiet.node");
  try {
    await Promise.all([
      ...parts.map(toObject),
      run(compiler, [...common, "-shared", "-DNODE_GYP_MODULE_NAME=quiet", quietSource, "-o", `${quiet}.partial`], {
        env,
        seconds: 120,
      }),
    ]);
    await run(
      compiler,
      [
        "-shared",
        ...parts.map(object),
        "-o",
        partial,
        `-L${library(project)}`,
        "-l:libtensorflow_cc.so.2",
        "-l:libtensorflow_framework.so.2",
        `-Wl,-rpath,${library(project)}`,
      ],
      { env, seconds: 600 },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  renameSync(`${quiet}.partial`, quiet);
  renameSync(partial, builtAddon(project));
}
