const CHECK_MS = 1000;

/** Calls back when the Jupyter server that started this kernel is gone; it names itself in JPY_PARENT_PID. */
export function exitWithParent(leave: () => void): void {
  const parent = Number(process.env.JPY_PARENT_PID);
  if (!parent || process.platform === "win32" || process.ppid !== parent) return;
  setInterval(() => {
    if (process.ppid !== parent) leave();
  }, CHECK_MS).unref();
}
