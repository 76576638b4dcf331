import type { Pixels } from "../../data/image-files";
import { badInput } from "../../core/errors";
import type { Figure, PlotlyTrace } from "../figure";
import type { Axes } from "../sheet";
import { axisKey, type Reel } from "./reel";

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
  const frames = figure?.frames as readonly FilmFrame[] | undefined;
  if (!Array.isArray(frames) || frames.length === 0)
    badInput({
      what: "film",
      got: figure,
      allowed: "a recording, or a figure with frames",
      remedy: "recordingFilm makes one; did you forget await?",
    });
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
      if ((data as readonly PlotlyTrace[]).some(({ type }) => type === "heatmap" || type === "image")) {
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
