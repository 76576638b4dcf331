/**
 * What would end the process, and with it the notebook's whole state, is an error in a cell. Returns the real
 * `process.exit`.
 */
export function forbidExit(): (code?: number) => never {
  const exit = process.exit.bind(process) as (code?: number) => never;
  const kill = process.kill.bind(process);
  const refuse = (call: string): never => {
    throw new Error(
      `process.${call} was called in a cell. To stop the cell throw an error; to end the kernel use the Kernel menu.`,
    );
  };
  process.exit = (code) => refuse(`exit(${code ?? ""})`);
  process.abort = () => refuse("abort()");
  process.kill = (pid, signal) => {
    const harmless = signal === 0 || signal === "SIGINT";
    return Number(pid) === process.pid && !harmless
      ? refuse(`kill(${pid}${signal === undefined ? "" : `, ${JSON.stringify(signal)}`})`)
      : kill(pid, signal);
  };
  return exit;
}
