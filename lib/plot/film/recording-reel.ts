import { toBase64 } from "../../core/base64";
import type { FrameSummary, TrainingRecording } from "../../training/recording/training-recording";
import { encodePng, type Pixels } from "../../data/image-files";
import type { PlotlyTrace } from "../figure";
import { meaning, rangeOf, scaleOf } from "../map-panel";
import { scaleLimit, type MapReading } from "../map-values";
import { panelColumns, writeHeading, writeTitles } from "../panel-grid";
import { brightness, readPictures, type Picture } from "../pictures";
import { textWidth } from "../font-metrics";
import { margin, Sheet, type Axes, type Frame } from "../sheet";
import { barColors, ink, textSize, narrowest } from "../style";
import { changingText, classBars, markedCurve, verdict, type Changing } from "./changing";
import { MomentReader, spread, type FilmMoment } from "./moments";
import type { Reel } from "./reel";
import { imageTile, mapTile, outlinePixels, type TileSheet } from "./tiles";

export interface ReelOptions extends MapReading {
  /** Frames of the recording, in order. */
  readonly frames: readonly number[];
  /** Images shown. */
  readonly images: readonly number[];
  readonly titles: readonly string[];
  readonly title?: string;
  readonly scale: "each" | "shared";
  readonly outline: boolean;
  /** Side of the maps at most, in pixels of their own. */
  readonly mapSide: number;
  readonly caption: string;
  /** Height kept free below the picture. */
  readonly below: number;
  readonly duration: number;
}

const mostClasses = 10,
  curveHeight = 84;

/**
 * Lays a film of a recording out: images, their maps, what the network takes them for, and the curves of the training.
 */
