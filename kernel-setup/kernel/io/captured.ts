// The reading ends of the descriptors 1 and 2.
import { Socket } from "net";
import { dividedAtTheEnd } from "../shared/dying";
import { toTerminal } from "../shared/log";
import { MarkReader, READ, type Mark, type StreamName } from "../shared/marks";
import type { Origin } from "../shared/protocol";
import type { Printed } from "./printed";

const NAMES = ["stdout", "stderr"] as const;

/**
 * Puts together what comes through the two pipes and the messages of the main thread. Between two marks stands first
 * what the cell printed in one of the pipes, then what native code did in both. Only of that the order is not known.
 */
export class Captured {
  private readonly pipes = { stdout: [] as (string | Mark)[], stderr: [] as (string | Mark)[] };
  private readonly sockets: Socket[] = [];
  private readonly waiting: { turn: number; deliver: () => void }[] = [];
  private origin: Origin = 0;
  /** The last mark that both pipes have passed. */
  private turn = 0;
  /** The mark at which a message is awaited. */
  private held = 0;
  /** So much of what the cell printed is still to come in that pipe. */
  private owed: { name: StreamName; length: number } = { name: "stdout", length: 0 };
  /** JavaScript's engine has given up; the rest is for the terminal. */
  private dying = false;

  constructor(
    key: string,
    private readonly printed: Printed,
  ) {
    for (const name of NAMES) {
      const reader = new MarkReader(key);
      const socket = new Socket({ fd: READ[name], readable: true, writable: false });
      socket.on("data", (bytes) => {
        for (const part of reader.read(bytes)) this.pipes[name].push(part);
        this.advance();
      });
      // Nothing is lost by it but what native code would print from now on.
      socket.on("error", () => undefined);
      this.sockets.push(socket);
    }
  }

  /** Delivers a message that the main thread sent, after the text before its mark. */
  message(turn: number, deliver: () => void): void {
    this.waiting.push({ turn, deliver });
    this.advance();
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private advance(): void {
    for (;;) {
      // Messages come in their order: if a later one is there, the awaited one was lost to an interrupt.
      while (this.waiting.length > 0 && this.waiting[0].turn <= this.turn) {
        const { turn, deliver } = this.waiting.shift()!;
        if (turn >= this.held) this.held = 0;
        this.printed.flush();
        deliver();
      }
      if (this.held > 0 && this.waiting.length === 0) return;
      if (!this.texts()) return;
      const [out, err] = NAMES.map((name) => this.pipes[name][0] as Mark | undefined);
      if (!out || !err) return;
      // An interrupt between the two writes leaves a mark in one pipe only.
      if (out.turn <= err.turn) this.pipes.stdout.shift();
      if (err.turn <= out.turn) this.pipes.stderr.shift();
      const mark = out.turn < err.turn ? out : err;
      const whole = out.turn === err.turn;
      this.turn = mark.turn;
      this.origin = mark.origin;
      this.held = mark.message && whole ? mark.turn : 0;
      this.owed = { name: mark.name, length: whole ? mark.length : 0 };
    }
  }

  /** What stands before the next mark; false if what the cell printed has not come as a whole. */
  private texts(): boolean {
    const { owed, pipes } = this;
    for (const parts = pipes[owed.name]; owed.length > 0;) {
      if (typeof parts[0] !== "string") {
        // A mark there means that the text was cut off.
        if (parts.length === 0) return false;
        break;
      }
      owed.length -= parts[0].length;
      this.text(owed.name, parts.shift() as string);
    }
    for (const name of NAMES) while (typeof pipes[name][0] === "string") this.text(name, pipes[name].shift() as string);
    return true;
  }

  private text(name: StreamName, text: string): void {
    const { printed, dying } = this.dying ? { printed: "", dying: text } : dividedAtTheEnd(text);
    this.dying ||= dying !== "";
    if (printed) this.printed.add(this.origin, name, printed);
    if (dying) toTerminal(dying);
  }
}
