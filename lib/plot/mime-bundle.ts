import type { MimeBundle } from "../runtime/host";
import type { Figure } from "./figure";
import { renderPng } from "./render-png";

export const plotlyMime = "application/vnd.plotly.v1+json";

// Plotly 4 would offer to send the plot to a cloud service; a notebook's figures stay where they are.
const config = { displaylogo: false, showSendToCloud: false, modeBarButtonsToRemove: ["lasso2d", "select2d"] };

let toldOfMissingPictures = false;

/**
 * What a notebook stores of a figure: the live plot, the picture beside it for readers without the renderer, the
 * caption for those who cannot see. No text/html: it would carry 5 MB of Plotly and be blank in a notebook not trusted.
 */
export async function mimeBundle(figure: Figure): Promise<MimeBundle> {
  const { data, layout, frames, caption } = figure;
  const bundle: MimeBundle = {
    [plotlyMime]: { data, layout, config, ...(frames ? { frames } : {}) },
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