export async function recordingReel(
  recording: TrainingRecording,
  options: ReelOptions,
): Promise<Reel & { bottom: number }> {
  const { frames, images, titles, scale, outline, mapSide, below, duration } = options,
    { classNames, labels } = recording;
  const reader = await MomentReader.open(recording, images, options),
    { sign } = reader;
  const limits = scale === "shared" ? await reader.limits(frames) : undefined;
  const summaries = await recording.summaries();
  const tensor = await recording.images();
  const pictures = await readPictures(tensor, "images").finally(() => tensor.dispose());
  const shown = shownClasses(summaries, images, classNames.length, labels),
    nameWidth = Math.ceil(Math.min(110, Math.max(...shown.map((c) => textWidth(classNames[c], textSize.tick))))) + 8;

  const grid = panelColumns({
    room: narrowest,
    columns: images.length,
    left: nameWidth,
    right: 62,
    largest: 160,
    aspect: pictures[0].height / pictures[0].width,
  });
  const { panelWidth: width, panelHeight: height } = grid,
    sheet = new Sheet(Math.max(grid.width, 560)),
    parts: Changing[] = [];
  let y = writeHeading(sheet, options.title);
  parts.push(
    changingText(sheet, { left: grid.leftOf(0) - nameWidth, top: y, width: 480, height: 22 }, statusOf(recording), {
      anchor: "left",
    }),
  );
  if (labels) writeColours(sheet, y + 11);
  const top = writeTitles(sheet, titles, y + 26, grid),
    mapTop = top + height + 8,
    barTop = mapTop + height + 26,
    barHeight = shown.length * (shown.length > 6 ? 12.5 : 16);
  const bar = sheet.colorBar({
    scale: scaleOf(sign),
    range: rangeOf(sign, 1),
    orientation: "v",
    frame: { left: grid.leftOf(images.length - 1) + width + 14, top: mapTop, width: 10, height },
  });
  // A colour bar is drawn only for a trace that uses it.
  sheet.add(
    { ...nowhere, marker: { color: [0], coloraxis: bar } },
    sheet.panel({ left: 0, top: 0, width: 1, height: 1 }, { visible: false }, { visible: false }),
  );
  const panels: Axes[] = [],
    stills: { source: string; axes: Axes }[] = [],
    makers: ((maps: readonly Picture[]) => Pixels)[] = [];
  images.forEach((image, column) => {
    const left = grid.leftOf(column),
      picture = pictures[image],
      label = labels?.[image];
    const panel = { left, width, height };
    stills.push({
      axes: tilePanel(sheet, { ...panel, top }),
      source: pngUrl(imageTile(picture, ...tileSize(picture, width))),
    });
    panels.push(tilePanel(sheet, { ...panel, top: mapTop }));
    const { values } = brightness(picture),
      fits = recording.header.mapShape[1] === picture.height && recording.header.mapShape[2] === picture.width;
    const [tall, wide] = tileSize(
      { height: recording.header.mapShape[1], width: recording.header.mapShape[2] },
      mapSide,
    );
    const drawn =
      outline && fits
        ? outlinePixels({ height: tall, width: wide }, picture, (px, py) => values[py * picture.width + px] > 0.1)
        : undefined;
    makers.push((maps) => {
      return mapTile(maps[column], {
        limit: limits?.[column] ?? scaleLimit([maps[column]], options),
        sign,
        height: tall,
        width: wide,
        outline: drawn,
      });
    });
    parts.push(
      changingText(
        sheet,
        { left: left - 8, top: mapTop + height + 3, width: width + 16, height: 20 },
        verdict(column, { classNames, label, width: width + 14 }),
        { anchor: "center" },
      ),
    );
    parts.push(
      classBars(sheet, { left, top: barTop, width, height: barHeight }, column, {
        shown,
        classNames,
        label,
        named: column === 0,
      }),
    );
  });
  y = barTop + barHeight + 16;
  const bottom = y + 16 + curveHeight + 22;
  curvesOf(recording, summaries).forEach(({ name, ...curve }, i) => {
    const half = (sheet.width - 2 * margin) / 2,
      left = margin + i * half + 34;
    sheet.text([name], {
      x: left,
      y: y + 11,
      anchor: "left",
      size: textSize.label,
      color: ink.strong,
      name: "curve title",
    });
    parts.push(markedCurve(sheet, { left, top: y + 16, width: half - 46, height: curveHeight }, curve));
  });

  const still = sheet.finish(
    bottom + below,
    `${options.caption} ${meaning(sign, "none")} 1 is ${inWords(options.percentile)} of ` +
      `${scale === "each" ? "each map" : "each image's maps"}.`,
  );
  const layout = {
    ...still.layout,
    images: stills.map(({ axes, source }) => panelImage(axes, source, { columns: 1, rows: 1 })),
  };
  return {
    still: { ...still, layout },
    panels,
    count: frames.length,
    bottom,
    duration,
    labels: frames.map((frame) => recording.steps[frame].toLocaleString("en")),
    frame: async (index) => {
      const moment = await reader.read(frames[index]);
      return {
        traces: parts.map(({ trace }) => trace),
        data: parts.map((part) => part.at(moment)),
        tiles: makers.map((make) => make(moment.maps)),
      };
    },
  };
}

/** A trace that is there and draws nothing, wherever the axes are. */
const nowhere: PlotlyTrace = { type: "scatter", mode: "markers", x: [null], y: [null], hoverinfo: "skip" };

/** Enlarged by whole numbers to at least the panel, or shrunk to it. */
function tileSize({ height, width }: Pick<Picture, "height" | "width">, side: number): [height: number, width: number] {
  const largest = Math.max(height, width),
    share = largest > side ? side / largest : Math.max(1, Math.floor(side / largest));
  return [Math.max(1, Math.round(share * height)), Math.max(1, Math.round(share * width))];
}

/**
 * A panel that shows one tile of a sheet: in a film its ranges move on. Pictures of traces would flicker, since they
 * are loaded again in each frame.
 */
function tilePanel(sheet: Sheet, frame: Frame): Axes {
  const bare = {
    range: [0, 1],
    showgrid: false,
    zeroline: false,
    showticklabels: false,
    ticks: "",
    showline: true,
    mirror: true,
    linecolor: ink.frame,
    linewidth: 1,
    fixedrange: true,
  };
  const axes = sheet.panel(frame, bare, bare);
  // Plotly draws no axes without a trace.
  sheet.add(nowhere, axes);
  return axes;
}

