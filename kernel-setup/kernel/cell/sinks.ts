// Where the texts go that cells print: into the pipes that native code prints into, or to the I/O thread as messages.
import { writeSync } from "fs";
import { markText, WRITE, type Mark, type StreamName } from "../shared/marks";
import type { FromEngine, Origin } from "../shared/protocol";

/** Takes what is printed, in order. */
export interface Sink {
  write(name: StreamName, origin: Origin, text: string): void;
  /** From now on what native code prints is for this request. */
  begin(origin: Origin): void;
  /** Passes a message on to the I/O thread, so that it comes after what was printed before. */
  post(message: FromEngine): void;
}

const toBytes = Buffer.from.bind(Buffer) as (text: string) => Buffer;
/** So much is written in one piece, which nobody else's writing divides. */
const AT_ONCE = 1024;

/** Used where the launcher opened the pipes. */
export class PipeSink implements Sink {
  private turn = 0;
  private latest: Origin = 0;

  /** @param key what marks begin with */
  constructor(
    private readonly key: string,
    private readonly postMessage: (message: FromEngine) => void,
  ) {}

  write(name: StreamName, origin: Origin, text: string): void {
    const mark = this.next({ origin, name, length: text.length });
    // The text's own pipe comes last: an interrupt in between leaves a mark that is passed over.
    writeSync(WRITE[name === "stdout" ? "stderr" : "stdout"], mark);
    const all = mark + text,
      fd = WRITE[name];
    if (all.length <= AT_ONCE) writeSync(fd, all);
    else for (let bytes = toBytes(all), at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
    if (origin !== this.latest) this.mark({});
  }

  begin(origin: Origin): void {
    this.latest = origin;
    this.mark({});
  }

  post(message: FromEngine): void {
    this.mark({ message: true });
    this.postMessage({ ...message, mark: this.turn } as FromEngine);
  }

  private mark(mark: Partial<Mark>): void {
    const text = this.next(mark);
    writeSync(WRITE.stdout, text);
    writeSync(WRITE.stderr, text);
  }

  private next(mark: Partial<Mark>): string {
    const { origin = this.latest, name = "stdout", length = 0, message = false } = mark;
    return markText(this.key, { turn: ++this.turn, origin, name, length, message });
  }
}

const FLUSH_CHARACTERS = 1 << 16;
const FLUSH_MS = 25;
const later = setTimeout;

/**
 * Used without pipes. The clock is looked at on every write, so that a loop which never lets go of the thread is seen
 * live too.
 */
export class MessageSink implements Sink {
  private pending = "";
  private name: StreamName = "stdout";
  private origin: Origin = 0;
  private lastFlush = 0;
  private scheduled = false;

  constructor(private readonly postMessage: (message: FromEngine) => void) {}

  write(name: StreamName, origin: Origin, text: string): void {
    if (name !== this.name || origin !== this.origin) {
      this.flush();
      this.name = name;
      this.origin = origin;
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

  begin(): void {
    // There are no pipes for native code.
  }

  post(message: FromEngine): void {
    this.flush();
    this.postMessage(message);
  }

  private flush(): void {
    const { origin, name, pending: text } = this;
    if (!text) return;
    this.pending = "";
    this.lastFlush = performance.now();
    this.postMessage({ kind: "print", origin, name, text });
  }
}
