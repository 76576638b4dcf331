import { spawn, type ChildProcess } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import type { MethodOptions, Workload } from "./workloads";

/** How theirs is run; ours has no settings. */
export interface Setting {
  /** `usual`: as the library's tutorials do it. */
  readonly style: "tuned" | "usual";
  readonly layout: "contiguous" | "channels_last";
  /**
   * Captum's `internal_batch_size` (by steps), `perturbations_per_eval` or `nt_samples_batch_size`; images at once for
   * `chunk`.
   */
  readonly batch?: number;
}

/** What both sides work on: files in a folder, and how. */
export interface Task {
  readonly workload: Workload;
  readonly setting: Setting;
  /** Holds images, targets, weights. */
  readonly folder: string;
}

export interface Ran {
  readonly ms: number;
  /** Iterations taken, where the method decides that itself. */
  readonly work?: number;
}

/** Memory of a process, bytes. */
export interface Peak {
  readonly bytes: number;
  /**
   * Of it files that are mapped, libraries above all: shared between processes, and dropped by the system when it needs
   * the memory. 0 where the system does not tell.
   */
  readonly files: number;
}

/** One side of a comparison, ready to be told "run once". */
export interface Contestant {
  start(task: Task): Promise<void>;
  run(options?: MethodOptions): Promise<Ran>;
  /** Writes the last run's result as .npy. */
  answer(file: string): Promise<void>;
  /** Runs with other options, untimed, and writes that result. */
  check(options: MethodOptions, file: string): Promise<void>;
  resetPeak(): Promise<void>;
  /** Most memory of the process since `resetPeak`. */
  peak(): Promise<Peak>;
  close(): Promise<void>;
}

export interface MachinePeak {
  readonly gflops: number;
  readonly gigabytesPerSecond: number;
  readonly versions: string;
  readonly threads: number;
}

/** A child process that takes requests and gives answers as lines of JSON. */
export class ProcessContestant implements Contestant {
  private readonly child: ChildProcess;
  private readonly lines: Interface;
  private readonly waiting: { resolve(reply: Record<string, unknown>): void; reject(error: Error): void }[] = [];
  private said = "";

  constructor(
    private readonly name: string,
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
  ) {
    this.child = spawn(command, [...args], { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env } });
    this.child.stderr!.on("data", (bytes: Buffer) => {
      this.said = (this.said + String(bytes)).slice(-4000);
    });
    this.lines = createInterface({ input: this.child.stdout! });
    this.lines.on("line", (line) => {
      const reply = JSON.parse(line) as Record<string, unknown>,
        one = this.waiting.shift();
      if (typeof reply.error === "string") one?.reject(new Error(`${this.name}: ${reply.error}`));
      else one?.resolve(reply);
    });
    const ended = (why: string): void => {
      for (const one of this.waiting.splice(0))
        one.reject(new Error(`${this.name} ended: ${why}\n${this.said.trim()}`));
    };
    this.child.on("error", (error) => ended(error.message));
    this.child.on("exit", (code, signal) => ended(`exit ${code ?? signal}`));
    this.child.stdin!.on("error", () => undefined);
  }

  async start(task: Task): Promise<void> {
    await this.ask({ op: "start", ...task });
  }

  async run(options: MethodOptions = {}): Promise<Ran> {
    return (await this.ask({ op: "run", options })) as unknown as Ran;
  }

  async answer(file: string): Promise<void> {
    await this.ask({ op: "answer", file });
  }

  async check(options: MethodOptions, file: string): Promise<void> {
    await this.ask({ op: "check", options, file });
  }

  async resetPeak(): Promise<void> {
    await this.ask({ op: "reset-peak" });
  }

  async peak(): Promise<Peak> {
    return (await this.ask({ op: "peak" })) as unknown as Peak;
  }

  async machine(): Promise<MachinePeak> {
    return (await this.ask({ op: "machine" })) as unknown as MachinePeak;
  }

  /**
   * Ours only: writes images, targets and weights as files for both. @returns what cannot be obtained, or FLOPs of one
   * image
   */
  async export(task: Pick<Task, "workload" | "folder">): Promise<Exported> {
    return (await this.ask({ op: "export", ...task })) as unknown as Exported;
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => this.child.once("exit", () => resolve()));
    this.child.stdin!.end();
    const late = setTimeout(() => this.child.kill("SIGKILL"), 5000);
    await gone;
    clearTimeout(late);
  }

  private ask(request: object): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        return reject(new Error(`${this.name} is gone\n${this.said.trim()}`));
      this.waiting.push({ resolve, reject });
      this.child.stdin!.write(`${JSON.stringify(request)}\n`);
    });
  }
}

export interface Exported {
  /** Why the workload cannot be run here. */
  readonly missing?: string;
  /** `official`, `substitute` or `stand-in` images. */
  readonly source?: string;
  /**
   * Floating-point operations of one image forward, and forward and back to the image (or, in training, to the
   * weights).
   */
  readonly flops?: { readonly forward: number; readonly gradient: number };
}
