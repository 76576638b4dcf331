// What cells print, on its way to the front end: gathered, and up to a limit.
import type { Origin } from "../shared/protocol";
import { limitNotice } from "../shared/limit-notice";
import type { StreamName } from "../shared/marks";

const FLUSH_CHARACTERS = 1 << 16;
const FLUSH_MS = 25;
const REMEMBERED = 1000;

/** In order and in few messages: a burst is gathered for 25 ms, and each cell may print so much and no more. */
export class Printed {
  private pending = "";
  private name: StreamName = "stdout";
  private origin: Origin = 0;
  private lastFlush = 0;
  private timer: NodeJS.Timeout | null = null;
  /** Characters that were printed for each, Infinity once it was cut. */
  private readonly counts = new Map<Origin, number>();

  /** @param limit characters for each cell */
  constructor(
    private readonly publish: (origin: Origin, name: StreamName, text: string) => void,
    public limit = Infinity,
  ) {}

  add(origin: Origin, name: StreamName, text: string): void {
    const count = this.counts.get(origin) ?? 0;
    if (count === Infinity) return;
    if (origin !== this.origin || name !== this.name) {
      this.flush();
      this.origin = origin;
      this.name = name;
    }
    const room = this.limit - count;
    this.count(origin, text.length > room ? Infinity : count + text.length);
    this.pending += text.length > room ? text.slice(0, Math.max(0, room)) : text;
    if (text.length > room) {
      this.flush();
      this.publish(origin, "stderr", limitNotice(this.limit));
    } else if (this.pending.length >= FLUSH_CHARACTERS || performance.now() - this.lastFlush >= FLUSH_MS) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  flush(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    const text = this.pending;
    if (!text) return;
    this.pending = "";
    this.lastFlush = performance.now();
    this.publish(this.origin, this.name, text);
  }

  /** What it printed is gone from the notebook. */
  cleared(origin: Origin): void {
    this.counts.delete(origin);
  }

  private count(origin: Origin, characters: number): void {
    this.counts.set(origin, characters);
    if (this.counts.size > REMEMBERED) this.counts.delete(this.counts.keys().next().value as Origin);
  }
}
