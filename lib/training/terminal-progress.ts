import type { TrainingStep } from "./train";

/** Writes loss, accuracy and the time left to stderr: in place on a terminal, else a line per call of `epoch`. */
export function terminalProgress(stream: NodeJS.WriteStream = process.stderr): {
  step(step: TrainingStep): void;
  epoch(text: string): void;
  /** Seconds since the start. */
  seconds(): number;
} {
  const start = Date.now();
  let from: number | undefined;
  const seconds = (): number => (Date.now() - start) / 1000;
  return {
    seconds,
    step({ epoch, done, total, loss, accuracy }) {
      if (!stream.isTTY) return;
      from ??= done;
      const left = done > from ? Math.round((seconds() / (done - from)) * (total - done)) : undefined;
      stream.write(
        `\r\x1b[Kepoch ${epoch}  ${Math.floor((100 * done) / total)} %  loss ${loss.toFixed(3)}  accuracy ${(100 * accuracy).toFixed(1)} %${left === undefined ? "" : `  ${left} s left`}`,
      );
    },
    epoch(text) {
      stream.write(`${stream.isTTY ? "\r\x1b[K" : ""}${text}\n`);
    },
  };
}
