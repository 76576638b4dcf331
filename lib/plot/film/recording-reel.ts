import type { FrameSummary, TrainingRecording } from "../../training/recording/training-recording";
import { resize } from "../../data/resize";
import type { PlotlyTrace } from "../figure";
import { meaning, rangeOf } from "../map-panel";
import { scaleLimit, type MapReading } from "../map-values";
import { panelColumns, writeHeading, writeTitles } from "../panel-grid";
import { brightness, pictureTrace } from "../picture-trace";
import { readPictures, type Picture } from "../pictures";
import { regionOutline } from "../region-outline";
import { relativeEnd, relativeMapTrace } from "../relative-map";
import { textWidth } from "../render/text-width";
import { margin, Sheet } from "../sheet";
import { shrunk } from "../shrink";
import { barColors, diverging, ink, sequential, textSize } from "../style";
import { changingText, classBars, markedCurve, verdict, type Changing } from "./changing";
import { MomentReader, spread, type FilmMoment } from "./moments";
import { pictureAt, type Reel } from "./reel";

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

const mostClasses = 10, curveHeight = 84;

/** Lays a film of a recording out: images, their maps, what the network takes them for, and the curves of the training. */
export async function recordingReel(recording: TrainingRecording, options: ReelOptions): Promise<Reel & { bottom: number }> {
  const { frames, images, titles, scale, outline, mapSide, below, duration } = options, { classNames, labels } = recording;
  const reader = await MomentReader.open(recording, images, options), { sign } = reader;
  const limits = scale === "shared" ? await reader.limits(frames) : undefined;
  const summaries = await recording.summaries();
  const tensor = await recording.images();
  const pictures = await readPictures(tensor, "images").finally(() => tensor.dispose());
  const shown = shownClasses(summaries, images, classNames.length, labels), nameWidth = Math.ceil(Math.min(110, Math.max(...shown.map((c) => textWidth(classNames[c], textSize.tick))))) + 8;

  const grid = panelColumns({ columns: images.length, left: nameWidth, right: 62, largest: 160, aspect: pictures[0].height / pictures[0].width });
  const { panelWidth: width, panelHeight: height } = grid, sheet = new Sheet(Math.max(grid.width, 560)), parts: Changing[] = [];
  let y = writeHeading(sheet, options.title);
  parts.push(changingText(sheet, { left: grid.leftOf(0) - nameWidth, top: y, width: 480, height: 22 }, statusOf(recording), { anchor: "left" }));
  if (labels) writeColours(sheet, y + 11);
  const top = writeTitles(sheet, titles, y + 26, grid), mapTop = top + height + 8, barTop = mapTop + height + 26, barHeight = shown.length * (shown.length > 6 ? 12.5 : 16);
  const bar = sheet.colorBar({ scale: sign === "signed" ? diverging : sequential, range: rangeOf(sign, relativeEnd[sign]), called: rangeOf(sign, 1), orientation: "v", frame: { left: grid.leftOf(images.length - 1) + width + 14, top: mapTop, width: 10, height } });
  images.forEach((image, column) => {
    const left = grid.leftOf(column), picture = pictures[image], label = labels?.[image];
    const panel = { left, width, height };
    sheet.add(pictureTrace(shrunk(picture, 1.05 * width), { label: titles[column], shownWidth: width }), sheet.picturePanel({ ...panel, top }, shrunk(picture, 1.05 * width)));
    const [, mapHeight, mapWidth] = recording.header.mapShape, side = Math.min(1, mapSide / Math.max(mapHeight, mapWidth));
    const size = { height: Math.max(1, Math.round(side * mapHeight)), width: Math.max(1, Math.round(side * mapWidth)) };
    const axes = sheet.picturePanel({ ...panel, top: mapTop }, size);
    const trace = (map: Picture): PlotlyTrace => {
      const limit = limits?.[column] ?? scaleLimit([map], options);
      return relativeMapTrace(smaller(map, limit, sign, size), limit, sign, bar, { label: titles[column], shownWidth: width });
    };
    const index = sheet.add({ ...trace({ ...size, channels: 1, values: new Float32Array(size.height * size.width) }) }, axes);
    parts.push({ trace: index, at: ({ maps }) => ({ z: trace(maps[column]).z }) });
    if (outline && picture.height === size.height && picture.width === size.width) {
      const { values } = brightness(picture);
      sheet.add(regionOutline((px, py) => values[py * picture.width + px] > 0.1, picture.width, picture.height, { color: sign === "signed" ? "rgba(20,20,20,0.7)" : "rgba(255,255,255,0.85)", width: 1 }), axes);
    }
    parts.push(changingText(sheet, { left: left - 8, top: mapTop + height + 3, width: width + 16, height: 20 }, verdict(column, { classNames, label, width: width + 14 }), { anchor: "center" }));
    parts.push(classBars(sheet, { left, top: barTop, width, height: barHeight }, column, { shown, classNames, label, named: column === 0 }));
  });
  y = barTop + barHeight + 16;
  const bottom = y + 16 + curveHeight + 22;
  curvesOf(recording, summaries).forEach(({ name, ...curve }, i) => {
    const half = (sheet.width - 2 * margin) / 2, left = margin + i * half + 34;
    sheet.text([name], { x: left, y: y + 11, anchor: "left", size: textSize.label, color: ink.strong, name: "curve title" });
    parts.push(markedCurve(sheet, { left, top: y + 16, width: half - 46, height: curveHeight }, curve));
  });

  const still = sheet.finish(bottom + below, `${options.caption} ${meaning(sign, "none")} 1 is ${inWords(options.percentile)} of ${scale === "each" ? "each map" : "each image's maps"}.`);
  const frameOf = (moment: FilmMoment) => ({ traces: parts.map(({ trace }) => trace), data: parts.map((part) => part.at(moment)) });
  const last = frameOf(await reader.read(frames[frames.length - 1]));
  return { still: pictureAt(still, last), count: frames.length, bottom, duration, labels: frames.map((frame) => recording.steps[frame].toLocaleString("en")), frame: async (index) => frameOf(await reader.read(frames[index])) };
}

