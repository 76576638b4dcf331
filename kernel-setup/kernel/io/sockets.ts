// The five ZeroMQ sockets, and the heartbeat on one of them.
import { Publisher, Reply, Router } from "zeromq";
import { log } from "../shared/log";
import { address, type ConnectionInfo } from "./connection";

export interface Sockets {
  shell: Router;
  control: Router;
  stdin: Router;
  iopub: Publisher;
  heartbeat: Reply;
}

/** Opens the five channels. All are bound when this returns: reading one before another is bound can hang at start. */
export async function bindSockets(info: ConnectionInfo): Promise<Sockets> {
  // No limit on queued messages and a short linger: nothing that was sent is lost, and a dead client holds up no exit.
  // Handover: a front end that was cut off and comes back under its old name is the one to be answered.
  const options = { sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 1000, handover: true };
  const sockets: Sockets = {
    shell: new Router(options),
    control: new Router(options),
    stdin: new Router({ ...options, mandatory: true }),
    iopub: new Publisher({ sendHighWaterMark: 0, linger: 1000 }),
    heartbeat: new Reply({ linger: 0 }),
  };
  await Promise.all([
    sockets.shell.bind(address(info, info.shell_port)),
    sockets.control.bind(address(info, info.control_port)),
    sockets.stdin.bind(address(info, info.stdin_port)),
    sockets.iopub.bind(address(info, info.iopub_port)),
    sockets.heartbeat.bind(address(info, info.hb_port)),
  ]);
  return sockets;
}

export function closeSockets(sockets: Sockets): void {
  for (const socket of Object.values(sockets) as (Router | Publisher | Reply)[]) socket.close();
}

/** Calls back for every message that arrives, until the socket is closed. */
export async function receiveAll(socket: Router, onFrames: (frames: Buffer[]) => void): Promise<void> {
  for await (const frames of socket) {
    try {
      onFrames(frames);
    } catch (error) {
      log(`message dropped: ${(error as Error).message}`);
    }
  }
}

/** Sends messages one after the other: zeromq allows a single send in progress on a socket. */
export class Outbox {
  private readonly waiting: (Buffer | string)[][] = [];
  private sending: Promise<void> | null = null;

  constructor(private readonly socket: Router | Publisher) {}

  send(frames: (Buffer | string)[]): void {
    this.waiting.push(frames);
    this.sending ??= this.drain();
  }

  /** Resolves when all was handed to ZeroMQ. */
  async flushed(): Promise<void> {
    while (this.sending) await this.sending;
  }

  private async drain(): Promise<void> {
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) {
      try {
        await this.socket.send(next);
      } catch (error) {
        // EHOSTUNREACH: the client that asked has gone. Anything else is worth knowing too, and stops nothing.
        log(`message not sent: ${(error as Error).message}`);
      }
    }
    this.sending = null;
  }
}

/** Echoes whatever comes. It lives on the I/O thread, so a busy cell does not look like a dead kernel. */
export async function beat(socket: Reply): Promise<void> {
  for await (const frames of socket) await socket.send(frames);
}
