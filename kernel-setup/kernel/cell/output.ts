// What a cell prints and shows, up to a limit.

import type { RunningCell, Contexts } from "./running-cell";
import type { FromEngine } from "../shared/protocol";
import { Console } from "console";
import { Readable } from "stream";

const DEFAULT_MB = 10;
const MEGABYTE = 1e6;
/** Pictures and tables are larger than what is worth printing, and the browser draws them one at a time. */
const SHOWN_FACTOR = 10;

/**
 * How much one cell may put into the notebook. A loop that prints without end would otherwise freeze the browser and
 * swell the file.
 */
export class OutputLimit {
  /** Characters of printed text per cell; ten times as many for what is displayed. Infinity lifts the limit. */
  characters = fromEnvironment(process.env.VITRINE_OUTPUT_LIMIT_MB);

  /** How much of `text` may still be printed; `notice` is to follow it if that is not all. */
  print(cell: RunningCell, text: string): { text: string; notice?: string } {
    const { printed } = cell;
    if (printed.stopped) return { text: "" };
    const room = this.characters - printed.text;
    printed.text += text.length;
    if (text.length <= room) return { text };
    printed.stopped = true;
    return { text: text.slice(0, Math.max(0, room)), notice: this.notice(this.characters) };
  }

  /**
   * May something of this many characters still be displayed? If it is the first that may not, with the notice to
   * print.
   */
  show(cell: RunningCell, characters: number): { allowed: boolean; notice?: string } {
    const { printed } = cell;
    if (printed.shown === Infinity) return { allowed: false };
    printed.shown += characters;
    if (printed.shown <= this.characters * SHOWN_FACTOR) return { allowed: true };
    printed.shown = Infinity;
    return { allowed: false, notice: this.notice(this.characters * SHOWN_FACTOR) };
  }

  /** What was shown is gone from the notebook. */
  cleared(cell: RunningCell): void {
    Object.assign(cell.printed, { text: 0, shown: 0, stopped: false });
  }

  private notice(characters: number): string {
    return (
      `\n[This cell's output is cut here, at ${characters / MEGABYTE} MB; the cell goes on. The environment ` +
      `variable VITRINE_OUTPUT_LIMIT_MB sets the limit.]\n`
    );
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
    private readonly streams: OutputStreams,
    private readonly limit: OutputLimit,
    private readonly post: (message: FromEngine) => void,
  ) {}

  send(type: string, content: object, extras?: PublishExtras): void {
    this.sendFor(this.contexts.current, type, content, extras);
  }

  sendFor(cell: RunningCell, type: string, content: object, extras?: PublishExtras): void {
    this.streams.flush();
    if (!cell.silent && !cell.stopped)
      this.post({ kind: "publish", origin: cell.origin, type, content: JSON.stringify(content), ...extras });
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

type Name = "stdout" | "stderr";
const FLUSH_CHARACTERS = 1 << 16;
const FLUSH_MS = 25;
/** Levels of an object that `console.log` shows. */
const PRINTED_DEPTH = 4;
const later = setTimeout;

/**
 * What the cell writes, in order and in few messages: a burst is gathered for 25 ms. The clock is looked at on every
 * write, so that a loop which never lets go of the thread is seen live too.
 */
export class OutputStreams {
  private pending = "";
  private name: Name = "stdout";
  private cell: RunningCell;
  private lastFlush = 0;
  private scheduled = false;

  constructor(
    private readonly contexts: Contexts,
    private readonly limit: OutputLimit,
    private readonly publish: (cell: RunningCell, name: Name, text: string) => void,
  ) {
    this.cell = contexts.current;
  }

  write(name: Name, text: string): void {
    const cell = this.contexts.current;
    if (cell.printed.stopped || cell.stopped) return;
    if (name !== this.name || cell !== this.cell) {
      this.flush();
      this.name = name;
      this.cell = cell;
    }
    this.pending += text;
    if (this.pending.length >= FLUSH_CHARACTERS || performance.now() - this.lastFlush >= FLUSH_MS) return this.flush();
    if (this.scheduled) return;
    this.scheduled = true;
    later(() => {
      this.scheduled = false;
      this.flush();
    }, FLUSH_MS);
  }

  flush(): void {
    const text = this.pending;
    if (!text) return;
    this.pending = "";
    this.lastFlush = performance.now();
    const { cell } = this;
    const { text: allowed, notice } = this.limit.print(cell, text);
    if (allowed) this.publish(cell, this.name, allowed);
    if (notice) this.publish(cell, "stderr", notice);
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
    }
    Object.defineProperty(process, "stdin", { value: Readable.from([]), configurable: true });
    // Node's own global console also reports to the inspector, which then keeps the last thousand arguments alive.
    globalThis.console = new Console({
      stdout: process.stdout,
      stderr: process.stderr,
      colorMode: coloured,
      inspectOptions: { depth: PRINTED_DEPTH },
    });
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
