import type { Worker } from "worker_threads";
import { COMPILING, IDLE, PHASE, type EngineCall, type ExecuteCall, type FromEngine, type ToEngine } from "../shared/protocol";
import { complete } from "./complete";
import { Compiler } from "./compiler";
import { CellRunner } from "./execute";
import { Executor } from "./executor";
import { forbidExit } from "./guards";
import { connectTslabDisplay, installHost, type Publish } from "./host";
import { inspectAt } from "./inspect";
import { isComplete } from "./is-complete";
import { CellModules } from "./modules";
import { installStackTraces } from "./stack";
import { OutputStreams } from "./streams";
import { TimerLedger } from "./timers";
import { kernelRoot, Tslab } from "./tslab";

/** The main thread's part: the compiler and the cells. Does what the I/O thread asks. */
export function startEngine(io: Worker, shared: Int32Array): void {
  const post = (message: FromEngine): void => io.postMessage(message);
  const publish: Publish = (type, content) => {
    if (!runner.muted) post({ kind: "publish", type, content: JSON.stringify(content) });
  };
  const streams = new OutputStreams((name, text) => publish("stream", { name, text }));
  const tslab = new Tslab();
  const compiler = new Compiler(tslab);
  const modules = new CellModules(process.cwd(), kernelRoot, tslab, () => connectTslabDisplay(publish, streams));
  const executor = new Executor(compiler, modules);
  const timers: TimerLedger = new TimerLedger(() => runner.signal);
  const runner: CellRunner = new CellRunner(executor, streams, publish, timers, shared);

  const exit = forbidExit();
  streams.capture();
  timers.install();
  installStackTraces(tslab.maps);
  installHost(publish, streams, () => runner.signal);
  process.on("uncaughtException", (error) => runner.uncaught(error));
  process.on("unhandledRejection", (reason) => runner.uncaught(reason));

  io.on("message", (message: ToEngine) => {
    switch (message.kind) {
      case "call":
        return void answer(message.type, message.content).then((content) => post({ kind: "reply", id: message.id, content: JSON.stringify(content) }));
      case "interrupt":
        post({ kind: "interrupt-seen", turn: message.turn });
        return runner.interrupt(message.terminated, message.cell);
      case "exit":
        exit(0);
    }
  });
  post({ kind: "ready" });

  async function answer(type: EngineCall, content: unknown): Promise<object> {
    if (type === "execute") return runner.execute(content as ExecuteCall);
    const { code = "", cursor_pos: cursor = code.length } = content as { code?: string; cursor_pos?: number };
    Atomics.store(shared, PHASE, COMPILING);
    try {
      if (type === "complete") return complete(compiler, executor.declarations, code, cursor);
      if (type === "inspect") return inspectAt(compiler, executor.declarations, code, cursor);
      return isComplete(tslab.ts, code);
    } finally {
      Atomics.store(shared, PHASE, IDLE);
    }
  }
}
