// What a cell prints and shows, up to a limit.

import type { RunningCell, Contexts } from "./running-cell";
import type { Sink } from "./sinks";
import { limitNotice } from "../shared/limit-notice";
import type { StreamName } from "../shared/marks";
import { Console } from "console";
import { Readable } from "stream";
import { formatWithOptions } from "util";

const DEFAULT_MB = 10;
const MEGABYTE = 1e6;
/** Pictures and tables are larger than what is worth printing, and the browser draws them one at a time. */
const SHOWN_FACTOR = 10;

/**
 * How much one cell may put into the notebook. A loop that prints without end would otherwise freeze the browser and
 * swell the file. What is printed is cut by the I/O thread, which sees native code's part of it too.
 */
export class OutputLimit {
  private most = fromEnvironment(process.env.VITRINE_OUTPUT_LIMIT_MB);

  /** @param tell is told of every new limit for printed text */
  constructor(private readonly tell: (characters: number) => void) {
    tell(this.most);
  }

  /** Characters of printed text per cell; ten times as many for what is displayed. Infinity lifts the limit. */
  get characters(): number {
    return this.most;
  }

  set characters(characters: number) {
    this.most = characters;
    this.tell(characters);
  }

  /** Has it printed too much already? */
  isOver(cell: RunningCell): boolean {
    return cell.printed.text > this.most;
  }

  /**
   * May something of this many characters still be displayed? If it is the first that may not, with the notice to
   * print.
   */
  show(cell: RunningCell, characters: number): { allowed: boolean; notice?: string } {
    const { printed } = cell;
    if (printed.shown === Infinity) return { allowed: false };
    printed.shown += characters;
    if (printed.shown <= this.most * SHOWN_FACTOR) return { allowed: true };
    printed.shown = Infinity;
    return { allowed: false, notice: limitNotice(this.most * SHOWN_FACTOR) };
  }

  /** What was shown is gone from the notebook. */
  cleared(cell: RunningCell): void {
    Object.assign(cell.printed, { text: 0, shown: 0 });
  }
}

/** A number of megabytes, 0 for none. */
function fromEnvironment(value: string | undefined): number {
  const megabytes = value === undefined || value.trim() === "" ? DEFAULT_MB : Number(value);
  if (megabytes === 0) return Infinity;
  return (megabytes > 0 ? megabytes : DEFAULT_MB) * MEGABYTE;
}

/** What goes with a published message. */
interface PublishExtras {
  metadata?: Record<string, unknown>;
  buffers?: Uint8Array[];
}

/** Publishes what cells show, in order with what they print, for the cell whose code is running. */
export class Publisher {
  constructor(
    private readonly contexts: Contexts,
    private readonly limit: OutputLimit,
    private readonly sink: Sink,
  ) {}

  send(type: string, content: object, extras?: PublishExtras): void {
    this.sendFor(this.contexts.current, type, content, extras);
  }

  sendFor(cell: RunningCell, type: string, content: object, extras?: PublishExtras): void {
    if (!cell.silent && !cell.stopped)
      this.sink.post({ kind: "publish", origin: cell.origin, type, content: toJson(content), ...extras });
  }

  /** A display: counts towards the cell's limit, unless it replaces an earlier one. */
  display(content: object, update: boolean): void {
    if (update) return this.send("update_display_data", content);
    const cell = this.contexts.current;
    const { allowed, notice } = this.limit.show(cell, JSON.stringify(content).length);
    if (notice) this.send("stream", { name: "stderr", text: notice });
    if (allowed) this.send("display_data", content);
  }

  clearOutput(wait: boolean): void {
    this.send("clear_output", { wait });
    this.limit.cleared(this.contexts.current);
  }
}

/** Levels of an object that `console.log` shows. */
const PRINTED_DEPTH = 4;
const toJson = JSON.stringify;

/** What the cell writes by `console` and the process's streams. */
export class OutputStreams {
  constructor(
    private readonly contexts: Contexts,
    private readonly limit: OutputLimit,
    private readonly sink: Sink,
  ) {}

  write(name: StreamName, text: string): void {
    const cell = this.contexts.current;
    if (!text || cell.stopped || cell.silent || this.limit.isOver(cell)) return;
    cell.printed.text += text.length;
    this.sink.write(name, cell.origin, text);
  }

  /**
   * Sends `console`, `process.stdout` and `process.stderr` here, and closes `process.stdin`, which nobody can type
   * into.
   */
  capture(): void {
    for (const name of ["stdout", "stderr"] as const) {
      const decoder = new TextDecoder();
      const stream = process[name];
      stream.write = (
        chunk: string | Uint8Array,
        encoding?: BufferEncoding | Callback,
        callback?: Callback,
      ): boolean => {
        const text = typeof chunk === "string" ? decoded(chunk, encoding) : decoder.decode(chunk, { stream: true });
        this.write(name, text);
        const done = typeof encoding === "function" ? encoding : callback;
        if (done) process.nextTick(done);
        return true;
      };
      Object.defineProperty(stream, "isTTY", { value: false });
      // Node lets its writing to a pipe not wait, and that for all who share the descriptor: native code's would be
      // lost.
      (stream as { _handle?: { setBlocking?(on: boolean): void } })._handle?.setBlocking?.(true);
    }
    Object.defineProperty(process, "stdin", { value: Readable.from([]), configurable: true });
    // Node's own global console also reports to the inspector, which then keeps the last thousand arguments alive.
    globalThis.console = new Console({
      stdout: process.stdout,
      stderr: process.stderr,
      colorMode: coloured,
      inspectOptions: { depth: PRINTED_DEPTH },
    });
    // Its own takes the stack of an object that is no error, whose heading our stack traces do not know.
    globalThis.console.trace = function trace(...parts: unknown[]): void {
      const place = new Error(formatWithOptions({ colors: coloured, depth: PRINTED_DEPTH }, ...parts));
      place.name = "Trace";
      Error.captureStackTrace(place, trace);
      globalThis.console.error(place.stack);
    };
  }
}

type Callback = (error?: Error | null) => void;

/** `write("00ff", "hex")` writes two bytes. */
function decoded(text: string, encoding?: BufferEncoding | Callback): string {
  if (typeof encoding !== "string" || /^utf-?8$/i.test(encoding)) return text;
  return Buffer.from(text, encoding).toString("utf8");
}

/** Output is coloured unless NO_COLOR is set (no-color.org). */
const coloured = !process.env.NO_COLOR;

const paint =
  (open: number, close: number) =>
  (text: string): string =>
    coloured && text ? `\u001b[${open}m${text}\u001b[${close}m` : text;

export const red = paint(31, 39);
export const green = paint(32, 39);
export const cyan = paint(36, 39);
export const faint = paint(2, 22);
