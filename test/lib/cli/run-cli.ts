import { spawn } from "node:child_process";
import { join } from "node:path";
// Compiled, as the course's commands that it finds are: both must mean the same UsageError.
import { dispatch } from "vitrine/dist/cli/dispatch";

export interface CliResult {
  status: number | null;
  stdout: string;
  stderr: string;
}

const root = join(__dirname, "../../..");

/** Runs the command line in a process of its own. */
export function vitrine(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CliResult> {
  const child = spawn(process.execPath, [join(root, "lib/bin/vitrine.cjs"), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
  });
  let stdout = "",
    stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on("data", (chunk) => {
    stderr += String(chunk);
  });
  return new Promise((resolve) => child.once("close", (status) => resolve({ status, stdout, stderr })));
}

/** The same in this process, which saves the second that a new one takes to load TensorFlow. */
export async function vitrineHere(...args: string[]): Promise<CliResult> {
  const written = { stdout: "", stderr: "" };
  const streams = ["stdout", "stderr"] as const;
  const writers = streams.map((name) => process[name].write);
  for (const name of streams)
    process[name].write = ((chunk: string | Uint8Array) => {
      written[name] += String(chunk);
      return true;
    }) as typeof process.stdout.write;
  try {
    const status = await dispatch(args);
    return { status, ...written };
  } finally {
    streams.forEach((name, i) => {
      process[name].write = writers[i];
    });
  }
}
