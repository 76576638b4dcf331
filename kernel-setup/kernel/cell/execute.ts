// One cell from its text to its result or its error.
import { getHeapStatistics } from "v8";
import {
  CELLS,
  COMPILING,
  HEAP_MB,
  INTERRUPT_PENDING,
  PHASE,
  PROCESS_MB,
  RUNNING,
  type ErrorContent,
  type ExecuteCall,
  type ExecuteReply,
  type ToEngine,
} from "../shared/protocol";
import type { MimeBundle } from "./bundle";
import type { CellLog, CellRun } from "./cell-log";
import { CompileError, errorContent, KeyboardInterrupt, MemoryError } from "./errors";
import { hintForPromise } from "./hints";
import type { Executor, RunHooks } from "./executor";
import type { Input } from "./input";
import { missingNames } from "./missing-names";
import type { Publisher } from "./output";
import { bundleOf } from "./result";
import { type Contexts, RunningCell } from "./running-cell";
import type { Sink } from "./sinks";
import type { TimerLedger } from "./timers";

/** How long an interrupted cell may take to stop by itself. */
const GRACE_MS = 250;
const MEGABYTE = 2 ** 20;
const realImmediate = setImmediate;
const realTimeout = setTimeout;

type Interrupt = Extract<ToEngine, { kind: "interrupt" }>;

/** Answers execute requests, one at a time. */
export class CellRunner {
  private current: RunningCell | null = null;
  private latest: RunningCell | null = null;
  /** Answers the current cell, if nothing else does. */
  private rescue: () => void = () => undefined;
  /** Sources by the name that stack frames carry. */
  private readonly sources = new Map<string, string>();

  constructor(
    private readonly executor: Executor,
    private readonly contexts: Contexts,
    private readonly publisher: Publisher,
    private readonly input: Input,
    private readonly timers: TimerLedger,
    private readonly shared: Int32Array,
    private readonly sink: Sink,
    private readonly log: CellLog,
  ) {}

