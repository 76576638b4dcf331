import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { StudentFault } from "../judge/student-fault";
import type { Command } from "./command";
import type { Reply, RequestBody } from "./inside/protocol";
import { LineReader } from "./line-reader";
import { mostAnswered, mostPrinted, mostStrayLines } from "./limits";

/** How much of what was written last is kept, to say why the process ended. */
const KEPT = 4000;

interface Waiting {
  readonly id: number;
  readonly nonce: string;
  settle(reply: Reply): void;
  fail(fault: StudentFault): void;
}

/** One process in bubblewrap. It is asked one thing at a time; once anything is wrong with it, it is killed, and every later question fails. */
export class Sandbox {
  private readonly process: ChildProcess;
  private readonly channel: Duplex;
  private waiting?: Waiting;
  private count = 0;
  private printed = 0;
  private stray = 0;
  private tail = "";
  private fault?: StudentFault;
  private ended?: Promise<void>;
  private markReady!: () => void;
  private readonly isReady = new Promise<void>((resolve) => { this.markReady = resolve; });

  constructor({ program, args, env, cwd }: Command & { readonly cwd?: string }) {
    // A group of its own: killed as a whole also where there is no bubblewrap to do it.
    this.process = spawn(program, [...args], { env, cwd: cwd ?? "/", stdio: ["ignore", "pipe", "pipe", "pipe"], detached: true });
    this.channel = this.process.stdio[3] as Duplex;
    const reader = new LineReader(mostAnswered, (line) => this.receive(line), () => this.end(new StudentFault("flood", "Your function's result is too large.")));
    this.channel.on("data", (bytes: Buffer) => reader.add(bytes)).on("error", () => undefined);
    for (const stream of [this.process.stdout, this.process.stderr]) stream?.on("data", (bytes: Buffer) => this.hear(bytes)).on("error", () => undefined);
    this.ended = new Promise((resolve) => {
      this.process.once("error", (error) => { this.end(new StudentFault("dead", error.message)); resolve(); });
      this.process.once("exit", (code, signal) => { this.end(this.deathOf(code, signal)); resolve(); });
    });
  }

  /** Until its program has loaded. @throws Error where it does not start */
  async started(seconds: number): Promise<void> {
    const timer = setTimeout(() => this.end(new StudentFault("timeout", `the sandbox did not start in ${seconds} seconds`)), 1000 * seconds);
    await Promise.race([this.isReady, this.ended]);
    clearTimeout(timer);
    if (this.fault) throw new Error(`the sandbox could not start: ${this.tail.trim().split("\n").pop() || this.fault.message}`);
  }

  get dead(): boolean {
    return this.fault !== undefined;
  }

  /** @throws StudentFault if there is no reply in time, or none any more */
  ask(body: RequestBody, seconds: number, what: string): Promise<Reply> {
    if (this.fault) return Promise.reject(this.fault);
    const id = ++this.count, nonce = randomBytes(12).toString("hex");
    return new Promise<Reply>((resolve, reject) => {
      const timer = setTimeout(() => this.end(new StudentFault("timeout", `${what} took longer than ${seconds < 1 ? seconds.toFixed(1) : Math.round(seconds)} seconds and was stopped. Is there a loop that does not end?`)), 1000 * seconds);
      const over = (): void => { clearTimeout(timer); this.waiting = undefined; };
      this.waiting = { id, nonce, settle: (reply) => { over(); resolve(reply); }, fail: (fault) => { over(); reject(fault); } };
      this.channel.write(`${JSON.stringify({ id, nonce, ...body })}\n`);
    });
  }

  /** Kills whatever runs in it. */
  async close(): Promise<void> {
    this.end(new StudentFault("dead", "The sandbox was closed."));
    await this.ended;
  }

  private receive(line: string): void {
    const reply = parsed(line), { waiting } = this;
    if (reply.ready === true) this.markReady();
    else if (waiting && reply.id === waiting.id && reply.nonce === waiting.nonce && typeof reply.ok === "boolean") waiting.settle(reply as Reply);
    // Whatever else arrives is nobody's answer.
    else if (++this.stray > mostStrayLines) this.end(new StudentFault("flood", "Your code writes without end where only answers belong, and was stopped."));
  }

  private hear(bytes: Buffer): void {
    this.printed += bytes.length;
    this.tail = (this.tail + bytes.toString("utf8")).slice(-KEPT);
    if (this.printed > mostPrinted) this.end(new StudentFault("flood", `Your code prints without end (more than ${mostPrinted / 2 ** 20} MiB) and was stopped.`));
  }

  private deathOf(code: number | null, signal: NodeJS.Signals | null): StudentFault {
    if (/heap out of memory|Cannot allocate memory|bad_alloc|OOM/i.test(this.tail)) return new StudentFault("dead", "Your code used up the memory that it may have. Dispose of tensors (tf.tidy), and look for a list that grows without end.");
    if (signal === "SIGXCPU" || code === 152 || code === 137 || signal === "SIGKILL") return new StudentFault("dead", "Your code was killed: it used up the processor time or the memory that it may have.");
    return new StudentFault("dead", "Your code ended the process that it ran in (does it call process.exit?).");
  }

  private end(fault: StudentFault): void {
    if (this.fault) return;
    this.fault = fault;
    // With bubblewrap's first process the kernel ends every other one of the sandbox.
    try {
      if (this.process.pid) process.kill(-this.process.pid, "SIGKILL");
    } catch { /* it has ended */ }
    this.channel.destroy();
    this.process.stdout?.destroy();
    this.process.stderr?.destroy();
    this.waiting?.fail(fault);
  }
}

function parsed(line: string): Partial<Reply> & { readonly ready?: unknown } {
  try {
    return (JSON.parse(line) as object | null) ?? {};
  } catch {
    return {};
  }
}
