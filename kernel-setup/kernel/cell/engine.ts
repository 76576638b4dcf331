// The main thread: cells one after the other, and what the I/O thread asks.
import type { Worker } from "worker_threads";
import { DebugAgent } from "../debug/agent";
import {
  COMPILING,
  DEBUGGING,
  IDLE,
  PHASE,
  TURN_SEEN,
  type CommMessage,
  type EngineCall,
  type ExecuteCall,
  type FromEngine,
  type ToEngine,
} from "../shared/protocol";
import { home } from "../shared/home";
import { optimizeLater } from "../shared/v8-flags";
import { CellLog } from "./cell-log";
import { CommManager } from "./comms";
import { Compiler } from "./compiler";
import { complete, inspectAt, isComplete } from "./complete";
import { CellRunner } from "./execute";
import { Executor } from "./executor";
import { forbidExit, hearUncaught, keepDescriptors } from "./guards";
import { connectTslabDisplay, installHost } from "./host";
import { Input } from "./input";
import { Installer } from "./install";
import { CellModules } from "./modules";
import { OutputLimit, Publisher, OutputStreams } from "./output";
import { Contexts } from "./running-cell";
import { MessageSink, PipeSink, type Sink } from "./sinks";
import { installStackTraces } from "./source-maps";
import { TimerLedger } from "./timers";
import { Tslab } from "./tslab";
import { widgetApi } from "./widgets";

const toJson = JSON.stringify;
const realTimeout = setTimeout;
const realClear = clearTimeout;
/** How long nothing is asked before the compiler reads what the first cells did without. */
const REST_MS = 300;

/**
 * The main thread's part: the compiler and the cells. Does what the I/O thread asks.
 * @param marks what the marks in the launcher's pipes begin with, if there are pipes
 * @lazy
 */
