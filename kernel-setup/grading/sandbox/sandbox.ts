import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { StudentFault } from "../judge/student-fault";
import { Allowance, LOOK_SECONDS, MachineBusy } from "./allowance";
import { optionsFd, type Command } from "./command";
import type { RequestBody } from "./inside/protocol";
import { LineReader } from "./line-reader";
import { mostAnswered, mostFiles, mostPrinted, mostStrayBytes, mostStrayLines, ownMemoryMiB } from "./limits";
import { filesIn, outOfMemoryKills, processTree, treeUsage, type TreeUsage } from "./process-tree";
import { readReply, type Reply } from "./reply";

/** How much of what was written last is kept, to say why the process ended. */
const KEPT = 4000;

interface Waiting {
  readonly id: number;
  readonly nonce: string;
  readonly allowance: Allowance;
  readonly what: string;
  settle(reply: Reply): void;
  fail(fault: Fault): void;
}

/** The machine's faults are no student's. */
type Fault = StudentFault | MachineBusy;

/**
 * One process in bubblewrap. It is asked one thing at a time; once anything is wrong with it, it is killed, and every
 * later question fails.
 */
export class Sandbox {
  private readonly process: ChildProcess;
  private readonly channel: Duplex;
  private waiting?: Waiting;
  private count = 0;
  private printed = 0;
  private stray = 0;
  private strayBytes = 0;
  private hasStarted = false;
  private tail = "";
  private fault?: Fault;
  private ended?: Promise<void>;
  /** Of the start, until it has started. */
  private starting?: Allowance;
  private readonly looks: NodeJS.Timeout;
  private readonly killsBefore = outOfMemoryKills();
  /** MiB that its processes had at the most. */
  peakMiB = 0;
  private markReady!: () => void;
  private readonly isReady = new Promise<void>((resolve) => {
    this.markReady = resolve;
  });

  constructor(private readonly command: Command) {
    const { program, args, options, env, cwd } = command;
    // A group of its own: killed as a whole also where there is no bubblewrap to do it.
    const stdio = ["ignore", "pipe", "pipe", "pipe", ...(options ? ["pipe" as const] : [])] satisfies StdioOptions;
    this.process = spawn(program, [...args], { env, cwd: cwd ?? "/", stdio, detached: true });
    const asked = this.process.stdio[optionsFd] as Duplex | undefined;
    asked?.on("error", () => undefined).end(options?.map((each) => `${each}\0`).join(""));
    this.channel = this.process.stdio[3] as Duplex;
    const reader = new LineReader(
      mostAnswered,
      (line) => this.receive(line),
      () => this.end(new StudentFault("flood", "Your function's result is too large.")),
    );
    this.channel.on("data", (bytes: Buffer) => reader.add(bytes)).on("error", () => undefined);
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.on("data", (bytes: Buffer) => this.hear(bytes)).on("error", () => undefined);
    this.looks = setInterval(() => this.look(), 1000 * LOOK_SECONDS);
    this.ended = new Promise((resolve) => {
      this.process.once("error", (error) => {
        this.end(new StudentFault("dead", error.message));
        resolve();
      });
      this.process.once("exit", (code, signal) => {
        this.end(this.deathOf(code, signal));
        resolve();
      });
    });
  }

  /** Until its program has loaded; nothing of a student's has run. @throws Error where it does not start */
  async started(seconds: number): Promise<void> {
    this.starting = new Allowance(seconds);
    this.starting.begin(this.usage());
    await Promise.race([this.isReady, this.ended]);
    this.starting = undefined;
    if (this.fault instanceof MachineBusy) throw this.fault;
    if (this.fault)
      throw new Error(`the sandbox could not start: ${this.tail.trim().split("\n").pop() || this.fault.message}`);
  }

  get dead(): boolean {
    return this.fault !== undefined;
  }

  /**
   * @param allowance for this question; afterwards it says what was used
   * @throws StudentFault if there is no reply within it, or none any more; MachineBusy if that is not the student's
   * fault
   */
  ask(body: RequestBody, allowance: Allowance, what: string): Promise<Reply> {
    if (this.fault) return Promise.reject(this.fault);
    if (this.waiting) return Promise.reject(new Error("the sandbox is asked one thing at a time"));
    const id = ++this.count,
      nonce = randomBytes(12).toString("hex");
    allowance.begin(this.usage());
    // Of each cell: what many print together is no flood.
    this.printed = 0;
    return new Promise<Reply>((resolve, reject) => {
      const over = (): void => {
        allowance.end(this.usage());
        this.waiting = undefined;
      };
      this.waiting = {
        id,
        nonce,
        allowance,
        what,
        settle: (reply) => {
          over();
          resolve(reply);
        },
        fail: (fault) => {
          over();
          reject(fault);
        },
      };
      this.channel.write(`${JSON.stringify({ id, nonce, ...body })}\n`);
    });
  }

  /** Kills whatever runs in it. */
  async close(): Promise<void> {
    this.end(new StudentFault("dead", "The sandbox was closed."));
    await this.ended;
  }

