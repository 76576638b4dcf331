// Why a kernel died, in words.
import { constants } from "os";

const SIGNALS: Partial<Record<NodeJS.Signals, string>> = {
  SIGABRT: "native code gave up and called abort()",
  SIGSEGV: "native code used memory that is not its own",
  SIGBUS: "native code used memory that is not there",
  SIGFPE: "native code divided by zero",
  SIGILL: "native code came upon what the processor does not know, or JavaScript's engine stopped itself",
  SIGTRAP: "JavaScript's engine stopped itself",
  SIGKILL: "somebody killed it: often the system does so when the memory is full",
};
/** Above it a shell gives the number of the signal. */
const BY_SIGNAL = 128;
/** What of native code's own words is quoted. */
const MOST = 300;
/** Stack frames, and what Node says at every end. */
const NO_REASON = /^(\d+: 0x|0x|----- |at )|debugger to disconnect/;
const LOST = "All variables are lost.";

/**
 * Name and text of the error that a front end shows for it.
 * @param status what the launcher's shell got
 * @param said what was still written to stderr
 * @param working a request was being worked on
 */
export function reasonOf(status: number, said: string, working: boolean): { ename: string; evalue: string } {
  if (/heap out of memory|Reached heap limit/.test(said))
    return {
      ename: "MemoryError",
      evalue:
        `The JavaScript heap is full, and the kernel has ended. ${LOST} Keep less at a time, or start Jupyter with ` +
        "NODE_OPTIONS=--max-old-space-size=MEGABYTES.",
    };
  const signal = Object.entries(constants.signals).find(([, number]) => number === status - BY_SIGNAL)?.[0];
  const why =
    signal === undefined
      ? `it ended with exit status ${status}`
      : `${SIGNALS[signal as NodeJS.Signals] ?? "it got a signal"} (${signal})`;
  const words = lastWords(said);
  return {
    ename: "KernelDied",
    evalue:
      `The kernel has ended${working ? " while this cell ran" : ""}: ${why}. ${LOST}` +
      (words ? ` It said: ${words}` : ""),
  };
}

/** The line that tells most: an assertion's or a fatal error's, else the first that is no stack frame. */
function lastWords(said: string): string {
  const lines = said
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !NO_REASON.test(line));
  const line = lines.find((each) => /assert|fatal|abort|what\(\)|terminate/i.test(each)) ?? lines[0] ?? "";
  return line.slice(0, MOST);
}
