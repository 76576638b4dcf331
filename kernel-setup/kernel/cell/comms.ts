import { randomUUID } from "crypto";
import type { CommCall, CommMessage } from "../shared/protocol";
import { type Contexts, RunningCell } from "./running-cell";
import type { Publisher } from "./output";

type Data = Record<string, unknown>;

/** What goes with a comm's data: `metadata` for the front end's use, `buffers` for bytes that need no JSON. */
export interface CommExtras {
  metadata?: Data;
  buffers?: Uint8Array[];
}

export interface CommReceived {
  data: Data;
  metadata: Data;
  buffers: Uint8Array[];
}

/** One conversation with a widget in the browser. */
export interface Comm {
  readonly id: string;
  readonly target: string;
  send(data: Data, extras?: CommExtras): void;
  close(data?: Data, extras?: CommExtras): void;
  onMessage(listener: (message: CommReceived) => void): void;
  onClose(listener: (message: CommReceived) => void): void;
}

/** A cell's way to talk to widgets (ipywidgets, anywidget): Jupyter's comms. */
export interface Comms {
  /** Opens a conversation with what the front end registered as `target`, for instance "jupyter.widget". */
  open(target: string, data?: Data, extras?: CommExtras & { id?: string }): Comm;
  /** From now on the front end may open conversations with `target`; null takes that back. */
  register(target: string, onOpen: ((comm: Comm, message: CommReceived) => void) | null): void;
}

interface Open {
  comm: Comm;
  messages: ((message: CommReceived) => void)[];
  closings: ((message: CommReceived) => void)[];
}

export class CommManager implements Comms {
  private readonly targets = new Map<string, (comm: Comm, message: CommReceived) => void>();
  private readonly comms = new Map<string, Open>();
  /** Who handled a message last, and may still be at it. */
  private handling = new Map<string, RunningCell>();

  constructor(
    private readonly publisher: Publisher,
    private readonly contexts: Contexts,
    private readonly onError: (error: unknown, cell: RunningCell) => void,
  ) {}

  register(target: string, onOpen: ((comm: Comm, message: CommReceived) => void) | null): void {
    if (onOpen === null) this.targets.delete(target);
    else if (typeof onOpen === "function") this.targets.set(target, onOpen);
    else throw new TypeError(`comms.register: \`onOpen\` must be a function or null, got ${typeof onOpen}`);
  }

  open(target: string, data: Data = {}, { id = randomUUID(), ...extras }: CommExtras & { id?: string } = {}): Comm {
    if (this.comms.has(id)) throw new Error(`comms.open: a comm with the id ${id} is open already`);
    const { comm } = this.add(id, target);
    this.publisher.send("comm_open", { comm_id: id, target_name: target, data }, extras);
    return comm;
  }

  /** Content of `comm_info_reply`. */
  info(target: unknown): object {
    const open = [...this.comms.values()].filter(
      ({ comm }) => typeof target !== "string" || target === "" || comm.target === target,
    );
    return { status: "ok", comms: Object.fromEntries(open.map(({ comm }) => [comm.id, { target_name: comm.target }])) };
  }

  /** A message of the front end. What its listeners print belongs to it. */
  receive(type: CommCall, { origin, content, metadata, buffers }: CommMessage): void {
    const cell = new RunningCell(origin);
    const id = String(content.comm_id),
      target = String(content.target_name);
    this.handling.set(id, cell);
    const message: CommReceived = { data: (content.data ?? {}) as Data, metadata, buffers };
    try {
      this.contexts.within(cell, () => {
        if (type === "comm_open") this.opened(id, target, message);
        else if (type === "comm_msg")
          for (const listener of [...(this.comms.get(id)?.messages ?? [])]) listener(message);
        else this.closed(id, message);
      });
    } catch (error) {
      this.onError(error, cell);
    }
  }

  /** An interrupt while no cell runs: for what listeners still do, which can ask their own signal. */
  interrupt(): void {
    for (const cell of this.handling.values()) cell.controller.abort();
    this.handling.clear();
  }

  private opened(id: string, target: string, message: CommReceived): void {
    const onOpen = this.targets.get(target);
    // The protocol's answer to a target that nobody has.
    if (!onOpen) return this.publisher.send("comm_close", { comm_id: id, data: {} });
    const { comm } = this.add(id, target);
    try {
      onOpen(comm, message);
    } catch (error) {
      comm.close();
      throw error;
    }
  }

  private closed(id: string, message: CommReceived): void {
    const open = this.comms.get(id);
    this.comms.delete(id);
    for (const listener of open?.closings ?? []) listener(message);
  }

  private add(id: string, target: string): Open {
    const { publisher, comms } = this;
    const open: Open = {
      messages: [],
      closings: [],
      comm: {
        id,
        target,
        send: (data, extras) => {
          if (comms.get(id) !== open) throw new Error(`comm ${id} (${target}) is closed`);
          publisher.send("comm_msg", { comm_id: id, data }, extras);
        },
        close: (data = {}, extras) => {
          if (comms.get(id) !== open) return;
          comms.delete(id);
          publisher.send("comm_close", { comm_id: id, data }, extras);
        },
        onMessage: (listener) => {
          open.messages.push(listener);
        },
        onClose: (listener) => {
          open.closings.push(listener);
        },
      },
    };
    comms.set(id, open);
    return open;
  }
}
