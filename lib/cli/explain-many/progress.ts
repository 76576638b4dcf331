/** How far a run is, on stderr: one line that moves on a terminal, elsewhere (a job's log) a line a minute. */
export class ManyProgress {
  private readonly begun = Date.now();
  private done = 0;
  private said = Date.now();

  /** @param total images that are still to be done */
  constructor(private readonly total: number) {}

  advance(images: number): void {
    this.done += images;
    const { isTTY } = process.stderr,
      now = Date.now();
    if (now - this.said < (isTTY ? 500 : 60_000)) return;
    this.said = now;
    const rate = this.done / ((now - this.begun) / 1000),
      left = (this.total - this.done) / rate;
    const text = `${this.done} of ${this.total} images, ${rate.toPrecision(3)} a second, ${inWords(left)} left`;
    process.stderr.write(isTTY ? `\r${text}\x1b[K` : `${text}\n`);
  }

  /** Says something on a line of its own. */
  say(line: string): void {
    process.stderr.write(`${process.stderr.isTTY ? "\r\x1b[K" : ""}${line}\n`);
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }
}

function inWords(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
