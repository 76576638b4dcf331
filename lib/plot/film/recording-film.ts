import { badInput } from "../../core/errors";
import {
  checkInteger,
  boolean,
  checkOptions,
  integer,
  oneOf,
  other,
  texts,
  type Checked,
  type Schema,
} from "../../core/options";
import { checkpoint } from "../../runtime/host";
import { isRecording, type TrainingRecording } from "../../training/recording/training-recording";
import type { Pixels } from "../../data/image-files";
import type { Figure } from "../figure";
import { sealed } from "../make-figure";
import { mapReading, type MapReading } from "../map-values";
import { checkedTitles, durationOption, plotTexts } from "../panel-grid";
import { controlsHeight, filmControls, axisKey, tracesAt, type ReelFrame } from "./reel";
import { thinned } from "./moments";
import { panelImage, pngUrl, recordingReel, type ReelOptions } from "./recording-reel";
import { tileRanges, tileSheet } from "./tiles";

export interface FilmOptions extends MapReading {
  /** Which images, at most 6, counted from 0. Default: the first five. */
  images?: readonly number[];
  /** Text above each image shown. Default: the true classes, where they are known. */
  titles?: readonly string[];
  /** Text above all. Default: none. */
  title?: string;
  /**
   * What counts as 1 in the maps: each map's own largest value, so that early maps, whose values are small, are seen as
   * well; or the largest of all maps of that image. Default: "each".
   */
  scale?: "each" | "shared";
  /** Draw the outline of what is brighter than 0.1 in the image over its map. Default: true for grey images. */
  outline?: boolean;
  /** How long each picture stays, in milliseconds. Number from 20 to 10,000. Default: 100. */
  duration?: number;
  /**
   * As for maps elsewhere: single outliers would pale all else, each time others. Number above 0 and at most 100.
   * Default: 99.
   */
  percentile?: number;
  /** What the film shows, in front of what its colours mean. Default: the method, the minibatches, how many frames. */
  caption?: string;
}

/** Images side by side. */
const widestFilm = 6;

export const filmOptions = {
  ...mapReading,
  images: other<readonly number[]>("from one to six numbers of images", {
    is: (value) => Array.isArray(value) && value.length > 0 && value.length <= widestFilm,
    rule: "the first five",
    help: "which images, counted from 0",
  }),
  titles: texts({ rule: "the true classes, where they are known", help: "text above each image shown" }),
  scale: oneOf(["each", "shared"], {
    default: "each",
    help: "what counts as 1: each map's own largest value, or that of all maps of the image",
  }),
  outline: boolean({ rule: "true for grey images", help: "draw the outline of the image over its map" }),
  duration: durationOption(100),
  percentile: { ...mapReading.percentile, default: 99 },
  ...plotTexts("the method, the minibatches, how many frames"),
} satisfies Schema<FilmOptions>;

export interface RecordingFilmOptions extends FilmOptions {
  /** At most so many frames, evenly over the recording. Integer from 2 to 200. Default: 200. */
  frames?: number;
}

export const recordingFilmOptions = {
  ...filmOptions,
  frames: integer({ least: 2, most: 200, default: 200, help: "at most so many, evenly over the recording" }),
} satisfies Schema<RecordingFilmOptions>;

/**
 * What a film may weigh in a notebook, in bytes of JSON, beside the picture that stands in for it; together at most 5
 * MB.
 */
const heaviest = 4.5e6;

/**
 * A recording as a film: the images, their attributions, what the network takes them for, and the curves of loss and
 * accuracy with a marker that moves; a play button, a pause button and a slider. Opens on the last frame. At most 200
 * frames and 5 MB: large maps are made as small as they are shown, or half as large, then frames are left out; the
 * caption says so. `exportGif` and `exportMp4` take more.
 * @throws BadInputError without two frames; FileError for a damaged frame
 * @example show(recordingFilm(await openRecording("film"), { images: [0, 2] }))
 */
export async function recordingFilm(recording: TrainingRecording, options: RecordingFilmOptions = {}): Promise<Figure> {
  const { frames: most, ...checked } = checkOptions(recordingFilmOptions, options),
    all = checkedRecording(recording).frames;
  const shown = 160,
    maps = Math.max(recording.header.mapShape[1], recording.header.mapShape[2]);
  const planned = thinned(all, most);
  // As large as they are shown, then coarser, then fewer: by what a few of them weigh.
  let mapSide = shown,
    frames = planned;
  for (const share of [1, 0.75, 0.5]) {
    mapSide = Math.round(share * shown);
    const sample = await filmOf(recording, {
      ...filmPlan(recording, checked, thinned(all, Math.min(8, most))),
      mapSide,
      below: controlsHeight,
    });
    const each = sample.changing / sample.count;
    frames = thinned(all, Math.max(2, Math.min(most, Math.floor((heaviest - sample.staying) / each))));
    // Maps of few pixels are drawn large, and weigh no less when they are drawn smaller.
    if (frames.length >= planned.length || mapSide > 2 * maps) break;
  }
  return (
    await filmOf(recording, {
      ...filmPlan(recording, checked, frames, mapSide < Math.min(maps, shown)),
      mapSide,
      below: controlsHeight,
    })
  ).film;
}

