// How wide text is in a browser, which measures by itself.
import { faceOf, monoFamily, sansFamily, type Face } from "./faces";

export type { Face } from "./faces";

/** What a browser has in the place of DejaVu is narrower: so that lines which fit here fit there, too. */
const WIDER = 1.12;

let context: OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D | undefined;

/** The width of one line of text in pixels, as wide as DejaVu would be at the most. */
export function textWidth(text: string, size: number, face: Face = "sans"): number {
  context ??= (
    typeof OffscreenCanvas === "undefined" ? document.createElement("canvas") : new OffscreenCanvas(1, 1)
  ).getContext("2d") as CanvasRenderingContext2D;
  const family = face.startsWith("mono") ? `"${monoFamily}", monospace` : `"${sansFamily}", Verdana, sans-serif`;
  const style = ["italic", "bold"].filter((each) => face.includes(each)).join(" ");
  context.font = `${style} ${size}px ${family}`;
  return context.measureText(text).width * WIDER;
}

/** How far a face's lines reach above and below the baseline, in pixels, both positive. */
export const lineExtent = (size: number): { above: number; below: number } => ({
  above: 0.93 * size,
  below: 0.24 * size,
});

export { faceOf };
