// The main thread: cells one after the other, and what the I/O thread asks.
import type { Worker } from "worker_threads";
import {
  COMPILING,
  IDLE,
  PHASE,
  TURN_SEEN,
  type CommMessage,
  type EngineCall,
  type ExecuteCall,
  type FromEngine,
  type ToEngine,
} from "../shared/protocol";
import { CommManager } from "./comms";
import { Compiler } from "./compiler";
import { complete, inspectAt, isComplete } from "./complete";
import { CellRunner } from "./execute";
import { Executor } from "./executor";
import { forbidExit } from "./guards";
import { connectTslabDisplay, installHost } from "./host";
import { Input } from "./input";
import { Installer } from "./install";
import { CellModules } from "./modules";
import { OutputLimit, Publisher, OutputStreams } from "./output";
import { Contexts } from "./running-cell";
import { installStackTraces } from "./source-maps";
import { TimerLedger } from "./timers";
import { kernelRoot, Tslab } from "./tslab";

/**
 * The main thread's part: the compiler and the cells. Does what the I/O thread asks.
 * @lazy
 */
export function startEngine(io: Worker, shared: Int32Array): void {
  const post = (message: FromEngine): void => io.postMessage(message);
  const contexts = new Contexts();
  const limit = new OutputLimit();
  const streams: OutputStreams = new OutputStreams(contexts, limit, (cell, name, text) =>
    publisher.sendFor(cell, "stream", { name, text }),
  );
  const publisher = new Publisher(contexts, streams, limit, post);
  const input = new Input(contexts, streams, post);
  const comms = new CommManager(publisher, contexts, (error, cell) => runner.reportLate(error, cell));
  const tslab = new Tslab();
  const compiler = new Compiler(tslab);
  const modules = new CellModules(process.cwd(), kernelRoot, tslab, () => connectTslabDisplay(publisher));
  const installer = new Installer(process.cwd(), () => contexts.current.controller.signal);
  const executor = new Executor(compiler, modules, installer);
  const timers = new TimerLedger(contexts);
  const runner = new CellRunner(executor, contexts, streams, publisher, input, timers, shared);

  const exit = forbidExit();
  streams.capture();
  timers.install();
  input.install();
  installer.offer();
  installStackTraces(tslab.maps);
  installHost(publisher, limit, comms, () => contexts.current.controller.signal);
  process.on("uncaughtException", (error) => runner.uncaught(error));
  process.on("unhandledRejection", (reason) => runner.uncaught(reason));

  io.on("message", (message: ToEngine) => {
    switch (message.kind) {
      case "call":
        return void answer(message.type, message.content).then((content) =>
          post({ kind: "reply", id: message.id, content: JSON.stringify(content) }),
        );
      case "interrupt":
        Atomics.store(shared, TURN_SEEN, message.turn);
        post({ kind: "interrupt-seen", turn: message.turn });
        return runner.interrupt(message);
      case "input":
        return input.answer(message.id, message.value);
      case "no-input":
        return input.refuse(message.id, message.reason);
      case "exit":
        exit(0);
    }
  });
  post({ kind: "ready" });

  async function answer(type: EngineCall, content: unknown): Promise<object> {
    switch (type) {
      case "execute":
        return runner.execute(content as ExecuteCall);
      case "comm_info":
        return comms.info((content as { target_name?: unknown }).target_name);
      case "comm_open":
      case "comm_msg":
      case "comm_close":
        comms.receive(type, content as CommMessage);
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
