import { spawn } from "node:child_process";
import { VitrineError } from "./errors";

export interface ScriptRun {
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
