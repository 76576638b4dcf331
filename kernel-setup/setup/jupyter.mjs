import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { kernelName } from "./kernelspec.mjs";
import { writeLabSettings } from "./lab-settings.mjs";
import { pythonEnvironment } from "./project.mjs";
import { tail } from "./run.mjs";

const windows = process.platform === "win32";

/** The settings JupyterLab is started with: loopback only, our kernel and no other. */
export function labArguments({ folder, browser, root = process.getuid?.() === 0 }) {
  return [
    "--ServerApp.ip=127.0.0.1",
    `--ServerApp.root_dir=${folder}`,
    "--ServerApp.allow_remote_access=False",
    `--MultiKernelManager.default_kernel_name=${kernelName}`,
    `--KernelSpecManager.allowed_kernelspecs=${kernelName}`,
    "--KernelSpecManager.ensure_native_kernel=False",
    // Nobody is asked on a terminal that belongs to npm.
    "--ServerApp.answer_yes=True",
    // The lab asks nobody on the network for news or extensions.
    "--LabApp.news_url=None",
    "--LabApp.extension_manager=readonly",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ...(browser ? [] : ["--no-browser"]),
    ...(root ? ["--allow-root"] : []),
  ];
}

/**
 * The environment: a fresh token (in the environment and not on the command line, where other users would see it),
 * and no settings of the user's own Jupyter, whose password or address would undo ours.
 */
export function labEnvironment(project, token, env = process.env) {
  const { JUPYTER_CONFIG_PATH, JUPYTER_PATH, JUPYTERLAB_DIR, VITRINE_START_PAGE, ...rest } = pythonEnvironment(env);
  return {
    ...rest,
    JUPYTER_TOKEN: token,
    JUPYTER_CONFIG_DIR: join(project.venv, "jupyter"),
    JUPYTER_RUNTIME_DIR: runtimeFolder(project),
    JUPYTER_PREFER_ENV_PATH: "1",
  };
}

/** What JupyterLab is for students, or for those who write and grade sheets (kernel-setup/lab). */
export function roleEnvironment(project, { author = false, startPage = !author } = {}) {
  return {
    JUPYTER_CONFIG_PATH: join(project.root, "kernel-setup", "lab", author ? "author" : "student"),
    // The Node that runs us: another one may come first on the path.
    VITRINE_NODE: process.execPath,
    ...(startPage ? { VITRINE_START_PAGE: "1" } : {}),
  };
}

const runtimeFolder = (project) => join(project.venv, "jupyter", "runtime");

/** A display on which a browser can be opened. */
export function hasDisplay(env = process.env, platform = process.platform) {
  return platform === "darwin" || platform === "win32" || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/**
 * Starts JupyterLab, prints its address when it answers, and stays until it ends or is interrupted.
 * @param {{ browser: boolean, author?: boolean, startPage?: boolean }} options `startPage`: the page that students
 *   begin on; default: for students
 * @returns {Promise<number>} exit code
 */
export async function openLab(project, folder, { browser, author = false, startPage = !author }) {
  writeLabSettings(project);
  const token = randomBytes(24).toString("hex");
  mkdirSync(runtimeFolder(project), { recursive: true });
  const args = ["-m", "jupyterlab", ...labArguments({ folder, browser })];
  // formgrader looks for a course's settings only where it was started.
  const cwd = existsSync(join(folder, "nbgrader_config.py")) ? folder : project.root;
  // A group of its own: Ctrl-C reaches only us, and we end it in order.
  const lab = spawn(project.python, args, {
    cwd,
    env: { ...labEnvironment(project, token), ...roleEnvironment(project, { author, startPage }) },
    stdio: ["ignore", "pipe", "pipe"],
    detached: !windows,
  });
  let said = "";
  const listen = (chunk) => {
    said = (said + chunk).slice(-20_000);
    if (process.env.VITRINE_DEBUG) process.stderr.write(chunk);
  };
  lab.stdout.setEncoding("utf8").on("data", listen);
  lab.stderr.setEncoding("utf8").on("data", listen);
  const ended = new Promise((resolve) =>
    lab.once("close", (code) => resolve(code ?? 0)).once("error", () => resolve(1)),
  );

  let stopping = false;
  const stop = () => {
    if (stopping) return kill(lab, "SIGKILL");
    stopping = true;
    console.log("\nStopping JupyterLab and its kernels …");
    kill(lab, "SIGTERM");
    setTimeout(() => kill(lab, "SIGKILL"), 15_000).unref();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);

  const over = new AbortController();
  void ended.then(() => over.abort());
  const address = await addressOf(project, lab.pid, token, over.signal);
  if (!address) {
    if (stopping) return 0;
    console.error(`JupyterLab did not start:\n${tail(said, 15)}`);
    return 1;
  }
  console.log(`\nJupyterLab: ${address}\nSheets:     ${folder}\nCtrl-C stops it.`);
  const code = await ended;
  // Its notes of a server that is gone would be taken for one that runs.
  for (const kind of ["json", "html"])
    rmSync(join(runtimeFolder(project), `jpserver-${lab.pid}-open.${kind}`), { force: true });
  if (stopping) return (console.log("Stopped."), 0);
  console.error(`JupyterLab ended by itself (exit ${code}):\n${tail(said, 15)}`);
  return code || 1;
}

/** The address, once the server answers with our token; undefined if it ends before. */
async function addressOf(project, pid, token, ended) {
  const info = join(runtimeFolder(project), `jpserver-${pid}.json`);
  while (!ended.aborted) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (!existsSync(info)) continue;
    try {
      const { url } = JSON.parse(readFileSync(info, "utf8"));
      const answer = await fetch(`${url}api/status?token=${token}`);
      if (answer.ok) return `${url}lab?token=${token}`;
    } catch {
      // Not written to the end, or not listening yet.
    }
  }
}

function kill(child, signal) {
  try {
    windows ? child.kill(signal) : signal === "SIGKILL" ? process.kill(-child.pid, signal) : child.kill(signal);
  } catch {
    // It has ended meanwhile.
  }
}
