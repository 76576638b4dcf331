import { badInput, VitrineError } from "../core/errors";
import type { Figure } from "./figure";
import { plotlyPage } from "./render/page";
import { rasterPng } from "./render/rasterize";
import { readableByResvg } from "./render/readable-svg";

/** How a figure becomes a picture. */
export interface RenderOptions {
  /** Width of the figure in CSS pixels, 10 … 10 000. Default: the layout's, or 700. */
  width?: number;
  /** Height of the figure in CSS pixels, 10 … 10 000. Default: the layout's, or 450. */
  height?: number;
  /** Pixels of the picture per CSS pixel, above 0 and at most 8. Default: 1. */
  scale?: number;
}

/**
 * Draws a figure without a browser. The first call loads Plotly (about a second), later ones take about 0.2 s.
 * Text is set in DejaVu, whatever fonts the machine has; figures that need WebGL are not drawn.
 * @returns a PNG file of `scale × width` by `scale × height` pixels
 * @throws BadInputError for a size out of range; VitrineError for a figure that cannot be drawn
 */
export async function renderPng(figure: Pick<Figure, "data" | "layout">, options: RenderOptions = {}): Promise<Buffer> {
  if (!Array.isArray(figure?.data))
    badInput({
      what: "figure.data",
      got: figure?.data,
      allowed: "an array of Plotly traces",
      remedy: "Pass what a plot function returned; did you forget await?",
    });
  const { scale = 1 } = options;
  if (!(scale > 0 && scale <= 8)) badInput({ what: "scale", got: scale, allowed: "a number above 0 and at most 8" });
  return rasterPng(await renderSvg(figure, options), scale);
}

/** The same as an SVG file, with sizes in CSS pixels. */
export async function renderSvg(
  figure: Pick<Figure, "data" | "layout">,
  { width, height }: RenderOptions = {},
): Promise<string> {
  const { plotly, adopt, clear } = plotlyPage();
  const size = {
    width: checkedSize("width", width ?? figure.layout?.width ?? 700),
    height: checkedSize("height", height ?? figure.layout?.height ?? 450),
  };
  const sharp: string[] = [];
  const data = figure.data.map((trace) => {
    if (trace.type !== "image" || typeof trace.source !== "string") return trace;
    if (trace.zsmooth !== "fast") sharp.push(trace.source);
    // Asks Plotly to put the source itself into the SVG instead of magnifying it pixel by pixel.
    return { ...trace, zsmooth: "fast" };
  });
  try {
    const svg = await plotly.toImage(adopt({ data, layout: figure.layout ?? {} }), {
      format: "svg",
      imageDataOnly: true,
      ...size,
    });
    return readableByResvg(svg, sharp);
  } catch (error) {
    clear();
    throw new VitrineError(
      `Plotly could not draw the figure: ${String((error as Error)?.message ?? error).split("\n")[0]}`,
    );
  }
}

function checkedSize(what: string, value: unknown): number {
  if (typeof value !== "number" || !(value >= 10 && value <= 10_000))
    badInput({ what, got: value, allowed: "a number of pixels from 10 to 10000" });
  return value;
}