/** @returns the film, and how many characters of it there are once and in all frames together */
async function filmOf(
  recording: TrainingRecording,
  options: ReelOptions,
): Promise<{ film: Figure; count: number; staying: number; changing: number }> {
  const reel = await recordingReel(recording, options),
    frames: (Record<string, unknown> & ReelFrameParts)[] = [];
  const tiles: Pixels[][] = reel.panels.map(() => []);
  for (let i = 0; i < reel.count; i++) {
    await checkpoint();
    const { traces, data, tiles: made } = await reel.frame(i);
    made.forEach((tile, panel) => tiles[panel].push(tile));
    frames.push({ name: String(i), traces, data });
  }
  const sheets = tiles.map(tileSheet),
    place = sheets[0];
  const sources = sheets.map(({ pixels }) => pngUrl(pixels));
  const rangesAt = (frame: number): Record<string, unknown>[] =>
    reel.panels.flatMap(({ xaxis, yaxis }) => {
      const { x, y } = tileRanges(place, frame);
      return [
        { key: axisKey(xaxis), range: x },
        { key: axisKey(yaxis), range: y },
      ];
    });
  frames.forEach((frame, i) => {
    frame.layout = Object.fromEntries(rangesAt(i).map(({ key, range }) => [key as string, { range }]));
  });
  const { data, layout, caption } = reel.still,
    last = frames[frames.length - 1];
  const controls = filmControls({
    labels: reel.labels,
    duration: reel.duration,
    width: Number(layout.width),
    height: Number(layout.height),
    top: reel.bottom,
  });
  const axes = Object.fromEntries(
    rangesAt(frames.length - 1).map(({ key, range }) => [
      key as string,
      { ...(layout[key as string] as object), range },
    ]),
  );
  const images = [
    ...(layout.images as unknown[]),
    ...reel.panels.map((panel, i) => panelImage(panel, sources[i], place)),
  ];
  const film = sealed({
    data: tracesAt(data, last),
    layout: { ...layout, ...axes, ...controls, images },
    frames,
    caption,
  });
  const changing = JSON.stringify(frames).length + sources.reduce((sum, source) => sum + source.length, 0);
  return { film, count: reel.count, changing, staying: JSON.stringify(film).length - changing };
}

type ReelFrameParts = Pick<ReelFrame, "traces" | "data">;

/** @throws BadInputError */
export function checkedRecording(recording: TrainingRecording): TrainingRecording {
  if (!isRecording(recording))
    badInput({
      what: "recording",
      got: recording,
      allowed: "a recording",
      remedy: "openRecording(folder) opens one; did you forget await?",
    });
  if (recording.frames < 2)
    badInput({
      what: "recording",
      got: `with ${recording.frames === 1 ? "one frame" : "no frame"}`,
      allowed: "at least two frames",
    });
  const { imageShape, mapShape } = recording.header;
  if (imageShape.length !== 4 || mapShape.length !== 4)
    badInput({
      what: "recording",
      got: `of inputs [${imageShape.slice(1).join(", ")}]`,
      allowed: "one of images",
      remedy: "textHighlights, seriesAttribution and featureBars draw what readFrame gives.",
    });
  return recording;
}

/** Checks a film's options against its recording and fills in what follows from that. */
export function filmPlan(
  recording: TrainingRecording,
  options: Checked<typeof filmOptions>,
  frames: readonly number[],
  coarser = false,
): Omit<ReelOptions, "mapSide" | "below"> {
  const { header, labels, classNames, frames: all } = recording,
    [count] = header.imageShape;
  const { images = Array.from({ length: Math.min(5, count) }, (_, i) => i), outline = header.imageShape[3] === 1 } =
    options;
  images.forEach((image) => checkInteger("images", image, 0, count - 1));
  const titles = checkedTitles(options.titles, images.length, "titles").map(
    (title, i) => title ?? (labels ? classNames[labels[images[i]]] : ""),
  );
  const steps = frames.map((frame) => recording.steps[frame]),
    name = header.method.replaceAll("-", " ").replace(" x ", " × ");
  const left = [
    ...(frames.length < all ? [`${frames.length} of ${all} frames are shown`] : []),
    ...(coarser ? ["maps are shown coarser than they are"] : []),
    ...(images.length < count ? [`${images.length} of ${count} images`] : []),
  ];
  const caption =
    options.caption ??
    `${name[0].toUpperCase()}${name.slice(1)} from ` +
      `${steps[0] === 0 ? "before training" : `minibatch ${steps[0].toLocaleString("en")}`} to minibatch ` +
      `${steps[steps.length - 1].toLocaleString("en")}${left.length ? ` (${left.join(", ")})` : ""}.`;
  return {
    ...options,
    frames,
    images,
    titles,
    outline,
    caption,
  };
}
