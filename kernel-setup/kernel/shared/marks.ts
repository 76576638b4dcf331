/*
 * What is printed takes the same way as what native code and child processes print, the pipes behind the descriptors
 * 1 and 2, so that it keeps its order. Marks in both pipes say for whom the text after them is, where in the one pipe
 * a text stands in relation to the other, and where between the texts a message of the kernel's belongs.
 */
/** Descriptors that the launcher opened; `launch/launch.sh` says for what. */
export const TERMINAL = 3;
export const READ = { stdout: 4, stderr: 5 } as const;
export const STATE = 6;
export const WRITE = { stdout: 7, stderr: 8 } as const;

export type StreamName = "stdout" | "stderr";

export interface Mark {
  /** They are counted. */
  turn: number;
  /** For whom the text after it is. */
  origin: number;
  /** A message is on its way that belongs here. */
  message: boolean;
  /** What a cell prints by itself: right after the mark of its pipe, before native code can say more. */
  name: StreamName;
  /** So many characters of it. */
  length: number;
}

/** Not what anybody prints by chance; `key` differs from kernel to kernel, so nobody can print it on purpose. */
const start = (key: string): string => `\0\u001b${key}:`;
const END = "\0";

export function markText(key: string, { turn, origin, message, name, length }: Mark): string {
  return `${start(key)}${turn}:${origin}:${message ? 1 : 0}:${name === "stdout" ? 1 : 2}:${length}${END}`;
}

/** Splits what comes through one pipe into texts and marks. */
export class MarkReader {
  private rest = "";
  private readonly decoder = new TextDecoder();
  private readonly start: string;

  constructor(key: string) {
    this.start = start(key);
  }

  read(bytes: Uint8Array): (string | Mark)[] {
    let text = this.rest + this.decoder.decode(bytes, { stream: true });
    const parts: (string | Mark)[] = [];
    for (let at = text.indexOf(this.start); at >= 0; at = text.indexOf(this.start)) {
      const end = text.indexOf(END, at + 1);
      if (end < 0) break;
      if (at > 0) parts.push(text.slice(0, at));
      const [turn, origin, message, name, length] = text
        .slice(at + this.start.length, end)
        .split(":")
        .map(Number);
      parts.push({ turn, origin, message: message === 1, name: name === 1 ? "stdout" : "stderr", length });
      text = text.slice(end + 1);
    }
    // What may be the beginning of a mark is kept until the rest has come.
    let whole = text.length;
    for (let at = text.lastIndexOf("\0"); at >= 0 && this.mayBeMark(text.slice(at)); at = -1) whole = at;
    if (whole > 0) parts.push(text.slice(0, whole));
    this.rest = text.slice(whole);
    return parts;
  }

  private mayBeMark(text: string): boolean {
    return text.length < this.start.length ? this.start.startsWith(text) : text.startsWith(this.start);
  }
}
