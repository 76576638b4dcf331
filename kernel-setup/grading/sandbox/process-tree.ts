import { existsSync, readdirSync, readFileSync, statfsSync } from "node:fs";
import { getPriority } from "node:os";
import { join } from "node:path";

/** What the kernel counts of a process and all that it started. */
export interface TreeUsage {
  /** Seconds of processor time, of ended children too once their parent waited for them. */
  readonly cpuSeconds: number;
  /** MiB that lie in memory now and come from no file. */
  readonly memoryMiB: number;
  /** MiB that lay in memory at the most, each process at its own peak: not less than all had together. */
  readonly peakMiB: number;
  /**
   * No thread is computing, waiting for a processor or for a disk. One that puts itself behind all others of the
   * machine (it may have a lower priority, and never a higher one) waits because it wants to: that is sleep.
   */
  readonly asleep: boolean;
  /** Seconds that threads which are there now waited for a processor; undefined where the system does not say. */
  readonly delayedSeconds?: number;
}

/** Linux counts processor time in hundredths of a second wherever it shows it. */
const TICKS = 100;
/** The 19th field of a thread's line, counted from the one after its state. */
const NICE = 15;

/** @returns undefined where the system does not say (other than Linux), or the process has ended */
export function treeUsage(root: number): TreeUsage | undefined {
  let ticks = 0,
    memory = 0,
    peak = 0,
    asleep = true,
    found = false,
    delayed = 0;
  const ownNice = getPriority(),
    says = existsSync(`/proc/${root}/schedstat`);
  for (const pid of processTree(root)) {
    const stat = fieldsOf(`/proc/${pid}/stat`),
      status = read(`/proc/${pid}/status`);
    if (!stat) continue;
    found = true;
    // Of the process and of its children, in user and in system mode.
    for (const field of stat.slice(11, 15)) ticks += Number(field);
    memory += kibOf(status, "RssAnon") + kibOf(status, "RssShmem");
    peak += kibOf(status, "VmHWM");
    const threads = threadsOf(pid);
    asleep &&= threads.every((thread) => {
      const [state, ...rest] = fieldsOf(`/proc/${pid}/task/${thread}/stat`) ?? [""];
      return !/^[RD]$/.test(state) || Number(rest[NICE]) > ownNice;
    });
    for (const thread of threads)
      delayed += Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(" ")[1] ?? 0) / 1e9;
  }
  return found
    ? {
        cpuSeconds: ticks / TICKS,
        memoryMiB: memory / 1024,
        peakMiB: peak / 1024,
        asleep,
        ...(says && { delayedSeconds: delayed }),
      }
    : undefined;
}

/** A process and its descendants, parents first. */
export function processTree(root: number): number[] {
  const of = existsSync(`/proc/self/task/${process.pid}/children`) ? kernelsList : searchedList();
  const below = (pid: number): number[] => [pid, ...of(pid).flatMap(below)];
  return below(root);
}

/** How many files lie in a file system as a process sees it; 0 where the system does not say. */
export function filesIn(pid: number, folder: string): number {
  try {
    const { files, ffree } = statfsSync(join(`/proc/${pid}/root`, folder));
    return files - ffree;
  } catch {
    return 0;
  }
}

/** How often this machine ran out of memory and killed a process. */
export const outOfMemoryKills = (): number => Number(/^oom_kill (\d+)$/m.exec(read("/proc/vmstat"))?.[1] ?? 0);

const kernelsList = (pid: number): number[] =>
  threadsOf(pid).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`).split(" ").filter(Boolean).map(Number),
  );

/** Not every kernel keeps lists of children. */
function searchedList(): (pid: number) => number[] {
  const children = new Map<number, number[]>();
  for (const name of entries("/proc").filter((each) => /^\d+$/.test(each))) {
    const parent = Number(fieldsOf(`/proc/${name}/stat`)?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  return (pid) => children.get(pid) ?? [];
}

/** From the third field on, the state: the second is a name, with whatever signs in it. */
const fieldsOf = (file: string): string[] | undefined => /^.*\) (.*)$/s.exec(read(file))?.[1].trim().split(" ");
const kibOf = (status: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
const threadsOf = (pid: number): string[] => entries(`/proc/${pid}/task`);

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
