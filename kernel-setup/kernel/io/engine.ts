import type { MessagePort } from "worker_threads";
import type { StreamName } from "../shared/marks";
import type { EngineCall, FromEngine, Json, Origin, Publication, ToEngine } from "../shared/protocol";
import type { Captured } from "./captured";

/** What the main thread may want of its own accord. */
export interface EngineListener {
  publish(publication: Publication): void;
  print(origin: Origin, name: StreamName, text: string): void;
  limitPrint(characters: number): void;
  ask(question: Extract<FromEngine, { kind: "ask" }>): void;
  askNoMore(id: number): void;
  debugCell(name: string): void;
}

type Call = Extract<ToEngine, { kind: "call" }>;

/** The main thread, seen from the I/O thread. */
export class Engine {
  private nextId = 0;
  private readonly waiting = new Map<number, { call: Call; resolve: (content: Json) => void }>();
  private readonly seen = new Map<number, () => void>();
  private readonly nudged: (() => void)[] = [];
  private begun!: () => void;
  /** The main thread has loaded the compiler. */
  readonly ready = new Promise<void>((resolve) => {
    this.begun = resolve;
  });

  constructor(
    private readonly port: MessagePort,
    private readonly listener: EngineListener,
    /** What comes through the pipes, among which the messages are put. */
    captured: Captured | null,
  ) {
    port.on("message", (message: FromEngine) => {
      const mark = "mark" in message ? message.mark : undefined;
      if (captured && mark !== undefined) captured.message(mark, () => this.receive(message));
      else this.receive(message);
    });
  }

  call(type: EngineCall, content: unknown): Promise<Json> {
    const call: Call = { kind: "call", id: ++this.nextId, type, content };
    this.post(call);
    return new Promise((resolve) => this.waiting.set(call.id, { call, resolve }));
  }

  /** Resolves to whether the main thread took notice within `patience` milliseconds. */
  interrupt(turn: number, terminated: boolean, patience: number, cell?: number, memory?: string): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.seen.delete(turn);
        resolve(false);
      }, patience);
      this.seen.set(turn, () => {
        clearTimeout(timer);
        resolve(true);
      });
      this.post({ kind: "interrupt", turn, terminated, calls: this.nextId, cell, memory });
    });
  }

  /** Has the main thread call some function; resolves when it did. */
  nudge(): Promise<void> {
    return new Promise((resolve) => {
      this.nudged.push(resolve);
      this.post({ kind: "nudge" });
    });
  }

  /** A call that was dropped on its way is sent once more. */
  check(): void {
    this.post({ kind: "check", calls: this.nextId });
  }

  exit(): void {
    this.post({ kind: "exit" });
  }

  post(message: ToEngine): void {
    this.port.postMessage(message);
  }

  private receive(message: FromEngine): void {
    switch (message.kind) {
      case "ready":
        return this.begun();
      case "publish":
        return this.listener.publish(message);
      case "print":
        return this.listener.print(message.origin, message.name, message.text);
      case "limit":
        return this.listener.limitPrint(message.characters);
      case "ask":
        return this.listener.ask(message);
      case "ask-no-more":
        return this.listener.askNoMore(message.id);
      case "debug-cell":
        return this.listener.debugCell(message.name);
      case "nudged":
        return this.nudged.shift()?.();
      case "reply":
        this.waiting.get(message.id)?.resolve(message.content);
        this.waiting.delete(message.id);
        return;
      case "lost": {
        const lost = this.waiting.get(message.id);
        if (lost) this.post({ ...lost.call, interrupted: message.interrupted });
        return;
      }
      case "interrupt-seen":
        this.seen.get(message.turn)?.();
        this.seen.delete(message.turn);
    }
  }
}
