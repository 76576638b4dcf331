import type { ProgressReport } from "./progress";
import { progressView, type LivePicture, type ProgressView } from "./progress-view";

export interface ProgressOptions {
  /** What is being done, for people. */
  label: string;
  /** How many steps there are; Infinity where it is not known. */
  total: number;
  /** Gets every report instead of the default display. */
  onProgress?: (report: ProgressReport) => void;
  /** How long the work may take before anything is shown, in milliseconds. Default: 1000. */
  patience?: number;
  /** Does the last state stay where it was drawn on a terminal? In a notebook it always does. Default: false. */
  stays?: boolean;
  /** Is it told where there is neither notebook nor terminal, by a line of stderr every half minute? Default: false. */
  lines?: boolean;
}

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
export function startProgress(
  { label, total, onProgress, patience = 1000, stays = false, lines = false }: ProgressOptions,
  now: () => number = () => performance.now(),
): ProgressTracker {
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
