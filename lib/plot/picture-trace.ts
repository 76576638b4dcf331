import { encodePng } from "../data/image-files";
import type { PlotlyTrace } from "./figure";
import { compact, compactTo } from "./number-text";
import type { Picture } from "./pictures";
import { greys, ink } from "./style";
import { escaped } from "./wrap-text";

/** Settings of the two axes over a picture: pixels as units, row 0 on top, a thin frame. */
export function pictureAxes({
  width,
  height,
}: Pick<Picture, "width" | "height">): [Record<string, unknown>, Record<string, unknown>] {
  const bare = {
    showgrid: false,
    zeroline: false,
    showticklabels: false,
    ticks: "",
    showline: true,
    mirror: true,
    linecolor: ink.frame,
    linewidth: 1,
    automargin: false,
  };
  return [
    { ...bare, range: [-0.5, width - 0.5], constrain: "domain" },
    { ...bare, range: [height - 0.5, -0.5], constrain: "domain", scaleratio: 1 },
  ];
}

export interface PictureTraceOptions {
  range?: readonly [number, number];
  /** Shown when pointed at, beside the pixel's values. */
  label?: string;
  /** For a picture that lies under something else: no hover. */
  under?: boolean;
  opacity?: number;
  /** The side of the panel in pixels: larger pictures are smoothed when they are shrunk, smaller ones stay sharp. */
  shownWidth?: number;
}

/** A grey picture as a heatmap whose hover gives the value, an RGB one as an image whose hover gives the bytes. */
export function pictureTrace(
  picture: Picture,
  { range = [0, 1], label = "", under, opacity = 1, shownWidth = Infinity }: PictureTraceOptions = {},
): PlotlyTrace {
  const [low, high] = range;
  const zsmooth = picture.width > shownWidth ? "fast" : false;
  const shared = { opacity, zsmooth, ...(under ? { hoverinfo: "skip" } : {}) };
  const extra = `<extra>${escaped(label)}</extra>`;
  if (picture.channels === 1) {
    return {
      type: "heatmap",
      z: rows(picture, compact),
      zmin: low,
      zmax: high,
      colorscale: greys,
      showscale: false,
      ...shared,
      ...(under ? {} : { hovertemplate: `x %{x}, y %{y}<br>value %{z:.4~g}${extra}` }),
    };
  }
  const data = Uint8Array.from(picture.values as ArrayLike<number>, (value) =>
    Math.round((255 * Math.min(Math.max(value - low, 0), high - low)) / (high - low)),
  );
  // A picture file is smaller in a notebook than its numbers, and every pixel's bytes can still be read.
  const png = Buffer.from(encodePng({ height: picture.height, width: picture.width, channels: 3, data }));
  return {
    type: "image",
    source: `data:image/png;base64,${png.toString("base64")}`,
    ...shared,
    hoverlabel: { bgcolor: ink.normal },
    ...(under ? {} : { hovertemplate: `x %{x}, y %{y}<br>RGB %{color[0]}, %{color[1]}, %{color[2]} of 255${extra}` }),
  };
}

/**
 * A map of one value a pixel, coloured by a scale of the figure; one larger than its panel is smoothed when it is
 * shrunk.
 */
export function mapTrace(map: Picture, coloraxis: string, label = "", shownWidth = Infinity): PlotlyTrace {
  const peak = largest(map);
  const round = map.width * map.height > 10_000 && peak > 0 ? compactTo(peak) : compact;
  return {
    type: "heatmap",
    z: rows(map, round),
    coloraxis,
    zsmooth: map.width > shownWidth ? "fast" : false,
    hovertemplate: `x %{x}, y %{y}<br>value %{z:.4~g}<extra>${escaped(label)}</extra>`,
  };
}

/** A one-channel picture's values as rows. */
export function rows({ height, width, values }: Picture, round: (value: number) => number): number[][] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => round(values[y * width + x])),
  );
}

/** The largest absolute value. */
export function largest({ values }: Picture): number {
  let peak = 0;
  for (let i = 0; i < values.length; i++) peak = Math.max(peak, Math.abs(values[i]));
  return peak;
}

/** A picture's brightness as one channel (ITU-R BT.601 weights). */
export function brightness(picture: Picture): Picture {
  if (picture.channels !== 3) return picture;
  const { height, width, values } = picture;
  const luma = Array.from(
    { length: height * width },
    (_, i) => 0.299 * values[3 * i] + 0.587 * values[3 * i + 1] + 0.114 * values[3 * i + 2],
  );
  return { height, width, channels: 1, values: luma };
}
