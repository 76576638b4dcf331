// A film as what is drawn frame by frame; a figure that is one already; the controls below it.
import type { Pixels } from "../../data/image-files";
import type { Figure, PlotlyTrace } from "../figure";
import { type Axes, margin } from "../sheet";
import { badInput } from "../../core/errors";
import { ink, textSize } from "../style";

/** What changes in a figure from one picture of a film to the next. */
export interface ReelFrame {
  /** Which traces, and what of them. */
  readonly traces: readonly number[];
  readonly data: readonly PlotlyTrace[];
  /** The picture in each of the reel's panels. */
  readonly tiles: readonly Pixels[];
}

/** A film whose pictures are made as they are asked for: however long, one is in memory. */
export interface Reel {
  /** What stays: without the buttons, with empty panels. */
  readonly still: Figure;
  /** Panels that have another picture in each frame. */
  readonly panels: readonly Axes[];
  readonly count: number;
  /** What each frame is called: how many minibatches were done. */
  readonly labels: readonly string[];
  /** How long each stays, in milliseconds. */
  readonly duration: number;
  frame(index: number): Promise<ReelFrame>;
}

/** The traces as they are at a frame. */
export function tracesAt(
  data: readonly PlotlyTrace[],
  { traces, data: changes }: Pick<ReelFrame, "traces" | "data">,
): PlotlyTrace[] {
  const changed = [...data];
  traces.forEach((trace, i) => {
    changed[trace] = { ...changed[trace], ...changes[i] };
  });
  return changed;
}

/** `x2` → `xaxis2`: under which a layout has an axis. */
export const axisKey = (axis: string): string => `${axis[0]}axis${axis.slice(1)}`;

type FilmFrame = {
  name?: string;
  traces?: number[];
  data?: PlotlyTrace[];
  layout?: Record<string, { range: [number, number] }>;
};
type PanelImage = { source: string; xref: string; yref: string; sizex: number; sizey: number };

/**
 * A film that is a figure already: its frames, and of its sheets of tiles the one in each panel. @throws BadInputError
 */
export async function figureReel(figure: Figure, duration = 100): Promise<Reel> {
  const given: unknown = figure?.frames;
  if (!Array.isArray(given) || given.length === 0)
    badInput({
      what: "film",
      got: figure,
      allowed: "a recording, or a figure with frames",
      remedy: "recordingFilm makes one; did you forget await?",
    });
  const frames = given as readonly FilmFrame[];
  const {
    updatemenus: _,
    sliders: __,
    images = [],
    ...layout
  } = figure.layout as Record<string, unknown> & { images?: PanelImage[] };
  const moves = ({ xref }: PanelImage): boolean => frames[0].layout?.[axisKey(xref)] !== undefined;
  const moving = images.filter(moves),
    sheets = await Promise.all(moving.map(({ source }) => decoded(source)));
  return {
    still: {
      data: figure.data,
      layout: { ...layout, images: images.filter((image) => !moves(image)) },
      caption: figure.caption,
    },
    panels: moving.map(({ xref, yref }): Axes => ({ xaxis: xref, yaxis: yref })),
    count: frames.length,
    duration,
    labels: frames.map(({ name }) => name ?? ""),
    frame: async (index) => {
      const { traces = [], data = [], layout: ranges = {} } = frames[index];
      if (data.some(({ type }) => type === "heatmap" || type === "image")) {
        badInput({
          what: "film",
          got: "a figure whose pictures are traces",
          allowed: "a recording, or a film that recordingFilm made",
        });
      }
      return {
        traces,
        data,
        tiles: moving.map((image, i) =>
          cut(sheets[i], image, ranges[axisKey(image.xref)].range[0], ranges[axisKey(image.yref)].range[0]),
        ),
      };
    },
  };
}

async function decoded(source: string): Promise<Pixels> {
  const sharp = require("sharp") as typeof import("sharp").default;
  const { data, info } = await sharp(Buffer.from(source.slice(source.indexOf(",") + 1), "base64"), {
    limitInputPixels: false,
  })
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { height: info.height, width: info.width, channels: 3, data };
}

/** @param column from the left @param below tiles below it */
function cut(sheet: Pixels, { sizex, sizey }: PanelImage, column: number, below: number): Pixels {
  const width = sheet.width / sizex,
    height = sheet.height / sizey,
    left = column * width,
    top = (sizey - 1 - below) * height;
  const data = new Uint8Array(3 * height * width);
  for (let y = 0; y < height; y++)
    data.set(
      sheet.data.subarray(3 * ((top + y) * sheet.width + left), 3 * ((top + y) * sheet.width + left + width)),
      3 * y * width,
    );
  return { height, width, channels: 3, data };
}

/** Height that the play button and the slider take. */
export const controlsHeight = 64;

interface FilmControls {
  /** What the slider calls each frame; frame i has the name `String(i)`. */
  labels: readonly string[];
  /** How long each frame stays, in milliseconds. */
  duration: number;
  /** Of the figure, in pixels, and where the controls may begin. */
  width: number;
  height: number;
  top: number;
}

/** A play and a pause button and a slider, as a part of a layout. */
export function filmControls({ labels, duration, width, height, top }: FilmControls): Record<string, unknown> {
  const to = (wait: number): Record<string, unknown> => ({
    mode: "immediate",
    fromcurrent: true,
    transition: { duration: 0 },
    frame: { duration: wait, redraw: true },
  });
  const font = { size: textSize.tick, color: ink.normal },
    y = 1 - (top + 6) / height;
  const button = (label: string, args: unknown[]): Record<string, unknown> => ({ label, method: "animate", args });
  return {
    updatemenus: [
      {
        type: "buttons",
        direction: "left",
        showactive: false,
        x: margin / width,
        y,
        xanchor: "left",
        yanchor: "top",
        pad: { t: 0, r: 0, b: 0, l: 0 },
        font: { ...font, size: textSize.label },
        buttons: [button("▶ play", [null, { ...to(duration), fromcurrent: false }]), button("❚❚", [[null], to(0)])],
      },
    ],
    sliders: [
      {
        active: labels.length - 1,
        x: (margin + 118) / width,
        y,
        xanchor: "left",
        yanchor: "top",
        len: (width - 2 * margin - 118) / width,
        pad: { t: 4, b: 0, l: 0, r: 0 },
        currentvalue: { visible: false },
        font,
        ticklen: 3,
        minorticklen: 0,
        tickcolor: ink.frame,
        bordercolor: ink.frame,
        steps: labels.map((label, i) => ({ label, method: "animate", args: [[String(i)], to(0)] })),
      },
    ],
  };
}
