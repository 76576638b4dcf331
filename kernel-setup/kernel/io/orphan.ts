// A kernel whose server is gone has nobody to work for.
import { readFileSync } from "fs";
import { launched } from "../shared/log";

const CHECK_MS = 1000;

/** Calls back when the Jupyter server that started this kernel is gone; it names itself in JPY_PARENT_PID. */
export function exitWithParent(leave: () => void): void {
  const server = Number(process.env.JPY_PARENT_PID);
  const parent = process.ppid;
  if (!server || process.platform === "win32") return;
  // Between the two is the launcher's shell, if there is one.
  if ((launched ? parentOf(parent) : parent) !== server) return;
  setInterval(() => {
    if (process.ppid !== parent || (launched && parentOf(parent) !== server)) leave();
  }, CHECK_MS).unref();
}

/** The parent of another process; undefined where the system does not tell by a file, as macOS. */
function parentOf(pid: number): number | undefined {
  try {
    return Number(
      readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ")[1],
    );
  } catch {
    return process.platform === "linux" ? undefined : alive(Number(process.env.JPY_PARENT_PID));
  }
}

function alive(pid: number): number | undefined {
  try {
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}
