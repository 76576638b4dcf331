import { log } from "../shared/log";
import { HEAP_MB, PHASE, PROCESS_MB, RUNNING } from "../shared/protocol";
import type { Interrupter } from "./interrupter";

const MEGABYTE = 2 ** 20;
const CHECK_MS = 50;
/** Parts of the heap's limit: from the first on the user is told, at the second the cell is stopped. */
const WARNING = 0.7;
const FULL = 0.85;
/** Of the limit this much is for new objects; the old ones never get it. */
const YOUNG_MB = 64;
const COLLECTIONS_APART_MS = 2000;

/**
 * V8 ends the whole process when the heap is full. While a cell runs, this looks on from the other thread. A cell that
 * awaits can be asked for the heap's true size, and is stopped before it comes to that. One that is in a synchronous loop
 * does not answer; there the growth of the process is all there is to go by, which tensors share in: the user is told.
 */
export class MemoryWatch {
  private readonly limit: number;
  private timer: NodeJS.Timeout | null = null;
  private asking = false;
  private warned = false;
  private lastCollection = -Infinity;
  private tell: (text: string) => void = () => undefined;

  constructor(private readonly interrupter: Interrupter, private readonly shared: Int32Array, heapLimit: number) {
    this.limit = heapLimit / MEGABYTE - YOUNG_MB;
  }

  /** @param tell shows a text to whoever runs the cell */
  begin(tell: (text: string) => void): void {
    this.tell = tell;
    this.warned = false;
    this.timer ??= setInterval(() => this.look(), CHECK_MS);
  }

  end(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  private look(): void {
    if (Atomics.load(this.shared, PHASE) !== RUNNING) return;
    const grown = process.memoryUsage.rss() / MEGABYTE - Atomics.load(this.shared, PROCESS_MB);
    const most = Atomics.load(this.shared, HEAP_MB) + Math.max(0, grown);
    if (most < this.limit * WARNING) return;
    // Still no answer since the last look: the cell is in a loop.
    if (this.asking) return this.warn(most);
    this.asking = true;
    this.judge().catch((error: Error) => log(`the heap's size is not known: ${error.message}`)).finally(() => { this.asking = false; });
  }

  private async judge(): Promise<void> {
    const used = await this.interrupter.heapUsed() / MEGABYTE;
    if (used < this.limit * WARNING) return;
    // Nearly full is also a heap of garbage that V8 has not got round to collecting.
    const recently = performance.now() - this.lastCollection < COLLECTIONS_APART_MS;
    if (recently && used < this.limit * FULL) return;
    const kept = await this.interrupter.heapUsed(true) / MEGABYTE;
    this.lastCollection = performance.now();
    if (!this.timer || kept < this.limit * WARNING) return;
    this.warn(kept);
    if (kept < this.limit * FULL) return;
    await this.interrupter.outOfMemory(
      `The cell was stopped because the JavaScript heap is full: ${kept.toFixed(0)} of ${this.limit.toFixed(0)} MB in use. What this cell defined is gone, what earlier cells defined is kept. `
      + "Keep less at a time, or start Jupyter with NODE_OPTIONS=--max-old-space-size=MEGABYTES.");
  }

  private warn(used: number): void {
    if (this.warned) return;
    this.warned = true;
    this.tell(`\n[Memory is running out: up to ${used.toFixed(0)} of the ${this.limit.toFixed(0)} MB for JavaScript values are in use. Should they be used up, the kernel ends and all variables are lost.]\n`);
  }
}
