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
    const text = this.rest + this.decoder.decode(bytes, { stream: true });
    const parts: (string | Mark)[] = [];
    let from = 0;
    for (let at = text.indexOf(this.start); at >= 0; at = text.indexOf(this.start, from)) {
      const end = text.indexOf(END, at + 1);
      if (end < 0) break;
      if (at > from) parts.push(text.slice(from, at));
      parts.push(markIn(text, at + this.start.length));
      from = end + 1;
    }
    // What may be the beginning of a mark is kept until the rest has come.
    const last = text.lastIndexOf("\0");
    const whole = last >= from && this.mayBeMark(text.slice(last)) ? last : text.length;
    if (whole > from) parts.push(text.slice(from, whole));
    this.rest = text.slice(whole);
    return parts;
  }

  private mayBeMark(text: string): boolean {
    return text.length < this.start.length ? this.start.startsWith(text) : text.startsWith(this.start);
  }
}

const ZERO = 48;
const NINE = 57;

/** A flood has tens of thousands of them, so nothing is made for it but the mark. */
function markIn(text: string, from: number): Mark {
  let at = from;
  const next = (): number => {
    let number = 0;
    for (let code = text.charCodeAt(at++); code >= ZERO && code <= NINE; code = text.charCodeAt(at++))
      number = number * 10 + code - ZERO;
    return number;
  };
  const [turn, origin, message] = [next(), next(), next() === 1];
  return { turn, origin, message, name: next() === 1 ? "stdout" : "stderr", length: next() };
}
