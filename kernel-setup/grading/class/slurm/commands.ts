import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { VitrineError } from "vitrine/dist/kit";

export interface Said {
  code: number;
  out: string;
  err: string;
}

/** Runs one of Slurm's commands. @throws VitrineError if there is none of that name */
export async function slurmCommand(name: string, args: readonly string[], input?: string): Promise<Said> {
  const running = promisify(execFile)(name, [...args], { maxBuffer: 64 << 20, timeout: 60_000 });
  if (input !== undefined) running.child.stdin?.end(input);
  try {
    const { stdout, stderr } = await running;
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout = "", stderr = "" } = error as { code?: number | string; stdout?: string; stderr?: string };
    if (code === "ENOENT")
      throw new VitrineError(
        `There is no ${name} here: --slurm needs Slurm's commands (Debian: slurm-wlm), on a machine that may ` +
          `submit jobs.`,
      );
    return { code: typeof code === "number" ? code : 1, out: stdout, err: stderr };
  }
}

/** Tasks of these job arrays that are not over: `17_3` → `RUNNING`. Undefined where Slurm does not answer. */
export async function queued(ids: readonly string[]): Promise<Map<string, string> | undefined> {
  const { code, out, err } = await slurmCommand("squeue", [
    "--noheader",
    "--array",
    `--jobs=${ids.join(",")}`,
    "--format=%i|%T",
  ]);
  // Slurm forgets jobs some minutes after they end.
  if (code !== 0 && !/Invalid job id/i.test(err)) return undefined;
  return new Map(
    out
      .split("\n")
      .filter(Boolean)
      .map((line) => line.trim().split("|") as [string, string])
      .filter(([, state]) => !over.test(state)),
  );
}

const over = /^(COMPLETED|CANCELLED|FAILED|TIMEOUT|NODE_FAIL|OUT_OF_MEMORY|BOOT_FAIL|DEADLINE|PREEMPTED|REVOKED)/;

/** How a task ended, in Slurm's words: `NODE_FAIL`, `FAILED, exit 3`. */
export async function endOf(task: string): Promise<string> {
  const { out } = await slurmCommand("scontrol", ["show", "job", task, "--oneliner"]);
  const state = /\bJobState=(\S+)/.exec(out)?.[1] ?? "it is no longer in the queue";
  const [, exit, signal] = /\bExitCode=(\d+):(\d+)/.exec(out) ?? [];
  return `${state}${signal && signal !== "0" ? `, signal ${signal}` : exit && exit !== "0" ? `, exit ${exit}` : ""}`;
}
