import type { Orientation } from "./exif-orientation";
import type { Pixels } from "./pixels";

/** The picture as it was seen: turned back by its orientation. */
export function upright(image: Pixels, orientation: Orientation): Pixels {
  if (orientation === 1) return image;
  // From 5 on, rows are columns.
  const turned = orientation >= 5,
    { channels } = image;
  const height = turned ? image.width : image.height,
    width = turned ? image.height : image.width;
  const fromRight = [2, 3, 7, 8].includes(orientation),
    fromBelow = [3, 4, 6, 7].includes(orientation);
  const data = new Uint8Array(image.data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [row, column] = turned ? [x, y] : [y, x];
      const fromRow = fromBelow ? image.height - 1 - row : row;
      const fromColumn = fromRight ? image.width - 1 - column : column;
      const from = (fromRow * image.width + fromColumn) * channels,
        to = (y * width + x) * channels;
      for (let c = 0; c < channels; c++) data[to + c] = image.data[from + c];
    }
  return { height, width, channels, data };
}
