import { checkInteger } from "../../core/check-options";
import { notebookHost } from "../../runtime/host";
import type { ProgressReport } from "../../runtime/progress";
import { startProgress, type ProgressTracker } from "../../runtime/progress-tracker";
import { checkpoint } from "../../runtime/checkpoint";
import { badInput } from "../../core/errors";
import { isRecording, type TrainingRecording } from "../../training/recording/training-recording";
import type { Figure } from "../figure";
import { figureReel } from "./figure-reel";
import { thinned } from "./moments";
import { ReelPainter, type PaintedFrame } from "./paint";
import { checkedRecording, filmPlan, type FilmOptions } from "./recording-film";
import { recordingReel } from "./recording-reel";

export interface ExportOptions extends FilmOptions {
  /** At most so many frames, evenly over the recording, 2 or more; of a figure all are taken. Default: all. */
  frames?: number;
  /** Pixels of the picture per pixel of the figure, above 0 and at most 4. Default: 1. */
  pixelRatio?: number;
  /** Called after every frame. Default: a bar. */
  onProgress?: (report: ProgressReport) => void;
  /** Stops the work with an `InterruptedError`; no file is left. Default: the running cell's interrupt. */
  signal?: AbortSignal;
}

/** What is exported: a recording, laid out as `recordingFilm` would, or a figure with frames. */
export type FilmSource = TrainingRecording | Figure;

/** Paints the frames one after the other and hands each on. @returns how many */
export async function paintAll(
  source: FilmSource,
  options: ExportOptions,
  label: string,
  use: (frame: PaintedFrame, duration: number) => Promise<void> | void,
): Promise<number> {
  const { pixelRatio = 1, onProgress, signal = notebookHost()?.signal } = options;
  if (!(pixelRatio > 0 && pixelRatio <= 4))
    badInput({ what: "pixelRatio", got: pixelRatio, allowed: "a number above 0 and at most 4" });
  const reel = isRecording(source)
    ? await recordingReel(source, {
        ...filmPlan(
          source,
          options,
          thinned(checkedRecording(source).frames, checkInteger("frames", options.frames ?? source.frames, 2)),
        ),
        mapSide: 160 * Math.max(1, pixelRatio),
        below: 0,
      })
    : await figureReel(source, options.duration);
  const painter = await ReelPainter.open(reel, pixelRatio);
  const progress: ProgressTracker = startProgress({ label, total: reel.count, onProgress });
  try {
    for (let i = 0; i < reel.count; i++) {
      await checkpoint(signal);
      await use(await painter.paint(i), reel.duration);
      progress.advance();
    }
  } finally {
    progress.end();
  }
  return reel.count;
}

/** @throws BadInputError unless the path ends so */
export function checkedPath(path: unknown, ending: string): string {
  if (typeof path !== "string" || !path.toLowerCase().endsWith(ending))
    badInput({ what: "path", got: path, allowed: `a path that ends in ${ending}` });
  return path;
}