export function startEngine(io: Worker, shared: Int32Array, marks?: string): void {
  const post = (message: FromEngine): void => io.postMessage(message);
  const sink: Sink = marks === undefined ? new MessageSink(post) : new PipeSink(marks, post);
  const contexts = new Contexts();
  const limit = new OutputLimit((characters) => sink.post({ kind: "limit", characters }));
  const streams = new OutputStreams(contexts, limit, sink);
  const publisher = new Publisher(contexts, limit, sink);
  const input = new Input(contexts, sink);
  const comms = new CommManager(publisher, contexts, (error, cell) => runner.reportLate(error, cell));
  const tslab = new Tslab();
  const compiler = new Compiler(tslab);
  const modules = new CellModules(process.cwd(), home, tslab, () => connectTslabDisplay(publisher));
  const installer = new Installer(process.cwd(), () => contexts.current.controller.signal);
  const executor = new Executor(compiler, modules, installer);
  const agent = (executor.debug = new DebugAgent(
    tslab.ts,
    tslab.maps,
    executor,
    () => Atomics.load(shared, DEBUGGING) === 1,
    post,
  ));
  const timers = new TimerLedger(contexts);
  const log = new CellLog(tslab.ts, () => tslab.scriptKind);
  const runner = new CellRunner(executor, contexts, publisher, input, timers, shared, sink, log);

  const exit = forbidExit();
  if (marks !== undefined) keepDescriptors();
  streams.capture();
  timers.install();
  input.install();
  installer.offer();
  installStackTraces(tslab.maps);
  installHost(publisher, limit, comms, () => contexts.current, log);
  const widgets = widgetApi(comms, (data, displayId, update) =>
    publisher.display({ data, metadata: {}, transient: { display_id: displayId } }, update),
  );
  Object.defineProperty(globalThis, "widget", { value: widgets, writable: true, configurable: true });
  hearUncaught(runner);

  let lastCall = 0;
  /** The comm's message whose listeners are called. */
  let listening: number | undefined;
  io.on("message", (message: ToEngine) => {
    switch (message.kind) {
      case "call":
        lastCall = message.id;
        return void reply(message);
      case "interrupt":
        Atomics.store(shared, TURN_SEEN, message.turn);
        post({ kind: "interrupt-seen", turn: message.turn });
        // What is cut off may have been the beginning of this function.
        if (message.calls > lastCall) post({ kind: "lost", id: (lastCall = message.calls), interrupted: true });
        if (!runner.isRunning) comms.interrupt();
        // Its listeners ran in the turn that was cut off; nothing would ever answer.
        if (listening !== undefined) sink.post({ kind: "reply", id: listening, content: "{}" });
        listening = undefined;
        return runner.interrupt(message);
      case "input":
        return input.answer(message.id, message.value);
      case "no-input":
        return input.refuse(message.id, message.reason);
      case "debug-go":
        return agent.go(message.name);
      case "check":
        if (message.calls > lastCall) post({ kind: "lost", id: (lastCall = message.calls), interrupted: false });
        return;
      case "nudge":
        return post({ kind: "nudged" });
      case "exit":
        exit(0);
    }
  });
  let rest: NodeJS.Timeout | undefined;
  const prepare = (): void => {
    if (Atomics.load(shared, PHASE) !== IDLE) return;
    Atomics.store(shared, PHASE, COMPILING);
    compiler.prepare();
    if (tslab.hasReadAll) optimizeLater();
    Atomics.store(shared, PHASE, IDLE);
  };
  const restLater = (): void => {
    realClear(rest);
    if (!compiler.isPrepared) rest = realTimeout(prepare, REST_MS).unref();
  };
  post({ kind: "ready" });
  restLater();

  /** By `await` alone, which goes on where a cell has replaced the methods of promises. */
  async function reply({ id, type, content, interrupted }: Extract<ToEngine, { kind: "call" }>): Promise<void> {
    let json: string;
    realClear(rest);
    try {
      if (type === "execute") Atomics.store(shared, PHASE, COMPILING);
      json = toJson(await answer(id, type, content, interrupted));
      if (type === "execute" && !json.startsWith(STATUS)) throw new Error(`the reply of a cell was ${json}`);
    } catch (error) {
      const evalue = `the kernel failed, as it does when a cell has changed objects that all share: ${words(error)}`;
      const failed = { ename: "KernelError", evalue, traceback: [`KernelError: ${evalue}`] };
      if (type === "execute")
        sink.post({ kind: "publish", type: "error", content: toJson(failed), origin: (content as ExecuteCall).origin });
      json = toJson({ status: "error", ...failed, execution_count: (content as Partial<ExecuteCall>).count ?? 0 });
    }
    sink.post({ kind: "reply", id, content: json });
    if (type === "execute") Atomics.store(shared, PHASE, IDLE);
    if (tslab.hasReadAll) optimizeLater();
    restLater();
  }

  async function answer(id: number, type: EngineCall, content: unknown, interrupted?: boolean): Promise<object> {
    switch (type) {
      case "execute":
        return runner.execute(content as ExecuteCall, interrupted);
      case "comm_info":
        return comms.info((content as { target_name?: unknown }).target_name);
      case "comm_open":
      case "comm_msg":
      case "comm_close":
        listening = id;
        comms.receive(type, content as CommMessage);
        listening = undefined;
        return {};
    }
    const { code = "", cursor_pos: cursor = code.length } = content as { code?: string; cursor_pos?: number };
    Atomics.store(shared, PHASE, COMPILING);
    try {
      if (type === "complete") return complete(compiler, executor.declarations, code, cursor);
      if (type === "inspect") return inspectAt(compiler, executor.declarations, code, cursor);
      return isComplete(tslab.ts, code, tslab.scriptKind);
    } finally {
      Atomics.store(shared, PHASE, IDLE);
    }
  }
}

/** How the reply of a cell begins. */
const STATUS = '{"status":"';

function words(error: unknown): string {
  try {
    return String((error as Error | undefined)?.message ?? error);
  } catch {
    return "an error that cannot be shown";
  }
}
