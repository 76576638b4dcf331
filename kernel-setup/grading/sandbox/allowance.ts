import type { TreeUsage } from "./process-tree";

/** Seconds between two looks at what a sandbox uses. */
export const LOOK_SECONDS = 0.2;
/** One look counts for no more: where the grader itself did not get to look, or the machine slept, nobody is to pay. */
const MOST_SECONDS = 2 * LOOK_SECONDS;

/** Share of the time that whoever is starved spends waiting for a processor, at the least. */
const STARVED = 0.1;

/**
 * The time that a call may take: what the sandbox computes, and what it sleeps while it should answer. What it waits
 * for a processor or a disk, because the machine has others to serve, is not its own and does not count. It is never
 * more than the time on the clock, and just that on a machine that has time.
 */
export class Allowance {
  /** Seconds. */
  computed = 0;
  slept = 0;
  /** Seconds on the clock, as far as they were looked at. */
  waited = 0;
  /** Seconds in which threads waited for a processor; undefined where nobody knows. */
  private delayed?: number = 0;
  private last?: TreeUsage;
  private lookedAt = 0;

  /**
   * @param seconds that may be used @param patience on the clock, after which the machine has shown that it has no time
   */
  constructor(
    readonly seconds: number,
    private readonly patience = 60 + 10 * seconds,
  ) {}

  get used(): number {
    return this.computed + this.slept;
  }

  begin(usage: TreeUsage | undefined, now = performance.now()): void {
    this.last = usage;
    this.lookedAt = now;
  }

  /** Counts what has been used since the last look. @param usage undefined where nobody knows: then all of it */
  look(usage: TreeUsage | undefined, now = performance.now()): void {
    const clock = (now - this.lookedAt) / 1000,
      passed = Math.min(clock, MOST_SECONDS),
      { last } = this;
    // Never more than the clock, however many processors computed. Children whom nobody waited for leave the sum.
    const computed = usage && last ? Math.max(0, Math.min(clock, usage.cpuSeconds - last.cpuSeconds)) : 0;
    this.computed += computed;
    if (!usage || !last || usage.asleep) this.slept += Math.max(0, passed - computed);
    this.waited += passed;
    if (usage?.delayedSeconds === undefined || last?.delayedSeconds === undefined) this.delayed = undefined;
    else if (this.delayed !== undefined) this.delayed += Math.max(0, usage.delayedSeconds - last.delayedSeconds);
    this.last = usage ?? last;
    this.lookedAt = now;
  }

  /** The last look, at an answer: who has just given one is asleep, and need not have been before. */
  end(usage: TreeUsage | undefined, now?: number): void {
    this.look(usage && { ...usage, asleep: false }, now);
  }

  /** Why the call is not to go on. */
  get over(): "computing" | "sleeping" | "starved" | undefined {
    if (this.used >= this.seconds) return this.computed > this.slept ? "computing" : "sleeping";
    if (this.waited < this.patience) return undefined;
    // Code can look as if it waited for the machine: a parent of `vfork` does, and children that end leave the sum. The
    // system knows who waited for a processor.
    return this.delayed === undefined || this.delayed > STARVED * this.waited ? "starved" : "sleeping";
  }
}

/**
 * The machine gave the sandbox no time, or no memory: nobody knows what the submission is worth, and it is to be tried
 * again.
 */
export class MachineBusy extends Error {
  override name = "MachineBusy";
}