  private receive(line: string): void {
    const { waiting } = this;
    // Only what knows the question is worth reading: the rest is nobody's answer.
    const asked = waiting !== undefined && line.includes(waiting.nonce);
    const heard = this.hasStarted && !asked ? undefined : readReply(line);
    if (heard && "ready" in heard && !this.hasStarted) {
      this.hasStarted = true;
      this.markReady();
    } else if (heard && "id" in heard && waiting && heard.id === waiting.id && heard.nonce === waiting.nonce) {
      waiting.settle(heard);
    } else if (asked && !heard) {
      this.end(
        new StudentFault("answer", "Your function's result cannot be read: it is too large, or no result at all."),
      );
    } else if (++this.stray > mostStrayLines || (this.strayBytes += line.length) > mostStrayBytes) {
      const words = "Your code writes without end where only answers belong, and was stopped.";
      this.end(new StudentFault("flood", words));
    }
  }

  private hear(bytes: Buffer): void {
    this.printed += bytes.length;
    this.tail = (this.tail + bytes.toString("utf8")).slice(-KEPT);
    if (this.printed > mostPrinted)
      this.end(
        new StudentFault(
          "flood",
          `Your code prints without end (more than ${mostPrinted / 2 ** 20} MiB) and was stopped.`,
        ),
      );
  }

  private usage(): TreeUsage | undefined {
    const usage = this.process.pid === undefined ? undefined : treeUsage(this.process.pid);
    this.peakMiB = Math.max(this.peakMiB, usage?.peakMiB ?? 0);
    return usage;
  }

  /** Memory of all processes together and the number of files, which no limit of the system's knows, and time. */
  private look(): void {
    const usage = this.usage(),
      { waiting, starting } = this;
    if (usage && usage.memoryMiB > this.command.memoryMiB + ownMemoryMiB)
      return this.end(new StudentFault("dead", memoryWords(this.command)));
    if (this.fillsDisk()) {
      return this.end(new StudentFault("flood", `Your code writes more than ${mostFiles} files and was stopped.`));
    }
    const allowance = waiting?.allowance ?? starting;
    allowance?.look(usage);
    if (!allowance?.over) return;
    // The answer may have come while this process, too, had to wait for its turn.
    setImmediate(() => {
      if (allowance === (this.waiting?.allowance ?? this.starting))
        this.end(timeFault(allowance, waiting?.what ?? "The start"));
    });
  }

  /** Only once it has started: before, what it sees is the machine's own. */
  private fillsDisk(): boolean {
    const { disks = [] } = this.command,
      { pid } = this.process;
    if (pid === undefined || !this.hasStarted || disks.length === 0) return false;
    // The second is the sandbox's first: nothing within can end it, and it sees what all of them see.
    const [, first] = processTree(pid);
    return first !== undefined && disks.some((folder) => filesIn(first, folder) > mostFiles);
  }

  private deathOf(code: number | null, signal: NodeJS.Signals | null): Fault {
    // In the words of V8, of C++ and of the system, which no student's own "zoom" is.
    if (/heap out of memory|Cannot allocate memory|bad_alloc|\bOOM\b/.test(this.tail))
      return new StudentFault("dead", memoryWords(this.command));
    const killed = code === 137 || signal === "SIGKILL";
    if (killed && outOfMemoryKills() > this.killsBefore)
      return new MachineBusy("this machine ran out of memory and killed the sandbox");
    if (signal === "SIGXCPU" || code === 152 || killed)
      return new StudentFault(
        "dead",
        `Your code was killed: it used up the processor time or the memory that it may have ` +
          `(${this.command.memoryMiB} MiB).`,
      );
    return new StudentFault("dead", "Your code ended the process that it ran in (does it call process.exit?).");
  }

  private end(fault: Fault): void {
    if (this.fault) return;
    this.fault = fault;
    clearInterval(this.looks);
    // With bubblewrap's first process the kernel ends every other one of the sandbox.
    try {
      if (this.process.pid) process.kill(-this.process.pid, "SIGKILL");
    } catch {
      /* it has ended */
    }
    this.channel.destroy();
    this.process.stdout?.destroy();
    this.process.stderr?.destroy();
    this.waiting?.fail(fault);
  }
}

const memoryWords = ({ memoryMiB }: Command): string =>
  `Your code used up the memory that it may have for this task (${memoryMiB} MiB). Dispose of tensors (tf.tidy), ` +
  `and look for a list that grows without end.`;

function timeFault({ over, seconds, used, waited }: Allowance, what: string): Fault {
  if (over === "starved")
    return new MachineBusy(
      `the machine is too busy: in ${Math.round(waited)} seconds it gave the sandbox ${used.toFixed(1)} of the ` +
        `${Math.round(seconds)} that it may have`,
    );
  const hint =
    over === "computing" ? "Is there a loop that does not end?" : "Does it wait for something that never comes?";
  return new StudentFault(
    "timeout",
    `${what} took longer than ${seconds < 1 ? seconds.toFixed(1) : Math.round(seconds)} seconds and was stopped. ` +
      `${hint}`,
  );
}
