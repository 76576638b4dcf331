// The end.
import { log } from "../shared/log";
import type { Captured } from "./captured";
import type { Doings } from "./doings";
import type { Engine } from "./engine";
import type { Interrupter } from "./interrupter";
import type { IoPub } from "./iopub";
import type { LastWords } from "./last-words";
import { closeSockets, type Outbox, type Sockets } from "./sockets";
import type { Message, Wire } from "./wire";

/** How long a cell that does not return may hold up the end. */
const PATIENCE_MS = 500;
/** ZeroMQ sends from a thread of its own. */
const SENDING_MS = 200;

/** Ends the kernel: the answer first, then the sockets, then the process. */
export class Shutdown {
  private leaving = false;

  constructor(
    private readonly sockets: Sockets,
    private readonly outboxes: Record<string, Outbox>,
    private readonly iopub: IoPub,
    private readonly engine: Engine,
    private readonly interrupter: Interrupter,
    private readonly lastWords: LastWords,
    private readonly doings: Doings,
    private readonly captured: Captured | null,
  ) {}

  async run(request: Message, outbox: Outbox, wire: Wire): Promise<void> {
    const content = JSON.stringify({ status: "ok", restart: request.content.restart === true });
    outbox.send(wire.serialise(request.identities, "shutdown_reply", request.header, content));
    this.iopub.publish("shutdown_reply", request.header, content);
    this.iopub.status("idle", request.header);
    await this.flushed();
    this.leave();
  }

  /** The main thread will never answer again. */
  async abandon(): Promise<void> {
    log("the JavaScript heap is full: the kernel has ended");
    await this.flushed();
    setTimeout(() => {
      this.lastWords.close();
      process.kill(process.pid, "SIGKILL");
    }, SENDING_MS);
  }

  /** Closing before the exit matters: zeromq aborts the process when its thread ends with a receive in progress. */
  leave(): void {
    if (this.leaving) return;
    this.leaving = true;
    this.doings.left();
    this.captured?.close();
    closeSockets(this.sockets);
    this.interrupter.close();
    this.lastWords.close();
    this.engine.exit();
    setTimeout(() => process.kill(process.pid, "SIGKILL"), PATIENCE_MS);
  }

  private async flushed(): Promise<void> {
    await Promise.all(Object.values(this.outboxes).map((each) => each.flushed()));
  }
}
