import { notebookHost } from "./host";
import type { ProgressReport } from "./progress";
import { sizeInWords } from "../core/text";

/** One line of news: in a notebook plain output, elsewhere on stderr, so that results stay alone on stdout. */
export function say(line: string): void {
  if (notebookHost()) console.log(line);
  else process.stderr.write(`${line}\n`);
}

/** A byte counter that rewrites its own line; nothing where stderr is no terminal. */
export function byteProgress(): ((report: ProgressReport) => void) | undefined {
  if (!process.stderr.isTTY) return undefined;
  return ({ label, done, total }) => {
    const percent = total ? Math.floor((100 * done) / total) : 0;
    process.stderr.write(`\r\x1b[K${label}  ${percent} %  ${sizeInWords(done)} of ${sizeInWords(total)}`);
    if (done >= total) process.stderr.write("\r\x1b[K");
  };
}
