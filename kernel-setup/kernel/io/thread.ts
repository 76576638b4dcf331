import { parentPort, workerData } from "worker_threads";
import { Debugger } from "../debug/debugger";
import { log, toTerminal } from "../shared/log";
import type { IoThreadData } from "../shared/protocol";
import { Captured } from "./captured";
import { Control } from "./control";
import { Engine } from "./engine";
import { beat, bindSockets, Outbox, receiveAll } from "./sockets";
import { Interrupter } from "./interrupter";
import { IoPub, Origins } from "./iopub";
import { LastWords } from "./last-words";
import { MemoryWatch } from "./memory-watch";
import { Printed } from "./printed";
import { Doings } from "./doings";
import { exitWithParent } from "./orphan";
import { Shutdown } from "./shutdown";
import { Shell } from "./shell";
import { onSigint } from "./sigint";
import { Stdin } from "./stdin";
import { Wire } from "./wire";

/** Entry of the I/O thread. */
async function main(): Promise<void> {
  const data = workerData as IoThreadData;
  const info = data.connection;
  const wire = new Wire(info.key, info.signature_scheme);
  const sockets = await bindSockets(info);
  const outboxes = {
    shell: new Outbox(sockets.shell),
    control: new Outbox(sockets.control),
    iopub: new Outbox(sockets.iopub),
  };
  const iopub = new IoPub(wire, outboxes.iopub);
  const origins = new Origins();
  const printed = new Printed((origin, name, text) => {
    const request = origins.request(origin);
    if (!request) return toTerminal(text);
    if (request.content.silent !== true) iopub.publish("stream", request.header, JSON.stringify({ name, text }));
  });
  const captured = data.marks === undefined ? null : new Captured(data.marks, printed);
  const engine: Engine = new Engine(
    parentPort!,
    {
      publish: ({ origin, type, content, metadata, buffers }) => {
        printed.flush();
        iopub.publish(type, origins.header(origin), content, { metadata, buffers });
        if (type === "clear_output") printed.cleared(origin);
      },
      print: (origin, name, text) => printed.add(origin, name, text),
      limitPrint: (characters) => {
        printed.limit = characters;
      },
      ask: (question) => void stdin.ask(question),
      askNoMore: (id) => stdin.withdraw(id),
      debugCell: (name) => void debugger_.prepare(name),
    },
    captured,
  );
  const stdin = new Stdin(wire, sockets.stdin, origins, (message) => engine.post(message));
  const debugger_: Debugger = new Debugger(
    new Int32Array(data.shared),
    engine.ready,
    (event) => iopub.publish("debug_event", control.debugging, JSON.stringify(event)),
    (name) => engine.post({ kind: "debug-go", name }),
    () => engine.nudge(),
  );
  const interrupter = new Interrupter(engine, new Int32Array(data.shared), debugger_);
  const lastWords = new LastWords();
  const doings = new Doings(data.marks);
  const shutdown = new Shutdown(sockets, outboxes, iopub, engine, interrupter, lastWords, doings, captured);
  const shell = new Shell(
    wire,
    outboxes.shell,
    iopub,
    engine,
    origins,
    new MemoryWatch(interrupter, new Int32Array(data.shared), data.heapLimit, lastWords),
    doings,
    (request) => shutdown.run(request, outboxes.shell, wire),
    () => void shutdown.abandon(),
  );
  const control: Control = new Control(wire, outboxes.control, iopub, interrupter, debugger_, (request) =>
    shutdown.run(request, outboxes.control, wire),
  );
  onSigint(() => void interrupter.interrupt());
  exitWithParent(() => shutdown.leave());

  iopub.status("starting", {});
  void beat(sockets.heartbeat);
  void receiveAll(sockets.control, (frames) => control.accept(wire.parse(frames)));
  void receiveAll(sockets.stdin, (frames) => stdin.accept(wire.parse(frames)));
  void receiveAll(sockets.shell, (frames) => shell.accept(wire.parse(frames)));
}

main().catch((error: Error) => {
  log(error.message);
  process.exit(1);
});
