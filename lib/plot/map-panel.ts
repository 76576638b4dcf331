// One map as a panel: its colours, the image below it, the region around it.
import { badInput } from "../core/errors";
import { number, oneOf, other, type Checked, type Schema } from "../core/options";
import type { Sign } from "./map-values";
import {
  brightness,
  mapTrace,
  pictureTrace,
  checkChannels,
  checkCount,
  checkRange,
  checkSameSize,
  readPictures,
  type Picture,
  type Pictures,
} from "./pictures";
import type { Axes, Frame, Sheet } from "./sheet";
import { diverging, maskColor, seeThrough, sequential, type ColorScale } from "./style";
import type { PlotlyTrace } from "./figure";

export interface OverlayOptions {
  /** The images that the maps explain, one for each map, values in [0, 1]. Default: none; the maps stand alone. */
  images?: Pictures;
  /**
   * `outline`: the edge of what is brighter than `outlineAt` in the image, drawn on the map; `image`: the map laid over
   * the image, clear where it is 0; `none`. Default: `outline` if there are images.
   */
  overlay?: "none" | "outline" | "image";
  /**
   * How much of the image the strongest colours hide, with `overlay: "image"`. Number above 0 and at most 1. Default:
   * 0.9.
   */
  opacity?: number;
  /** Brightness at which the outline runs. Number from 0 to 1. Default: 0.1. */
  outlineAt?: number;
  /** Regions to frame on every map, for instance what was occluded: masks as in `maskOverlay`. Default: none. */
  masks?: Pictures;
}

const overlays = ["none", "outline", "image"] as const;

export const overlayOptions = {
  images: other<Pictures>("images in [0, 1]", {
    rule: "none; the maps stand alone",
    help: "the images that the maps explain, one for each",
  }),
  overlay: oneOf(overlays, {
    rule: "outline if there are images",
    help: "outline: the image's edges on the map; image: the map laid over the image",
  }),
  opacity: number({ above: 0, most: 1, default: 0.9, help: "how much of the image the strongest colours hide" }),
  outlineAt: number({ least: 0, most: 1, default: 0.1, help: "brightness at which the outline runs" }),
  masks: other<Pictures>("masks", { help: "regions to frame on every map" }),
} satisfies Schema<OverlayOptions>;

interface Overlay {
  kind: (typeof overlays)[number];
  images: readonly Picture[];
  opacity: number;
  outlineAt: number;
  regions: readonly Region[];
}

/** Checks the options against the maps and reads the images. */
export async function checkedOverlay(
  options: Checked<typeof overlayOptions>,
  maps: readonly Picture[],
): Promise<Overlay> {
  const { outlineAt, opacity, overlay: kind = options.images ? "outline" : "none" } = options;
  if (!options.images) {
    if (kind !== "none")
      badInput({ what: "images", got: undefined, allowed: `the images that the maps explain, with overlay "${kind}"` });
    return {
      kind,
      images: [],
      opacity,
      outlineAt,
      regions: options.masks ? await readRegions(options.masks, maps) : [],
    };
  }
  const images = await readPictures(options.images, "images");
  checkChannels(images, "images");
  checkRange(images, [0, 1], "images");
  checkCount(images.length, maps.length, "images", "maps");
  maps.forEach((map, i) => checkSameSize(map, images[i], `maps[${i}]`));
  return { kind, images, opacity, outlineAt, regions: options.masks ? await readRegions(options.masks, images) : [] };
}

/** White at exactly 0 for signed maps, from white on for magnitudes. */
export const scaleOf = (sign: Sign): ColorScale => (sign === "signed" ? diverging : sequential);

/** The colour scale for maps of a sign, clear at 0 if they lie over images. */
export function overlayScale(sign: Sign, { kind, opacity }: Pick<Overlay, "kind" | "opacity">): ColorScale {
  return kind === "image" ? seeThrough(sign, opacity) : scaleOf(sign);
}

/** Draws one map with its image or outline. */
export function drawMap(
  sheet: Sheet,
  frame: Frame,
  map: Picture,
  coloraxis: string,
  { sign, overlay, index, label }: { sign: Sign; overlay: Overlay; index: number; label?: string },
): void {
  const axes = sheet.picturePanel(frame, map);
  const image = overlay.images[index];
  // Over a faded image both ends of the scale stay legible.
  if (overlay.kind === "image")
    sheet.add(pictureTrace(image, { under: true, opacity: 0.45, shownWidth: frame.width }), axes);
  sheet.add(mapTrace(map, coloraxis, label, frame.width), axes);
  if (overlay.kind === "outline") {
    const { values } = brightness(image);
    const color = sign === "signed" ? "rgba(20,20,20,0.75)" : "rgba(255,255,255,0.85)";
    sheet.add(
      regionOutline((x, y) => values[y * image.width + x] > overlay.outlineAt, image.width, image.height, {
        color,
        width: 1,
      }),
      axes,
    );
  }
  frameRegion(sheet, axes, map, overlay.regions[index]);
}

/** Draws the frame of a region, if there is one. */
export function frameRegion(sheet: Sheet, axes: Axes, { width, height }: Picture, region: Region | undefined): void {
  if (region) sheet.add(regionOutline(region, width, height, { color: maskColor, width: 2 }), axes);
}

/** Signed scales reach as far below 0 as above it, so that the middle colour means 0. */
export const rangeOf = (sign: Sign, limit: number): [number, number] => [sign === "signed" ? -limit : 0, limit];

/** Height to leave below a panel for its colour bar. */
export const barBelowHeight = 34;

/**
 * The place of a panel's own colour bar: narrower than the panel, so that the numbers at its ends keep clear of the
 * neighbours'.
 */
export const barBelow = ({ left, top, width, height }: Frame): Frame => {
  const inset = Math.min(24, width / 6);
  return { left: left + inset, top: top + height + 8, width: width - 2 * inset, height: 8 };
};

/** What the colours of a map say. */
export function meaning(sign: Sign, overlay: Overlay["kind"]): string {
  if (sign === "magnitude")
    return (
      `The ${overlay === "image" ? "stronger the colour of" : "brighter"} a pixel, the more the score depends on ` +
      `it.`
    );
  return (
    `Red pixels raise the score of the class that is explained, blue ones lower it, ` +
    `${overlay === "image" ? "clear" : "white"} ones do nothing.`
  );
}

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
