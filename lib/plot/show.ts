// Where a figure goes: into the notebook, or as a picture.
import { join } from "node:path";
import { notebookHost, type MimeBundle } from "../runtime/host";
import { writeAtomically } from "../core/files";
import { badInput, VitrineError } from "../core/errors";
import { checkOption, checkOptions, number, type Schema } from "../core/options";
import type { Figure } from "./figure";
import { plotlyPage } from "./render/page";
import { rasterPng, readableByResvg } from "./render/rasterize";

let written = 0;

/**
 * Shows figures: in a notebook as live plots; in plain Node by printing their captions, and, with `VITRINE_PLOTS=DIR`
 * set, by writing `DIR/01-….png` and so on. Promises of figures may be passed as they are.
 * @throws BadInputError for what is no figure; FileError when DIR cannot be written
 */
export async function show(figures: Figure | Promise<Figure> | readonly (Figure | Promise<Figure>)[]): Promise<void> {
  const all = await Promise.all(Array.isArray(figures) ? figures : [figures]);
  all.forEach(checkFigure);
  const host = notebookHost();
  for (const figure of all) {
    if (host) host.display(await mimeBundle(figure));
    else await showInTerminal(figure);
  }
}

async function showInTerminal(figure: Figure): Promise<void> {
  const folder = process.env.VITRINE_PLOTS;
  if (!folder) return console.log(figure.caption);
  const slug = figure.caption
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-|-$/g, "");
  const file = join(folder, `${String(++written).padStart(2, "0")}-${slug || "figure"}.png`);
  await writeAtomically(file, await renderPng(figure));
  console.log(`${figure.caption} (${file})`);
}

export function checkFigure(figure: Figure): void {
  const isFigure =
    typeof figure === "object" &&
    figure !== null &&
    Array.isArray(figure.data) &&
    typeof figure.layout === "object" &&
    typeof figure.caption === "string";
  if (!isFigure)
    badInput({
      what: "figure",
      got: figure,
      allowed: "a figure, or an array of figures",
      remedy: "Make one with imageGrid, attributionGrid, … or figure({data, layout, caption}).",
    });
}

const plotlyMime = "application/vnd.plotly.v1+json";

// Plotly 4 would offer to send the plot to a cloud service; a notebook's figures stay where they are.
const config = { displaylogo: false, showSendToCloud: false, modeBarButtonsToRemove: ["lasso2d", "select2d"] };

let toldOfMissingPictures = false;

/**
 * What a notebook stores of a figure: the live plot, the picture beside it for readers without the renderer, the
 * caption for those who cannot see. No text/html: it would carry 5 MB of Plotly and be blank in a notebook not trusted.
 */
export async function mimeBundle(figure: Figure): Promise<MimeBundle> {
  const { data, layout, narrow, frames, caption } = figure;
  const bundle: MimeBundle = {
    [plotlyMime]: { data, layout, config, ...(narrow ? { narrow } : {}), ...(frames ? { frames } : {}) },
    "text/plain": caption,
  };
  try {
    bundle["image/png"] = (await light(await renderPng(figure))).toString("base64");
  } catch (error) {
    // The live plot is still worth showing where the picture cannot be made.
    if (!toldOfMissingPictures)
      console.warn(`Plots are shown without a picture beside them: ${(error as Error).message}`);
    toldOfMissingPictures = true;
  }
  return bundle;
}

const large = 150_000;

/**
 * Photographs and their maps make pictures of megabytes, a dozen to a sheet: those get a palette of 256 colours, a
 * third of the size.
 */
async function light(png: Buffer): Promise<Buffer> {
  if (png.length < large) return png;
  const sharp = require("sharp") as typeof import("sharp").default;
  return sharp(png).removeAlpha().png({ palette: true, effort: 3, compressionLevel: 9 }).toBuffer();
}

/** How a figure becomes a picture. */
export interface RenderOptions {
  /** Width of the figure in CSS pixels. Number from 10 to 10,000. Default: the layout's, or 700. */
  width?: number;
  /** Height of the figure in CSS pixels. Number from 10 to 10,000. Default: the layout's, or 450. */
  height?: number;
  /** Pixels of the picture per CSS pixel. Number above 0 and at most 8. Default: 1. */
  scale?: number;
}

const usual = { width: 700, height: 450 } as const;
const sideOption = (side: keyof typeof usual) =>
  number({
    least: 10,
    most: 10_000,
    rule: `the layout's, or ${usual[side]}`,
    unit: "pixels",
    help: `${side} of the figure`,
  });

export const renderOptions = {
  width: sideOption("width"),
  height: sideOption("height"),
  scale: number({ above: 0, most: 8, default: 1, help: "pixels of the picture per CSS pixel" }),
} satisfies Schema<RenderOptions>;

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
  const { scale } = checkOptions(renderOptions, options);
  return rasterPng(await renderSvg(figure, options), scale);
}

/** The same as an SVG file, with sizes in CSS pixels. */
export async function renderSvg(figure: Pick<Figure, "data" | "layout">, options: RenderOptions = {}): Promise<string> {
  const given = checkOptions(renderOptions, options),
    { plotly, adopt, clear } = plotlyPage();
  // A layout of one's own is checked in the same way.
  const sideOf = (side: keyof typeof usual): number =>
    checkOption(side, renderOptions[side], given[side] ?? figure.layout?.[side] ?? usual[side]) as number;
  const size = { width: sideOf("width"), height: sideOf("height") };
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
