import { parentPort, workerData } from "worker_threads";
import { log } from "../shared/log";
import type { IoThreadData } from "../shared/protocol";
import { Control } from "./control";
import { Engine } from "./engine";
import { beat } from "./heartbeat";
import { Interrupter } from "./interrupter";
import { IoPub } from "./iopub";
import { exitWithParent } from "./orphan";
import { Shell } from "./shell";
import { Shutdown } from "./shutdown";
import { onSigint } from "./sigint";
import { bindSockets, Outbox, receiveAll } from "./sockets";
import { Wire } from "./wire";

/** Entry of the I/O thread. */
async function main(): Promise<void> {
  const data = workerData as IoThreadData;
  const info = data.connection;
  const wire = new Wire(info.key, info.signature_scheme);
  const sockets = await bindSockets(info);
  const outboxes = { shell: new Outbox(sockets.shell), control: new Outbox(sockets.control), iopub: new Outbox(sockets.iopub) };
  const iopub = new IoPub(wire, outboxes.iopub);
  const engine = new Engine(parentPort!, (type, content) => iopub.publish(type, shell.latestCell, content));
  const interrupter = new Interrupter(engine, new Int32Array(data.shared));
  const shutdown = new Shutdown(sockets, outboxes, iopub, engine, interrupter);
  const shell: Shell = new Shell(wire, outboxes.shell, iopub, engine, (request) => shutdown.run(request, outboxes.shell, wire));
  const control = new Control(wire, outboxes.control, iopub, interrupter, (request) => shutdown.run(request, outboxes.control, wire));
  onSigint(() => void interrupter.interrupt());
  exitWithParent(() => shutdown.leave());

  iopub.status("starting", {});
  void beat(sockets.heartbeat);
  void receiveAll(sockets.control, (frames) => control.accept(wire.parse(frames)));
  void receiveAll(sockets.shell, (frames) => shell.accept(wire.parse(frames)));
}

main().catch((error: Error) => {
  log(error.message);
  process.exit(1);
});
