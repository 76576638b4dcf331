import type { PlotlyTrace } from "./figure";
import { checkSameSize, checkCount, readPictures, type Picture, type Pictures } from "./pictures";

/** Whether a pixel belongs to a region. */
export type Region = (x: number, y: number) => boolean;

/**
 * Reads the regions that masks mark: whatever is not 0 (or false), in any channel. One mask for each image, or one for
 * all.
 * @throws BadInputError for counts and sizes that do not match
 */
export async function readRegions(masks: Pictures, images: readonly Picture[]): Promise<Region[]> {
  const given = await readPictures(masks, "masks");
  if (given.length !== 1) checkCount(given.length, images.length, "masks", "images");
  return images.map((image, i) => {
    const { width, channels, values } = given[given.length === 1 ? 0 : i];
    checkSameSize(given[given.length === 1 ? 0 : i], image, given.length === 1 ? "masks" : `masks[${i}]`);
    return (x, y) => {
      for (let c = 0; c < channels; c++) if (values[(y * width + x) * channels + c] !== 0) return true;
      return false;
    };
  });
}

/**
 * The edges between the pixels inside a region and those outside, as one line trace: it follows the pixels' borders
 * exactly. Edges in a row become one stroke, so that the trace stays small.
 */
export function regionOutline(
  inside: Region,
  width: number,
  height: number,
  line: { color: string; width: number },
): PlotlyTrace {
  const xs: (number | null)[] = [];
  const ys: (number | null)[] = [];
  const within = (x: number, y: number): boolean => x >= 0 && y >= 0 && x < width && y < height && inside(x, y);
  const strokes = (
    length: number,
    across: number,
    isEdge: (along: number, at: number) => boolean,
    draw: (from: number, to: number, at: number) => void,
  ): void => {
    for (let at = 0; at <= across; at++) {
      for (let along = 0; along < length; along++) {
        if (!isEdge(along, at)) continue;
        const from = along;
        while (along + 1 < length && isEdge(along + 1, at)) along++;
        draw(from - 0.5, along + 0.5, at - 0.5);
      }
    }
  };
  strokes(
    width,
    height,
    (x, y) => within(x, y - 1) !== within(x, y),
    (from, to, y) => {
      xs.push(from, to, null);
      ys.push(y, y, null);
    },
  );
  strokes(
    height,
    width,
    (y, x) => within(x - 1, y) !== within(x, y),
    (from, to, x) => {
      xs.push(x, x, null);
      ys.push(from, to, null);
    },
  );
  return {
    type: "scatter",
    mode: "lines",
    x: xs,
    y: ys,
    line: { ...line, simplify: false },
    hoverinfo: "skip",
    cliponaxis: false,
  };
}
