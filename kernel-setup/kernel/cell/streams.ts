import { Console } from "console";
import { Readable } from "stream";
import { coloured } from "./colours";
import type { Contexts } from "./contexts";
import type { OutputLimit } from "./output-limit";
import type { RunningCell } from "./running-cell";

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
