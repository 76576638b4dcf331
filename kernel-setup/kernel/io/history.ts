type Entry = { line: number; input: string };

/** The inputs of this session, answered as `history_reply` wants them. Nothing is kept on disk. */
export class History {
  private readonly entries: Entry[] = [];

  add(line: number, input: string): void {
    this.entries.push({ line, input });
  }

  reply(request: Record<string, unknown>): Record<string, unknown> {
    const withOutput = request.output === true;
    return {
      status: "ok",
      history: this.select(request).map(({ line, input }) => [SESSION, line, withOutput ? [input, null] : input]),
    };
  }

  private select(request: Record<string, unknown>): Entry[] {
    const n = typeof request.n === "number" ? request.n : 10;
    switch (request.hist_access_type) {
      case "range": {
        const session = typeof request.session === "number" ? request.session : 0;
        // 0 is the current session and -1 the one before, which we never have.
        if (session !== 0 && session !== SESSION) return [];
        const start = typeof request.start === "number" ? request.start : 1;
        const stop = typeof request.stop === "number" ? request.stop : Infinity;
        return this.entries.filter(({ line }) => line >= start && line < stop);
      }
      case "search": {
        const pattern = glob(typeof request.pattern === "string" ? request.pattern : "*");
        let found = this.entries.filter(({ input }) => pattern.test(input));
        if (request.unique === true)
          found = found.filter((entry, i) => !found.slice(i + 1).some(({ input }) => input === entry.input));
        return typeof request.n === "number" ? found.slice(-n || found.length) : found;
      }
      default:
        return n > 0 ? this.entries.slice(-n) : [];
    }
  }
}

const SESSION = 1;

function glob(pattern: string): RegExp {
  const escaped = pattern
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replace(/\*/g, "[^]*")
    .replace(/\?/g, "[^]");
  return new RegExp(`^${escaped}$`);
}
