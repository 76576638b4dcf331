import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

const at = (name: string): string | undefined =>
  ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
const needed = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel"];

/** Why no cluster can be started here, if none can. */
export const clusterMissing = (): string | undefined =>
  process.getuid?.() !== 0 ? "root" : needed.every(at) ? undefined : "Slurm";

/** A Slurm cluster of this machine alone, with a configuration, a key and ports of its own. */
export interface Cluster {
  /** For Slurm's commands: `SLURM_CONF`. */
  readonly conf: string;
  /** The node is lost: its daemon and all that runs on it are killed. */
  loseNode(): Promise<void>;
  /** The node is back. */
  bringNode(): Promise<void>;
  command(name: string, ...args: string[]): string;
  stop(): Promise<void>;
}

/**
 * Starts munged, slurmctld and slurmd; waits until the node is idle. They end with this process, however it ends.
 * @param cpus how many jobs run at once
 */
export async function startCluster(cpus = 4): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-slurm-"));
  chmodSync(folder, 0o755);
  const [control, daemon] = [await freePort(), await freePort()],
    host = hostname().split(".")[0];
  const conf = join(folder, "slurm.conf");
  for (const each of ["state", "spool"]) mkdirSync(join(folder, each));
  writeFileSync(join(folder, "munge.key"), randomBytes(128), { mode: 0o400 });
  writeFileSync(
    conf,
    `ClusterName=vitrine
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${control}
SlurmdPort=${daemon}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=${folder}/munge.socket
CredType=cred/munge
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
ReturnToService=2
SlurmdTimeout=10
KillWait=2
InactiveLimit=0
NodeName=${host} NodeAddr=127.0.0.1 CPUs=${cpus} State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`,
  );
  const env = { ...process.env, SLURM_CONF: conf };
  const start = (name: string, ...args: string[]): ChildProcess =>
    spawn(at(name)!, args, { env, stdio: "ignore", detached: true });
  const watch = spawn(process.execPath, [join(__dirname, "class-slurm-watch.cjs"), folder, conf], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  start(
    "munged",
    "--foreground",
    "--force",
    `--key-file=${folder}/munge.key`,
    `--socket=${folder}/munge.socket`,
    `--pid-file=${folder}/munged.pid`,
    `--seed-file=${folder}/munged.seed`,
    `--log-file=${folder}/munged.log`,
  );
  const command = (name: string, ...args: string[]): string => {
    const { stdout, stderr, status } = spawnSync(at(name)!, args, { env, encoding: "utf8", timeout: 30_000 });
    if (status !== 0) throw new Error(`${name} ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  let node: ChildProcess | undefined;
  const bringNode = async (): Promise<void> => {
    node = start("slurmd", "-D");
    await until(
      () => /^idle$/.test(command("sinfo", "--noheader", "--format=%T").trim()),
      60_000,
      () => logs(folder),
    );
  };
  const killNode = (): void => {
    // What the node had started is in sessions of its own; it knows its own by the spool folder on their command lines.
    const ours = spawnSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" })
      .stdout.split("\n")
      .filter((line) => /slurmstepd/.test(line))
      .map((line) => Number(line.trim().split(" ")[0]));
    const steps = ours.filter((pid) => environmentOf(pid).includes(conf));
    node?.kill("SIGKILL");
    for (const step of steps) for (const pid of [...childrenOf(step), step]) kill(pid);
  };
  const stop = async (): Promise<void> => {
    const over = once(watch, "close");
    watch.stdin.end();
    await over;
  };
  try {
    await until(
      () => existsSync(join(folder, "munge.socket")),
      10_000,
      () => logs(folder),
    );
    start("slurmctld", "-D");
    await until(
      () => spawnSync(at("scontrol")!, ["ping"], { env, encoding: "utf8" }).stdout.includes("UP"),
      30_000,
      () => logs(folder),
    );
    await bringNode();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    conf,
    command,
    stop,
    bringNode,
    loseNode: async () => {
      killNode();
      await until(
        () => /down/.test(command("sinfo", "--noheader", "--format=%T")),
        90_000,
        () => logs(folder),
      );
    },
  };
}

async function until(done: () => boolean, patience: number, why: () => string): Promise<void> {
  for (const end = Date.now() + patience; !attempt(done); await new Promise((resolve) => setTimeout(resolve, 200)))
    if (Date.now() > end) throw new Error(`The cluster is not where it should be:\n${why()}`);
}

function attempt(done: () => boolean): boolean {
  try {
    return done();
  } catch {
    return false;
  }
}

const logs = (folder: string): string =>
  ["munged", "slurmctld", "slurmd"]
    .map(
      (name) =>
        `${name}: ${
          existsSync(join(folder, `${name}.log`))
            ? readFileSync(join(folder, `${name}.log`), "utf8")
                .trim()
                .split("\n")
                .slice(-6)
                .join("\n")
            : "no log"
        }`,
    )
    .join("\n");

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return "";
  }
}

function childrenOf(pid: number): number[] {
  const all = spawnSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" })
    .stdout.split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = all.filter(([, parent]) => parent === pid).map(([child]) => child);
  return [...below, ...below.flatMap(childrenOf)];
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
      .once("error", reject)
      .listen(0, "127.0.0.1", () => {
        const { port } = server.address() as { port: number };
        server.close(() => resolve(port));
      });
  });
