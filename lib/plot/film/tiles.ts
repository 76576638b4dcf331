// Maps and images as tiles of a picture, small enough for hundreds of frames.
import { resize } from "../../data/resize";
import type { Pixels } from "../../data/image-files";
import type { Sign } from "../map-values";
import type { Picture } from "../pictures";
import { barColors, diverging, sequential, type ColorScale } from "../style";

/** A scale's 256 colours, three bytes each. */
function colours(scale: ColorScale): Uint8Array {
  const table = new Uint8Array(768),
    part = (color: string, channel: number): number => parseInt(color.slice(1 + 2 * channel, 3 + 2 * channel), 16);
  for (let byte = 0; byte < 256; byte++) {
    const at = byte / 255,
      upper = Math.max(
        1,
        scale.findIndex(([end]) => end >= at),
      ),
      [[low, from], [high, to]] = [scale[upper - 1], scale[upper]];
    for (let channel = 0; channel < 3; channel++)
      table[3 * byte + channel] = Math.round(
        part(from, channel) + ((at - low) / (high - low)) * (part(to, channel) - part(from, channel)),
      );
  }
  return table;
}
const tables = { signed: colours(diverging), magnitude: colours(sequential) } as const;

/**
 * All colours of both scales and of bars and texts, often enough to count beside a picture: red, green, blue, opaque.
 */
export function scaleColours(): Uint8Array {
  const said = Object.values(barColors).map((color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)));
  const all = [
    ...Object.values(tables).flatMap((table) =>
      Array.from({ length: 256 }, (_, i) => Array.from(table.subarray(3 * i, 3 * i + 3))),
    ),
    ...said,
    ...said,
    ...said,
    ...said,
  ];
  return Uint8Array.from(
    Array.from({ length: 24 }, () => all)
      .flat()
      .flatMap((color) => [...color, 255]),
  );
}

export interface TileOptions {
  /** Value that gets the scale's last colour. */
  limit: number;
  sign: Sign;
  /** Pixels of the tile: the map is enlarged by repetition, or shrunk smoothly. */
  height: number;
  width: number;
  /** Pixels of the tile that an outline is drawn on. */
  outline?: Int32Array;
}

/** A map as it is seen, in colours. */
export function mapTile(map: Picture, { limit, sign, height, width, outline }: TileOptions): Pixels {
  const table = tables[sign],
    [zero, scale] = sign === "signed" ? [127.5, 127.5] : [0, 255],
    count = map.height * map.width,
    data = new Uint8Array(3 * count);
  for (let i = 0; i < count; i++) {
    const byte = Math.round(zero + scale * Math.max(-1, Math.min(1, map.values[i] / limit)));
    data.set(table.subarray(3 * byte, 3 * byte + 3), 3 * i);
  }
  const tile = sized({ height: map.height, width: map.width, channels: 3, data }, height, width);
  const grey = sign === "signed" ? 40 : 235;
  outline?.forEach((pixel) => {
    for (let c = 3 * pixel; c < 3 * pixel + 3; c++) tile.data[c] = Math.round(0.35 * tile.data[c] + 0.65 * grey);
  });
  return tile;
}

/** An image in [0, 1] as it is seen. */
export function imageTile(image: Picture, height: number, width: number): Pixels {
  const data = Uint8Array.from({ length: 3 * image.height * image.width }, (_, i) =>
    Math.round(255 * Math.max(0, Math.min(1, image.values[image.channels === 3 ? i : Math.floor(i / 3)]))),
  );
  return sized({ height: image.height, width: image.width, channels: 3, data }, height, width);
}

/** Enlarged by repetition, so that pixels are seen as such; or shrunk. */
function sized(picture: Pixels, height: number, width: number): Pixels {
  if (height < picture.height || width < picture.width) return resize(picture, height, width);
  const data = new Uint8Array(3 * height * width);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from =
          3 * (Math.floor((y * picture.height) / height) * picture.width + Math.floor((x * picture.width) / width)),
        to = 3 * (y * width + x);
      data[to] = picture.data[from];
      data[to + 1] = picture.data[from + 1];
      data[to + 2] = picture.data[from + 2];
    }
  return { height, width, channels: 3, data };
}

/** The pixels of a tile where a region of its map begins or ends. */
export function outlinePixels(
  { height, width }: { height: number; width: number },
  map: Pick<Picture, "height" | "width">,
  inside: (x: number, y: number) => boolean,
): Int32Array {
  const region = Uint8Array.from({ length: height * width }, (_, i) =>
    Number(
      inside(Math.floor(((i % width) * map.width) / width), Math.floor((Math.floor(i / width) * map.height) / height)),
    ),
  );
  const edge = (i: number): boolean =>
    (i % width < width - 1 && region[i + 1] !== region[i]) ||
    (i + width < region.length && region[i + width] !== region[i]);
  return Int32Array.from(region.keys()).filter(edge);
}

/** Tiles of one size in rows of a sheet. */
export interface TileSheet {
  readonly columns: number;
  readonly rows: number;
  readonly pixels: Pixels;
}

/** Browsers hold no picture of any length. */
const widestSheet = 4000;

export function tileSheet(tiles: readonly Pixels[]): TileSheet {
  const { height, width } = tiles[0],
    columns = Math.max(1, Math.min(tiles.length, Math.floor(widestSheet / width))),
    rows = Math.ceil(tiles.length / columns);
  const data = new Uint8Array(3 * rows * height * columns * width).fill(255);
  tiles.forEach((tile, i) => {
    const left = (i % columns) * width,
      top = Math.floor(i / columns) * height;
    for (let y = 0; y < height; y++)
      data.set(tile.data.subarray(3 * y * width, 3 * (y + 1) * width), 3 * ((top + y) * columns * width + left));
  });
  return { columns, rows, pixels: { height: rows * height, width: columns * width, channels: 3, data } };
}

/**
 * Where tile `index` lies in a sheet whose tiles are 1 by 1 and whose first is on the upper left: the ranges of the two
 * axes.
 */
export function tileRanges(
  { columns, rows }: Pick<TileSheet, "columns" | "rows">,
  index: number,
): { x: [number, number]; y: [number, number] } {
  const column = index % columns,
    below = rows - 1 - Math.floor(index / columns);
  return { x: [column, column + 1], y: [below, below + 1] };
}