const statusOf = (recording: TrainingRecording) => ({ step, epoch, loss, accuracy }: FilmMoment): { text: string; color: string } => {
  const { totalSteps } = recording.header;
  if (step === 0) return { text: "<b>before training</b>", color: ink.strong };
  const trained = Number.isNaN(loss) ? "" : `\u2003loss ${loss.toFixed(2)}\u2003accuracy ${Math.round(100 * accuracy)} %`;
  return { text: `<b>minibatch ${step.toLocaleString("en")}</b> of ${totalSteps.toLocaleString("en")}\u2003epoch ${epoch.toFixed(2)}${trained}`, color: ink.strong };
};

const inWords = (percentile = 100): string => (percentile === 100 ? "the largest value" : `the ${percentile}th percentile of the sizes`);

/** What the colours of bars and verdicts mean. */
function writeColours(sheet: Sheet, middle: number): void {
  const entry = (color: string, text: string): string => `<span style="color:${color}">■</span> ${text}`;
  const text = [entry(barColors.both, "predicted, and true"), entry(barColors.predicted, "predicted"), entry(barColors.trueClass, "true class")].join("\u00a0\u00a0 ");
  sheet.text([text], { x: sheet.width - margin, y: middle, anchor: "right", from: "middle", size: textSize.label, raw: true, name: "legend" });
}

/** All classes, or of many those that matter most to the images. */
function shownClasses(summaries: readonly FrameSummary[], images: readonly number[], classes: number, labels: readonly number[] | undefined): number[] {
  const all = Array.from({ length: classes }, (_, c) => c);
  if (classes <= mostClasses) return all;
  const weight = (c: number): number => (labels && images.some((image) => labels[image] === c) ? Infinity : summaries.reduce((sum, { probabilities }) => sum + Math.max(...images.map((image) => probabilities[image][c])), 0));
  const weights = all.map(weight);
  return all.sort((a, b) => weights[b] - weights[a] || a - b).slice(0, mostClasses);
}

function curvesOf(recording: TrainingRecording, summaries: readonly FrameSummary[]) {
  const trained = summaries.filter(({ loss }) => !Number.isNaN(loss)), kept = spread(trained.length, 300).map((i) => trained[i]);
  const steps = recording.header.totalSteps, top = Math.max(1e-3, ...kept.map(({ loss }) => loss).filter(Number.isFinite));
  return [
    { name: "training loss (nats) by minibatch", points: kept.map(({ step, loss }) => ({ step, value: loss })), range: [0, 1.08 * top] as const, format: ".2~f", steps, value: ({ loss }: FilmMoment) => loss },
    { name: "training accuracy by minibatch", points: kept.map(({ step, accuracy }) => ({ step, value: accuracy })), range: [0, 1.05] as const, format: ".0%", steps, value: ({ accuracy }: FilmMoment) => accuracy },
  ];
}

/** A map at the size it is shown in, in the bytes that it will have anyway. */
function smaller(map: Picture, limit: number, sign: "signed" | "magnitude", { height, width }: { height: number; width: number }): Picture {
  if (map.height === height && map.width === width) return map;
  const [scale, zero] = sign === "signed" ? [127, 128] : [255, 0];
  const data = Uint8Array.from(map.values as ArrayLike<number>, (value) => Math.round(zero + scale * Math.max(-1, Math.min(1, value / limit))));
  const small = resize({ height: map.height, width: map.width, channels: 1, data }, height, width);
  return { height, width, channels: 1, values: Float32Array.from(small.data, (byte) => ((byte - zero) / scale) * limit) };
}
