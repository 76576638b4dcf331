import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface Measured {
  seconds: number;
  /** MiB at the most, of the process and all that it started; shared pages are shared out. */
  memory: number;
  status: number;
  said: string;
}

/** Runs a command and watches its memory. */
export async function measure(command: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd?: string): Promise<Measured> {
  const started = performance.now();
  const child = spawn(command, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
  let said = "", memory = 0;
  const listen = (chunk: Buffer): void => { said = (said + chunk.toString("utf8")).slice(-200_000); };
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  const watch = setInterval(() => { memory = Math.max(memory, treeMemory(child.pid!)); }, 1000);
  const status = await new Promise<number>((resolve, reject) => child.once("error", reject).once("close", (code) => resolve(code ?? 1)));
  clearInterval(watch);
  return { seconds: (performance.now() - started) / 1000, memory, status, said };
}

function treeMemory(root: number): number {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc").filter((each) => /^\d+$/.test(each))) {
    const parent = Number(read(`/proc/${name}/stat`).replace(/^.*\)/s, "").trim().split(" ")[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const sum = (pid: number): number => Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) + (children.get(pid) ?? []).reduce((all, child) => all + sum(child), 0);
  return sum(root) / 1024;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
