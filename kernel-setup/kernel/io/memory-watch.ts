import { freemem, totalmem } from "os";
import { log } from "../shared/log";
import { HEAP_MB, PHASE, PROCESS_MB, RUNNING } from "../shared/protocol";
import type { Interrupter } from "./interrupter";
import type { LastWords } from "./last-words";

const MEGABYTE = 2 ** 20;
const CHECK_MS = 50;
/** Near the end. */
const CLOSE_CHECK_MS = 10;
/** Parts of the heap's limit: from the first on the user is told, at the second the cell is stopped. */
const WARNING = 0.7;
const FULL = 0.82;
/** Of the limit this much is for new objects; the old ones never get it. */
const YOUNG_MB = 64;
const COLLECTIONS_APART_MS = 2000;
/** What must be left of the machine's memory: below it the system ends processes, and tells nobody. */
const RESERVE_MB = Math.min(512, totalmem() / MEGABYTE / 20);

/** How a cell's front end hears of its memory. */
export interface MemoryReader {
  /** A text to show. */
  tell(text: string): void;
  /** The process is about to end. */
  lastWords(evalue: string): void;
}

/**
 * V8 ends the whole process when the JavaScript heap is full, and the system when the machine's memory is. While a cell
 * runs, this looks on from the other thread, asks V8 for the heap's true size, and stops the cell before it comes to
 * that. What is too quick for it, such as one array larger than the heap, gets {@link LastWords}.
 */
export class MemoryWatch {
  private readonly limit: number;
  private timer: NodeJS.Timeout | null = null;
  private asking = false;
  private warned = false;
  private lastCollection = -Infinity;
  private reader: MemoryReader | null = null;

  constructor(
    private readonly interrupter: Interrupter,
    private readonly shared: Int32Array,
    heapLimit: number,
    private readonly lastWords: LastWords,
  ) {
    this.limit = heapLimit / MEGABYTE - YOUNG_MB;
  }

  begin(reader: MemoryReader): void {
    this.reader = reader;
    this.warned = false;
    this.lastWords.prepare();
    if (!this.timer) this.lookIn(CHECK_MS);
  }

  end(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.reader = null;
  }

  private lookIn(delay: number): void {
    this.timer = setTimeout(() => {
      const close = this.look();
      if (this.timer) this.lookIn(close ? CLOSE_CHECK_MS : CHECK_MS);
    }, delay);
  }

  /** Is it worth looking again soon? */
  private look(): boolean {
    if (this.lastWords.dying()) {
      this.reader?.lastWords(
        `The JavaScript heap is full: this cell needed more than the ${this.limit.toFixed(0)} MB there are, and ` +
          `the kernel has ended. All variables are lost. ${REMEDY}`,
      );
      this.end();
      return false;
    }
    if (Atomics.load(this.shared, PHASE) !== RUNNING) return false;
    const process_ = process.memoryUsage.rss() / MEGABYTE,
      grown = process_ - Atomics.load(this.shared, PROCESS_MB);
    const room = Math.min(freemem() / MEGABYTE, allowedMegabytes() - process_);
    if (room < RESERVE_MB && grown > RESERVE_MB) {
      void this.interrupter.outOfMemory(
        `The cell was stopped because the memory is full: it took ${grown.toFixed(0)} MB and ` +
          `${Math.max(0, room).toFixed(0)} MB are left. What this cell defined is gone, what earlier cells defined ` +
          `is kept. ` +
          "Keep fewer tensors and typed arrays at a time; tensors are freed by dispose() and tf.tidy().",
      );
      return true;
    }
    const most = Atomics.load(this.shared, HEAP_MB) + Math.max(0, grown);
    if (most < (this.limit * WARNING) / 2) return false;
    if (!this.asking) {
      this.asking = true;
      this.judge()
        .catch((error: Error) => log(`the heap's size is not known: ${error.message}`))
        .finally(() => {
          this.asking = false;
        });
    }
    return true;
  }

  private async judge(): Promise<void> {
    const used = (await this.interrupter.heapUsed()) / MEGABYTE;
    if (used < this.limit * WARNING) return;
    // Nearly full is also a heap of garbage that V8 has not got round to collecting.
    const recently = performance.now() - this.lastCollection < COLLECTIONS_APART_MS;
    if (recently && used < this.limit * FULL) return;
    const kept = (await this.interrupter.heapUsed(true)) / MEGABYTE;
    this.lastCollection = performance.now();
    if (!this.timer || kept < this.limit * WARNING) return;
    this.warn(kept);
    if (kept < this.limit * FULL) return;
    await this.interrupter.outOfMemory(
      `The cell was stopped because the JavaScript heap is full: ${kept.toFixed(0)} of ${this.limit.toFixed(0)} ` +
        `MB in use. What this cell defined is gone, what earlier cells defined is kept. ${REMEDY}`,
    );
  }

  private warn(used: number): void {
    if (this.warned) return;
    this.warned = true;
    this.reader?.tell(
      `\n[Memory is running out: ${used.toFixed(0)} of the ${this.limit.toFixed(0)} MB for JavaScript values are ` +
        `in use. The cell is stopped at ${(this.limit * FULL).toFixed(0)} MB.]\n`,
    );
  }
}

const REMEDY = "Keep less at a time, or start Jupyter with NODE_OPTIONS=--max-old-space-size=MEGABYTES.";

/** What this process may have in all: VITRINE_KERNEL_MEGABYTES, or what its container allows. */
function allowedMegabytes(): number {
  const given = Number(process.env.VITRINE_KERNEL_MEGABYTES);
  if (given > 0) return given;
  const container = (process as { constrainedMemory?: () => number | undefined }).constrainedMemory?.() ?? 0;
  return container > 0 ? container / MEGABYTE : Infinity;
}
