import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { processTree } from "../../kernel-setup/grading/sandbox/process-tree";

export interface Measured {
  seconds: number;
  /** MiB at the most, of the process and all that it started; shared pages are shared out. */
  memory: number;
  status: number;
  said: string;
}

/**
 * Runs a command and watches its memory. @param tick is told every second how long it has run and what it needed so far
 */
export async function measure(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { cwd, tick }: { cwd?: string; tick?: (seconds: number, memory: number) => void } = {},
): Promise<Measured> {
  const started = performance.now();
  const child = spawn(command, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
  let said = "",
    memory = 0;
  const listen = (chunk: Buffer): void => {
    said = (said + chunk.toString("utf8")).slice(-200_000);
  };
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  const seconds = (): number => (performance.now() - started) / 1000;
  const watch = setInterval(() => {
    memory = Math.max(memory, treeMemory(child.pid!));
    tick?.(seconds(), memory);
  }, 1000);
  const status = await new Promise<number>((resolve, reject) =>
    child.once("error", reject).once("close", (code) => resolve(code ?? 1)),
  );
  clearInterval(watch);
  return { seconds: seconds(), memory, status, said };
}

const treeMemory = (root: number): number =>
  processTree(root).reduce(
    (sum, pid) => sum + Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0),
    0,
  ) / 1024;

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
