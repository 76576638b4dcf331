// How far work is: counted, and shown as a bar in a notebook or a line on a terminal.
import { toBase64 } from "../core/base64";
import { notebookHost, type NotebookHost } from "./host";
import { boolean, callback, checkOptions, number, other, text, type Details, type Schema } from "../core/options";
import { escapeHtml, sizeInWords } from "../core/text";

/** How far some long work has come. */
export interface ProgressReport {
  /** What is being done, for people: `integrated gradients`. */
  label: string;
  done: number;
  /** Infinity where it is not known. */
  total: number;
  /** Anything worth showing beside the bar: `loss 0.31`. */
  note?: string;
}

export interface ProgressOptions {
  /** What is being done, for people. */
  label: string;
  /** How many steps there are; Infinity where it is not known. */
  total: number;
  /** Gets every report. Default: it is shown, as a bar in the notebook, or a line on a terminal. */
  onProgress?: (report: ProgressReport) => void;
  /** How long the work may take before anything is shown, in milliseconds. Number ≥ 0. Default: 1000. */
  patience?: number;
  /** Does the last state stay where it was drawn on a terminal? In a notebook it always does. Default: false. */
  stays?: boolean;
  /** Is it told where there is neither notebook nor terminal, by a line of stderr every half minute? Default: false. */
  lines?: boolean;
}

export const totalOption = (details: Details) =>
  other<number>("a number ≥ 0, or Infinity", { is: (value) => typeof value === "number" && value >= 0, ...details });

export const progressOptions = {
  label: text({ words: "a text", required: true, help: "what is being done, for people" }),
  total: { ...totalOption({ help: "how many steps there are; Infinity where it is not known" }), required: true },
  onProgress: callback<(report: ProgressReport) => void>({
    rule: "it is shown, as a bar in the notebook, or a line on a terminal",
    help: "gets every report",
  }),
  patience: number({
    least: 0,
    default: 1000,
    unit: "milliseconds",
    help: "how long the work may take before anything is shown",
  }),
  stays: boolean({ default: false, help: "the last state stays where it was drawn on a terminal" }),
  lines: boolean({ default: false, help: "told without notebook and terminal, too, every half minute" }),
} satisfies Schema<ProgressOptions>;

export interface ProgressTracker {
  /**
   * Reports that `steps` more are done. Default: 1. `picture` is called when it is to be shown, at most once a second.
   */
  advance(steps?: number, note?: string, picture?: LivePicture): void;
  /** To be called however the work ends, best in `finally`. */
  end(): void;
}

/** Between two drawings: notebooks drop messages that come too fast. */
const pause = 200;
/** The same for pictures, which weigh more. */
const picturePause = 1000;

/**
 * Tracks long work. Unless the caller listens, work longer than a second draws one bar that moves: in a notebook
 * under the cell, on a terminal as a line of stderr, elsewhere nothing.
 * @param now milliseconds
 */
export function startProgress(options: ProgressOptions, now: () => number = () => performance.now()): ProgressTracker {
  const { label, total, onProgress, patience, stays, lines } = checkOptions(progressOptions, options);
  const begun = now();
  let done = 0,
    drawn = -Infinity;
  let report: ProgressReport = { label, done, total };
  let view: ProgressView | undefined;
  return {
    advance(steps = 1, note, picture) {
      done += steps;
      report = { label, done, total, ...(note !== undefined && { note }) };
      if (onProgress) return onProgress(report);
      const time = now();
      if (time - begun < patience || time - drawn < (picture ? picturePause : pause)) return;
      drawn = time;
      view ??= progressView(stays, lines);
      view?.draw(report, time - begun, picture);
    },
    end: () => view?.finish(report, now() - begun),
  };
}

/** A look at what there is so far, as a PNG file, if it can be shown as one. */
type LivePicture = () => Uint8Array | undefined;

/** Draws progress in one place, again and again. `elapsed` is in milliseconds. */
interface ProgressView {
  /** @param picture makes a PNG file of what there is so far; called where pictures can be seen */
  draw(report: ProgressReport, elapsed: number, picture?: LivePicture): void;
  finish(report: ProgressReport, elapsed: number): void;
}

/**
 * Where progress can be seen from here, if anywhere.
 * @param lines writes lines to what is no terminal: a file, a pipe
 */
function progressView(stays = false, lines = false): ProgressView | undefined {
  const host = notebookHost();
  if (host) return notebookView(host);
  // A page shows progress where it wants, by onProgress.
  if (typeof process === "undefined") return undefined;
  if (process.stderr.isTTY) return terminalView(process.stderr, stays);
  return lines ? linesView(process.stderr) : undefined;
}

