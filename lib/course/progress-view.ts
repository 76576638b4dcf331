import { notebookHost, type NotebookHost } from "./host";
import type { ProgressReport } from "./progress";

/** Draws progress in one place, again and again. `elapsed` is in milliseconds. */
export interface ProgressView {
  draw(report: ProgressReport, elapsed: number): void;
  finish(report: ProgressReport, elapsed: number): void;
}

/** Where progress can be seen from here, if anywhere. */
export function progressView(): ProgressView | undefined {
  const host = notebookHost();
  if (host) return notebookView(host);
  return process.stderr.isTTY ? terminalView(process.stderr) : undefined;
}

let shown = 0;

function notebookView(host: NotebookHost): ProgressView {
  const displayId = `vitrine-progress-${process.pid}-${++shown}`;
  let update = false;
  const show = (report: ProgressReport, text: string): void => {
    const bar = `<progress max="${report.total}" value="${report.done}" style="width: 20em; vertical-align: middle"></progress>`;
    host.display({ "text/html": `${bar} ${escaped(text)}`, "text/plain": text }, {}, { displayId, update });
    update = true;
  };
  return {
    draw: (report, elapsed) => show(report, running(report, elapsed)),
    finish: (report, elapsed) => show(report, ended(report, elapsed)),
  };
}

/** One line, drawn over and over, and wiped in the end: the results come next. */
export function terminalView(stream: Pick<NodeJS.WriteStream, "write" | "columns">): ProgressView {
  const line = (text: string): void => void stream.write(`\r\x1b[K${text.slice(0, (stream.columns ?? 80) - 1)}`);
  return {
    draw(report, elapsed) {
      const filled = Math.round((20 * report.done) / report.total);
      line(`[${"#".repeat(filled)}${".".repeat(20 - filled)}] ${running(report, elapsed)}`);
    },
    finish: () => line(""),
  };
}

function running(report: ProgressReport, elapsed: number): string {
  const left = report.done > 0 ? `, about ${seconds((elapsed * (report.total - report.done)) / report.done)} left` : "";
  return `${counted(report)}${left}`;
}

function ended(report: ProgressReport, elapsed: number): string {
  return `${counted(report)}, ${report.done < report.total ? "stopped after" : "took"} ${seconds(elapsed)}`;
}

const counted = ({ label, done, total, note }: ProgressReport): string => `${label}: ${done} of ${total}${note ? `, ${note}` : ""}`;
const seconds = (milliseconds: number): string => (milliseconds < 99_500 ? `${Math.round(milliseconds / 1000)} s` : `${Math.round(milliseconds / 60_000)} min`);
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
