import { spawn } from "node:child_process";

/** Signals that end set-up, and the exit codes that shells give them. */
const stopSignals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
const windows = process.platform === "win32";

/** A command that failed: `output` is all it said, `reason` one line that tells why. */
export class RunError extends Error {
  constructor(what, output, { timedOut = false, missing = false, signal = null } = {}) {
    super(`${what}${output.trim() ? `\n${tail(output, 15)}` : ""}`);
    this.output = output;
    this.timedOut = timedOut;
    this.missing = missing;
    this.reason = timedOut || missing || signal ? what : (lastErrorLine(output) ?? what);
  }
}

/**
 * Runs a command with its output kept, not shown. It has no standard input: nothing in set-up asks questions.
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, seconds?: number }} [options] `seconds`: the time it is given.
 * @returns {Promise<string>} what it printed.
 * @throws RunError when it cannot be started, exits with an error or overruns its time.
 */
export function run(command, args, { cwd, env = process.env, seconds = 1800 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: !windows,
      windowsHide: true,
    });
    let output = "";
    let timedOut = false;
    const keep = (chunk) => (output += chunk);
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    // A negative id addresses the group: what the command started must not outlive it.
    const end = (signal) => {
      try {
        windows ? child.kill() : process.kill(-child.pid, signal);
      } catch {}
    };
    const timer = setTimeout(() => {
      timedOut = true;
      end("SIGKILL");
    }, seconds * 1000);
    // Being in a group of its own, it would not hear of Ctrl-C, and go on in the background.
    const leave = () => end("SIGTERM");
    const interrupts = Object.entries(stopSignals).map(([signal, code]) => [signal, () => process.exit(code)]);
    process.once("exit", leave);
    for (const [signal, stop] of interrupts) process.once(signal, stop);
    const name = [command, ...args].join(" ").slice(0, 120);
    const settle = (error) => {
      clearTimeout(timer);
      process.removeListener("exit", leave);
      for (const [signal, stop] of interrupts) process.removeListener(signal, stop);
      error ? reject(error) : resolve(output);
    };
    child.on("error", (error) =>
      settle(
        new RunError(error.code === "ENOENT" ? `${command} is not installed` : error.message, output, {
          missing: error.code === "ENOENT",
        }),
      ),
    );
    child.on("close", (code, signal) => {
      if (timedOut) settle(new RunError(`no answer within ${seconds} s: ${name}`, output, { timedOut }));
      else if (code === 0) settle();
      else settle(new RunError(signal ? `ended by ${signal}: ${name}` : `exit ${code}: ${name}`, output, { signal }));
    });
  });
}

/** The last `count` lines. */
export function tail(text, count) {
  return text.trimEnd().split(/\r?\n/).slice(-count).join("\n");
}

function lastErrorLine(output) {
  const lines = output
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line && !line.includes("A complete log of this run"));
  const line = lines.filter((each) => /error|cannot|not found|failed|refused/i.test(each)).pop() ?? lines.pop();
  return line?.slice(0, 200);
}
