import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { diskMiB, mostThreads, ownHeapMiB, ownMemoryMiB, type SandboxLimits } from "./limits";
import { SANDBOX_ROOT } from "./stage";

const MIB = 2 ** 20;
/** Where bubblewrap reads its options. */
export const optionsFd = 4;
const INSIDE = `${SANDBOX_ROOT}/kernel-setup/dist/grading/sandbox/inside/main.js`;
/** First of the users that sandboxes run as where the grader is root; nobody's else. */
const FIRST_USER = 61_000,
  USERS = 4_000;
/** Sandboxes of this process. */
let begun = 0;

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /**
   * Options that it reads from `optionsFd`, not from its command line, which the sandboxed code sees. Default: none.
   */
  readonly options?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Default: the root folder, where a sandbox finds its own. */
  readonly cwd?: string;
  /** What the student's code may have, to be said where it takes more. */
  readonly memoryMiB: number;
  /** The small file systems, as the sandbox sees them. Default: none. */
  readonly disks?: readonly string[];
}

/**
 * The command line that starts Node in bubblewrap. It sees the system's libraries, the project's packages, the staged
 * `vitrine`
 * and compiler, all read-only, and two small file systems of its own; no network, no other process, no home.
 * @param root the project @param stage the staged folder
 */
export function sandboxCommand(root: string, stage: string, limits: SandboxLimits): Command {
  const node = realpathSync(process.execPath),
    prlimit = find("prlimit");
  const disk = String(diskMiB * MIB);
  // They name folders of the grader's, and its command line is what the first process's is called in there.
  const options = [
    "--unshare-user",
    "--unshare-all",
    "--disable-userns",
    "--die-with-parent",
    "--new-session",
    "--hostname",
    "sandbox",
    "--clearenv",
    ...Object.entries(environment(SANDBOX_ROOT)).flatMap(([name, value]) => ["--setenv", name, value]),
    ...systemLibraries(),
    ...libraryBinds(node),
    "--ro-bind",
    node,
    "/opt/bin/node",
    "--ro-bind",
    prlimit,
    "/opt/bin/prlimit",
    "--proc",
    "/proc",
    "--dev",
    "/dev",
    "--size",
    disk,
    "--tmpfs",
    "/tmp",
    "--ro-bind",
    join(root, "node_modules"),
    `${SANDBOX_ROOT}/node_modules`,
    "--ro-bind",
    join(stage, "lib"),
    `${SANDBOX_ROOT}/lib`,
    "--ro-bind",
    join(stage, "kernel-setup"),
    `${SANDBOX_ROOT}/kernel-setup`,
    "--size",
    disk,
    "--tmpfs",
    `${SANDBOX_ROOT}/work`,
    "--chdir",
    `${SANDBOX_ROOT}/work`,
    // Both are file systems in memory, without a limit of their own.
    "--remount-ro",
    "/dev",
    "--remount-ro",
    "/",
    // Nothing there is to be changed either: not the first process's memory, not its limits.
    "--remount-ro",
    "/proc",
  ];
  // Inside, where threads are counted for this sandbox alone.
  const inside = ["/opt/bin/prlimit", ...limitFlags(limits), "/opt/bin/node", ...nodeFlags(limits), INSIDE];
  const [program, ...args] = [...otherUser(), find("bwrap"), "--args", String(optionsFd), ...inside];
  return { program, args, options, env: {}, memoryMiB: limits.memoryMiB, disks: ["/tmp", `${SANDBOX_ROOT}/work`] };
}

/** Without any protection, for a machine where the grader trusts the class or has no bubblewrap. */
export function unsafeCommand(root: string, stage: string, limits: SandboxLimits): Command {
  void root;
  return {
    memoryMiB: limits.memoryMiB,
    program: process.execPath,
    args: [...nodeFlags(limits), join(stage, "kernel-setup/dist/grading/sandbox/inside/main.js")],
    env: environment(stage),
    cwd: stage,
  };
}

/** Why submissions cannot be isolated here, in one line; undefined if they can. */
export function sandboxMissing(): string | undefined {
  if (process.platform !== "linux")
    return (
      "submissions are marked in a bubblewrap sandbox, which only Linux has: mark them on Linux, or pass --unsafe " +
      "to run them with your rights"
    );
  const missing = ["bwrap", "prlimit", ...(isRoot() ? ["setpriv"] : [])].filter((name) => !located(name));
  if (missing.length === 0) return undefined;
  return (
    `submissions are marked in a sandbox, which needs ${missing.join(" and ")}: apt-get install bubblewrap ` +
    `util-linux, or pass --unsafe to run them with your rights`
  );
}

function environment(root: string): Record<string, string> {
  return {
    HOME: "/tmp",
    TMPDIR: "/tmp",
    PATH: "/opt/bin",
    LANG: "C.UTF-8",
    NODE_PATH: `${root}/node_modules`,
    VITRINE_BACKEND: "cpu",
    VITRINE_OFFLINE: "1",
    UV_THREADPOOL_SIZE: "2",
    NODE_NO_WARNINGS: "1",
  };
}

const nodeFlags = ({ memoryMiB }: SandboxLimits): string[] => [
  `--max-old-space-size=${memoryMiB + ownHeapMiB}`,
  "--v8-pool-size=2",
  "--no-addons",
];

const limitFlags = ({ memoryMiB, cpuSeconds }: SandboxLimits): string[] => [
  // Not the address space: WebAssembly and V8 reserve far more of it than they use.
  `--data=${(memoryMiB + ownMemoryMiB) * MIB}`,
  `--fsize=${diskMiB * MIB}`,
  `--cpu=${cpuSeconds}`,
  `--nproc=${mostThreads}`,
  "--nofile=256",
  "--core=0",
];

/** As root each sandbox is a user of its own, so that not even a hole in it gives root's rights. */
function otherUser(): string[] {
  if (!isRoot()) return [];
  const user = String(FIRST_USER + ((process.pid + 1009 * begun++) % USERS));
  return [
    find("setpriv"),
    `--reuid=${user}`,
    `--regid=${user}`,
    "--clear-groups",
    "--no-new-privs",
    "--bounding-set=-all",
    "--inh-caps=-all",
  ];
}

/** Libraries without programs. */
function systemLibraries(): string[] {
  return ["/usr/lib", "/usr/lib32", "/usr/lib64", "/lib", "/lib32", "/lib64"]
    .filter((path) => existsSync(path))
    .flatMap((path) =>
      lstatSync(path).isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path],
    );
}

/** Those of a Node that brings libraries of its own. */
function libraryBinds(node: string): string[] {
  const { stdout } = spawnSync("ldd", [node], { encoding: "utf8" });
  const files = [...(stdout ?? "").matchAll(/=> (\/\S+)/g)].map(([, file]) => file);
  return files
    .filter((file) => !/^\/(usr\/)?lib(32|64)?\//.test(file))
    .flatMap((file) => ["--ro-bind", realpathSync(file), file]);
}

const isRoot = (): boolean => process.getuid?.() === 0;
const located = (name: string): string | undefined =>
  ["/usr/bin", "/bin", "/usr/sbin", "/usr/local/bin"]
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));

function find(name: string): string {
  const file = located(name);
  if (!file) throw new Error(sandboxMissing() ?? `${name} is not there`);
  return file;
}
