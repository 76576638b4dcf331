import type { PlotlyTrace } from "./figure";
import type { Sign } from "./map-values";
import type { Picture } from "./pictures";
import { escaped } from "./wrap-text";

/** How far the byte values of a relative map reach. */
export const relativeEnd: Readonly<Record<Sign, number>> = { signed: 127, magnitude: 255 };

/**
 * A map as shares of `limit`, one byte a pixel: a figure of many large maps then weighs a quarter of what its numbers
 * would.
 * @param shownWidth of the panel in pixels: a larger map is smoothed when it is shrunk, or single pixels would vanish
 */
export function relativeMapTrace(
  map: Picture,
  limit: number,
  sign: Sign,
  coloraxis: string,
  { label, shownWidth }: { label: string; shownWidth: number },
): PlotlyTrace {
  const end = relativeEnd[sign];
  const bytes = Int16Array.from(map.values as ArrayLike<number>, (value) =>
    Math.round(end * Math.max(-1, Math.min(1, value / limit))),
  );
  return {
    type: "heatmap",
    coloraxis,
    zsmooth: map.width > shownWidth ? "fast" : false,
    z: {
      dtype: sign === "signed" ? "i1" : "u1",
      shape: `${map.height}, ${map.width}`,
      bdata: Buffer.from(Uint8Array.from(bytes)).toString("base64"),
    },
    hovertemplate: `x %{x}, y %{y}<br>%{z} of ${end}<extra>${escaped(label)}</extra>`,
  };
}
