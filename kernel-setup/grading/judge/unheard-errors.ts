/**
 * Errors of a hidden test that nobody waits for: they would end this process, with a stack in the place of results.
 * While tests run they are kept, and told as the test's.
 */
export class UnheardErrors {
  private readonly kept: unknown[] = [];
  private readonly keep = (error: unknown): void => void this.kept.push(error);

  listen(): void {
    process.on("unhandledRejection", this.keep);
    process.on("uncaughtException", this.keep);
  }

  stop(): void {
    process.off("unhandledRejection", this.keep);
    process.off("uncaughtException", this.keep);
  }

  /**
   * What came since the last time, once whatever is on its way has come. @returns the words of the first, in one line
   */
  async since(): Promise<string | undefined> {
    // Promises that nobody hears are told of at the end of a turn.
    await new Promise((done) => setImmediate(done));
    const kept = this.kept.splice(0),
      [first] = kept;
    if (kept.length === 0) return undefined;
    try {
      return String((first as Error | undefined)?.message ?? first)
        .split("\n")[0]
        .slice(0, 200);
    } catch {
      return "something that cannot be printed";
    }
  }
}
