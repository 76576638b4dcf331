// Frames of a film as pixels.
import { sansFamily } from "../faces";
import { rasterPixels, type RasterPixels } from "../render/rasterize";
import { renderPng } from "../show";
import type { PlotlyLayout, PlotlyTrace } from "../figure";
import type { Axes } from "../sheet";
import { ink } from "../style";
import { pngUrl } from "./recording-reel";
import { axisKey, tracesAt, type Reel, type ReelFrame } from "./reel";

export type PaintedFrame = RasterPixels;

interface Place {
  left: number;
  top: number;
  width: number;
  height: number;
  x: (value: number) => number;
  y: (value: number) => number;
}

/**
 * Paints the frames of a reel. Plotly draws what stays, once; what changes (pictures, texts, bars, lines with markers)
 * is drawn over it, a hundred times faster than Plotly would draw it all.
 */
export class ReelPainter {
  private constructor(
    private readonly reel: Reel,
    private readonly scale: number,
    private readonly ground: string,
    private readonly width: number,
    private readonly height: number,
  ) {}

  static async open(reel: Reel, scale: number): Promise<ReelPainter> {
    const { still } = reel,
      changing = new Set((await reel.frame(0)).traces);
    // Traces must be there, or their axes would not be; they are only emptied.
    const data = still.data.map((trace, i) => (changing.has(i) ? { ...trace, x: [], y: [], text: [] } : trace));
    const png = await renderPng({ data, layout: still.layout }, { scale });
    return new ReelPainter(
      reel,
      scale,
      `data:image/png;base64,${png.toString("base64")}`,
      Number(still.layout.width),
      Number(still.layout.height),
    );
  }

  async paint(index: number): Promise<PaintedFrame> {
    return rasterPixels(this.svg(await this.reel.frame(index)), this.scale);
  }

  private svg(frame: ReelFrame): string {
    const { still, panels } = this.reel,
      { width, height } = this,
      traces = tracesAt(still.data, frame);
    const place = (axes: Axes): Place => placeOf(still.layout, axes);
    const pictures = panels.map((axes, i) => {
      const { left, top, width: wide, height: tall } = place(axes),
        tile = frame.tiles[i];
      const sharp = tile.width >= wide ? "" : ` image-rendering="optimizeSpeed"`;
      return (
        `<image x="${left}" y="${top}" width="${wide}" height="${tall}" preserveAspectRatio="none"${sharp} ` +
        `xlink:href="${pngUrl(tile)}"/>` +
        `<rect x="${left}" y="${top}" width="${wide}" height="${tall}" fill="none" stroke="${ink.frame}"/>`
      );
    });
    const drawn = frame.traces.map((index) => traceSvg(traces[index], place(traces[index] as unknown as Axes)));
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" ` +
      `height="${height}" viewBox="0 0 ${width} ${height}">` +
      `<image x="0" y="0" width="${width}" height="${height}" xlink:href="${this.ground}"/>` +
      `${pictures.join("")}${drawn.join("")}</svg>`
    );
  }
}

/** Where a panel lies, in pixels, and its values in it. */
export function placeOf(layout: PlotlyLayout, { xaxis, yaxis }: Axes): Place {
  const [across, up] = [xaxis, yaxis].map(
    (axis) => layout[axisKey(axis)] as { domain: [number, number]; range: [number, number] },
  );
  const width = Number(layout.width),
    height = Number(layout.height);
  const left = across.domain[0] * width,
    right = across.domain[1] * width,
    top = (1 - up.domain[1]) * height,
    bottom = (1 - up.domain[0]) * height;
  const along =
    ([from, to]: [number, number], start: number, end: number) =>
    (value: number): number =>
      start + ((value - from) / (to - from)) * (end - start);
  return {
    left,
    top,
    width: right - left,
    height: bottom - top,
    x: along(across.range, left, right),
    y: along(up.range, bottom, top),
  };
}

/** The kinds of traces that a film changes. */
function traceSvg(trace: PlotlyTrace, place: Place): string {
  const { x, y } = place,
    xs = trace.x as (number | null)[],
    ys = trace.y as (number | null)[],
    marker = trace.marker as { color?: string | string[]; size?: number[] } | undefined;
  if (trace.type === "bar") {
    const thick = 0.75 * Math.abs(y(1) - y(0));
    return xs
      .map((value, i) => {
        const color = Array.isArray(marker?.color) ? marker.color[i] : marker?.color;
        return (
          `<rect x="${x(0)}" y="${y(ys[i]!) - thick / 2}" width="${Math.max(0, x(value!) - x(0))}" height="${thick}" ` +
          `fill="${color}"/>`
        );
      })
      .join("");
  }
  if (trace.mode === "text") {
    const { size, color } = trace.textfont as { size: number; color: string },
      left = trace.textposition === "middle right";
    // Plotly's HTML is SVG but for the tag of bold text.
    const text = String((trace.text as string[])[0])
      .replace(/<b>/g, '<tspan font-weight="bold">')
      .replace(/<\/b>/g, "</tspan>");
    return (
      `<text x="${x(xs[0]!)}" y="${y(ys[0]!) + 0.36 * size}" text-anchor="${left ? "start" : "middle"}" ` +
      `font-family="${sansFamily}" font-size="${size}" fill="${color}" xml:space="preserve">${text}</text>`
    );
  }
  const line = trace.line as { color: string; width: number },
    at = xs.map((value, i) => (value === null || ys[i] === null ? undefined : ([x(value), y(ys[i])] as const)));
  const whole = at.filter((point) => point !== undefined);
  const path = whole.length
    ? `<polyline points="${whole.map((point) => point.join(",")).join(" ")}" fill="none" stroke="${line.color}" ` +
      `stroke-width="${line.width}" stroke-dasharray="3,3"/>`
    : "";
  return (
    path +
    at
      .map((point, i) =>
        point && marker?.size?.[i]
          ? `<circle cx="${point[0]}" cy="${point[1]}" r="${marker.size[i] / 2}" fill="${String(marker.color)}"/>`
          : "",
      )
      .join("")
  );
}
