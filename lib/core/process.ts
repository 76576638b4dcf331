// Where the project lies, the machine, and other programs.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { VitrineError } from "./errors";

let found: string | undefined;

/**
 * The project's folder, where `models/`, `data/` and `notebooks/` are. Found from this file and not from the working
 * directory, because notebooks and the command line run anywhere; by name, because this file runs both as a source
 * and compiled. Where the library was installed on its own it is the library's own folder.
 */
export function projectRoot(): string {
  return (found ??= ancestorNamed("vitrine-project") ?? ancestorNamed("vitrine") ?? process.cwd());
}

function ancestorNamed(name: string): string | undefined {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file) && (JSON.parse(readFileSync(file, "utf8")) as { name?: string }).name === name) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

/** What Linux tells of the processor, its instructions among it; undefined on other systems. */
export function processorInfo(): string | undefined {
  try {
    return readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    return undefined;
  }
}

interface ScriptRun {
  /** Null where a signal ended it. */
  readonly status: number | null;
  /** What it printed, both streams as they came; empty where it was shown. */
  readonly said: string;
  /** Of this what it printed as errors. */
  readonly errors: string;
}

/**
 * Runs a JavaScript file with the Node that runs us. It has no input where its output is kept.
 * @param shown whether it has our terminal; else what it prints is kept. Default: false
 * @throws VitrineError where it cannot be started
 */
export function runScript(script: string, args: readonly string[], { shown = false } = {}): Promise<ScriptRun> {
  const child = spawn(process.execPath, [script, ...args], { stdio: shown ? "inherit" : ["ignore", "pipe", "pipe"] });
  let said = "",
    errors = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    errors += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new VitrineError(`${script} could not be started: ${error.message}.`)));
    child.once("close", (status) => resolve({ status, said, errors }));
  });
}