/** A line now and then, and one at the end. @param pause milliseconds between two */
function linesView(stream: Pick<NodeJS.WriteStream, "write">, pause = 30_000): ProgressView {
  let written = -Infinity;
  return {
    draw(report, elapsed) {
      if (elapsed - written < pause) return;
      written = elapsed;
      stream.write(`${running(report, elapsed)}\n`);
    },
    finish: (report, elapsed) => void stream.write(`${ended(report, elapsed)}\n`),
  };
}

let shown = 0;

function notebookView(host: NotebookHost): ProgressView {
  const displayId = `vitrine-progress-${typeof process === "undefined" ? "page" : process.pid}-${++shown}`;
  let update = false,
    image = "";
  const show = (report: ProgressReport, text: string, over = false): void => {
    // Without a value it is a bar that says: under way.
    const filled = Number.isFinite(report.total)
      ? ` max="${report.total}" value="${report.done}"`
      : over
        ? ' max="1" value="1"'
        : "";
    const bar = `<progress${filled} style="width: 20em; vertical-align: middle"></progress>`;
    host.display({ "text/html": `${bar} ${escapeHtml(text)}${image}`, "text/plain": text }, {}, { displayId, update });
    update = true;
  };
  return {
    draw(report, elapsed, picture) {
      const png = picture?.();
      if (png)
        image =
          `<br><img alt="as it is now" style="max-width: 100%; margin-top: 6px" ` +
          `src="data:image/png;base64,${toBase64(png)}">`;
      show(report, running(report, elapsed));
    },
    finish(report, elapsed) {
      // Who gets a result shows it; of work that was stopped this is all there is to see.
      if (report.done >= report.total) image = "";
      show(report, ended(report, elapsed), true);
    },
  };
}

/** One line, drawn over and over, and in the end wiped, since the results come next, or left as it is. */
export function terminalView(stream: Pick<NodeJS.WriteStream, "write" | "columns">, stays = false): ProgressView {
  const line = (text: string): void => void stream.write(`\r\x1b[K${text.slice(0, (stream.columns ?? 80) - 1)}`);
  return {
    draw: (report, elapsed) => line(`${bar(report)}${running(report, elapsed)}`),
    finish(report, elapsed) {
      line(stays ? `${bar(report)}${ended(report, elapsed)}` : "");
      if (stays) stream.write("\n");
    },
  };
}

function bar({ done, total }: ProgressReport): string {
  if (!Number.isFinite(total)) return "";
  const filled = total > 0 ? Math.round(20 * Math.min(1, done / total)) : 20;
  return `[${"#".repeat(filled)}${".".repeat(20 - filled)}] `;
}

function running(report: ProgressReport, elapsed: number): string {
  const { done, total } = report;
  const left =
    done > 0 && total >= done && Number.isFinite(total)
      ? `, about ${seconds((elapsed * (total - done)) / done)} left`
      : "";
  return `${counted(report)}${rate(report, elapsed)}${left}`;
}

function ended(report: ProgressReport, elapsed: number): string {
  const stopped = Number.isFinite(report.total) && report.done < report.total;
  return `${counted(report)}${rate(report, elapsed)}, ${stopped ? "stopped after" : "took"} ${seconds(elapsed)}`;
}

/** Steps in a second, or seconds a step where that is the larger number. */
function rate({ done }: ProgressReport, elapsed: number): string {
  if (done === 0 || elapsed <= 0) return "";
  const each = (1000 * done) / elapsed;
  return each >= 1 ? `, ${short(each)}/s` : `, ${short(1 / each)} s each`;
}

const short = (value: number): string => (value < 9.95 ? value.toFixed(1) : Math.round(value).toLocaleString("en"));
const counted = ({ label, done, total, note }: ProgressReport): string =>
  `${label ? `${label}: ` : ""}${done}${Number.isFinite(total) ? ` of ${total}` : ""}${note ? `, ${note}` : ""}`;
const seconds = (milliseconds: number): string =>
  milliseconds < 99_500 ? `${Math.round(milliseconds / 1000)} s` : `${Math.round(milliseconds / 60_000)} min`;

/** One line of news: in a notebook plain output, elsewhere on stderr, so that results stay alone on stdout. */
export function say(line: string): void {
  if (notebookHost() || typeof process === "undefined") console.log(line);
  else process.stderr.write(`${line}\n`);
}

/** A byte counter that rewrites its own line; nothing where stderr is no terminal. */
export function byteProgress(): ((report: ProgressReport) => void) | undefined {
  if (typeof process === "undefined" || !process.stderr.isTTY) return undefined;
  return ({ label, done, total }) => {
    const percent = total ? Math.floor((100 * done) / total) : 0;
    process.stderr.write(`\r\x1b[K${label}  ${percent} %  ${sizeInWords(done)} of ${sizeInWords(total)}`);
    if (done >= total) process.stderr.write("\r\x1b[K");
  };
}