  /** @param interrupted it is to end before it runs */
  execute(call: ExecuteCall, interrupted = false): Promise<ExecuteReply> {
    const cell = (this.current = this.latest = new RunningCell(call.origin, call.silent));
    const run = (cell.run = this.log.begin(call));
    Atomics.store(this.shared, INTERRUPT_PENDING, interrupted ? 1 : 0);
    Atomics.add(this.shared, CELLS, 1);
    this.sink.begin(call.origin);
    return new Promise((resolve, reject) => {
      this.rescue = () => resolve(this.failed(call, cell, run, new KeyboardInterrupt()));
      void this.contexts.begin(cell, async () => {
        try {
          resolve(await this.answer(call, cell, run));
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  }

  private async answer(call: ExecuteCall, cell: RunningCell, run: CellRun): Promise<ExecuteReply> {
    const base = { execution_count: call.count, user_expressions: {}, payload: [] };
    try {
      const shown = await this.evaluate(`In [${call.count}]`, call.code, cell, {
        ...this.hooks,
        declared: (names) => this.log.declared(run, names),
      });
      await cell.orCut(this.settled());
      if (shown && !call.silent) this.executor.remember(shown.value);
      if (shown)
        this.publisher.sendFor(cell, "execute_result", {
          execution_count: call.count,
          data: shown.data,
          metadata: {},
        });
      const reply: ExecuteReply = {
        status: "ok",
        ...base,
        user_expressions: await this.userExpressions(call.userExpressions, cell),
      };
      this.log.ended(run, "ok");
      this.end(cell);
      return reply;
    } catch (thrown) {
      return this.failed(call, cell, run, thrown);
    }
  }

  private failed({ count }: ExecuteCall, cell: RunningCell, run: CellRun, thrown: unknown): ExecuteReply {
    try {
      const isRefused = thrown instanceof CompileError;
      this.log.ended(run, isRefused ? "refused" : cell.interrupted ? "interrupted" : "failed");
      const error = this.describe(isRefused ? missingNames(thrown, this.log) : thrown, cell);
      this.publisher.sendFor(cell, "error", error);
      cell.stopped = cell.interrupted;
      return { status: "error", execution_count: count, user_expressions: {}, payload: [], ...error };
    } finally {
      this.end(cell);
    }
  }

  private end(cell: RunningCell): void {
    if (this.current !== cell) return;
    // What the cell left running beside itself is stopped with it.
    if (cell.interrupted) this.timers.cancel(cell);
    cell.ended = true;
    this.input.endOf(cell);
    // Until the reply is sent.
    Atomics.store(this.shared, PHASE, COMPILING);
    this.current = null;
  }

  get isRunning(): boolean {
    return this.current !== null;
  }

  /** An interrupt arrived, or the end of the memory. */
  interrupt({ terminated, cell: wanted, memory }: Interrupt): void {
    if (wanted !== undefined && wanted !== Atomics.load(this.shared, CELLS)) return;
    const cell = this.current;
    const reason = memory === undefined ? new KeyboardInterrupt() : new MemoryError(memory);
    if (terminated) {
      // No `finally` ran. The library puts its own state right: gradient registry, tape, tidy scopes.
      (globalThis as { [key: symbol]: (() => void) | undefined })[Symbol.for("vitrine.reset")]?.();
    }
    if (terminated || memory !== undefined) cell?.cut(reason);
    if (!cell) {
      if (this.latest) this.timers.cancel(this.latest);
      return;
    }
    cell.interrupted = true;
    cell.controller.abort();
    realTimeout(() => {
      if (this.current !== cell) return;
      this.timers.cancel(cell);
      cell.cut(reason);
      // Where JavaScript was cut off, what waited for the cell may have been dropped with it.
      realTimeout(() => {
        if (this.current === cell) this.rescue();
      }, GRACE_MS);
    }, GRACE_MS);
  }

  /** An exception or rejection that nobody caught: the running cell's failure, or a late one of an earlier cell. */
  uncaught(reason: unknown): void {
    const cell = this.contexts.culprit(reason);
    if (cell === this.current) return cell.cut(reason);
    if (isAbort(reason) && cell.controller.signal.aborted) return;
    this.reportLate(reason, cell);
  }

  /** What a cell has listen to uncaught errors failed at one. */
  listenerFailed(failure: unknown, reason: unknown): void {
    if (failure !== reason) this.reportLate(failure, this.contexts.culprit(reason));
  }

  /** An error that belongs to no running cell. */
  reportLate(reason: unknown, cell: RunningCell): void {
    this.publisher.sendFor(cell, "error", this.describe(reason, cell));
  }

  private async evaluate(
    name: string,
    source: string,
    cell: RunningCell,
    hooks = this.hooks,
  ): Promise<{ data: MimeBundle; value: unknown } | undefined> {
    this.sources.set(name, source);
    const outcome = await this.executor.run(name, source, cell, hooks);
    if (outcome?.value === undefined) return undefined;
    const { value, isElement } = outcome;
    const bundle = await cell.orCut(bundleOf(value));
    if (bundle["text/plain"] === PENDING) console.warn(hintForPromise(source));
    // A JSX of the project's own, without React, that makes text.
    const data = isElement && typeof value === "string" ? { "text/html": value, ...bundle } : bundle;
    return { data, value };
  }

  private readonly hooks: RunHooks = {
    compiling: () => {
      Atomics.store(this.shared, PHASE, COMPILING);
    },
    running: () => {
      Atomics.store(this.shared, HEAP_MB, getHeapStatistics().total_heap_size / MEGABYTE);
      Atomics.store(this.shared, PROCESS_MB, process.memoryUsage.rss() / MEGABYTE);
      Atomics.store(this.shared, PHASE, RUNNING);
      if (Atomics.load(this.shared, INTERRUPT_PENDING)) throw new KeyboardInterrupt();
    },
  };

  /** Rejections are reported after the turn in which they happened. */
  private settled(): Promise<void> {
    return new Promise((resolve) => {
      realImmediate(resolve);
    });
  }

  private describe(thrown: unknown, cell: RunningCell): ErrorContent {
    const error = cell.interrupted && isAbort(thrown) ? new KeyboardInterrupt() : thrown;
    try {
      return errorContent(error, (name) => this.sources.get(name) ?? this.executor.textOf(name));
    } catch (failure) {
      return {
        ename: "Error",
        evalue: `an error that cannot be shown: ${String((failure as Error).message)}`,
        traceback: [],
      };
    }
  }

  private async userExpressions(
    expressions: Record<string, string>,
    cell: RunningCell,
  ): Promise<Record<string, unknown>> {
    const replies: Record<string, unknown> = {};
    for (const [name, expression] of Object.entries(expressions)) {
      try {
        const shown = await this.evaluate(`In [${name}]`, `(${expression})`, cell);
        const data = shown?.data ?? { "text/plain": "undefined" };
        replies[name] = { status: "ok", data, metadata: {} };
      } catch (thrown) {
        replies[name] = { status: "error", ...this.describe(thrown, cell) };
      }
    }
    return replies;
  }
}

/** How a promise is shown. */
const PENDING = "Promise { <pending> }";

const isAbort = (reason: unknown): boolean =>
  ["AbortError", "InterruptedError"].includes((reason as Error | undefined)?.name ?? "");