export const pngUrl = (pixels: Pixels): string => `data:image/png;base64,${toBase64(encodePng(pixels))}`;

/** A sheet of tiles, as an entry of a layout's `images`. */
export const panelImage = (
  { xaxis, yaxis }: Axes,
  source: string,
  { columns, rows }: Pick<TileSheet, "columns" | "rows">,
): Record<string, unknown> => ({
  source,
  xref: xaxis,
  yref: yaxis,
  x: 0,
  y: rows,
  sizex: columns,
  sizey: rows,
  xanchor: "left",
  yanchor: "top",
  sizing: "stretch",
  layer: "below",
});

const statusOf =
  (recording: TrainingRecording) =>
  ({ step, epoch, loss, accuracy }: FilmMoment): { text: string; color: string } => {
    const { totalSteps } = recording.header;
    if (step === 0) return { text: "<b>before training</b>", color: ink.strong };
    const trained = Number.isNaN(loss)
      ? ""
      : `\u2003loss ${loss.toFixed(2)}\u2003accuracy ${Math.round(100 * accuracy)} %`;
    return {
      text:
        `<b>minibatch ${step.toLocaleString("en")}</b> of ${totalSteps.toLocaleString("en")}\u2003epoch ` +
        `${epoch.toFixed(2)}${trained}`,
      color: ink.strong,
    };
  };

const inWords = (percentile = 100): string =>
  percentile === 100 ? "the largest value" : `the ${percentile}th percentile of the sizes`;

/** What the colours of bars and verdicts mean. */
function writeColours(sheet: Sheet, middle: number): void {
  const entry = (color: string, text: string): string => `<span style="color:${color}">■</span> ${text}`;
  const text = [
    entry(barColors.both, "predicted, and true"),
    entry(barColors.predicted, "predicted"),
    entry(barColors.trueClass, "true class"),
  ].join("\u00a0\u00a0 ");
  sheet.text([text], {
    x: sheet.width - margin,
    y: middle,
    anchor: "right",
    from: "middle",
    size: textSize.label,
    raw: true,
    name: "legend",
  });
}

/** All classes, or of many those that matter most to the images. */
function shownClasses(
  summaries: readonly FrameSummary[],
  images: readonly number[],
  classes: number,
  labels: readonly number[] | undefined,
): number[] {
  const all = Array.from({ length: classes }, (_, c) => c);
  if (classes <= mostClasses) return all;
  const weight = (c: number): number =>
    labels && images.some((image) => labels[image] === c)
      ? Infinity
      : summaries.reduce(
          (sum, { probabilities }) => sum + Math.max(...images.map((image) => probabilities[image][c])),
          0,
        );
  const weights = all.map(weight);
  return all.sort((a, b) => weights[b] - weights[a] || a - b).slice(0, mostClasses);
}

function curvesOf(recording: TrainingRecording, summaries: readonly FrameSummary[]) {
  const trained = summaries.filter(({ loss }) => !Number.isNaN(loss)),
    kept = spread(trained.length, 300).map((i) => trained[i]);
  const steps = recording.header.totalSteps,
    top = Math.max(1e-3, ...kept.map(({ loss }) => loss).filter(Number.isFinite));
  return [
    {
      name: "training loss (nats) by minibatch",
      points: kept.map(({ step, loss }) => ({ step, value: loss })),
      range: [0, 1.08 * top] as const,
      format: ".2~f",
      steps,
      value: ({ loss }: FilmMoment) => loss,
    },
    {
      name: "training accuracy by minibatch",
      points: kept.map(({ step, accuracy }) => ({ step, value: accuracy })),
      range: [0, 1.05] as const,
      format: ".0%",
      steps,
      value: ({ accuracy }: FilmMoment) => accuracy,
    },
  ];
}
