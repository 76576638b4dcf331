import { atWidths } from "./at-widths";
import { checkOptions, other, type Schema } from "../core/options";
import type { Figure } from "./figure";
import {
  checkedTitles,
  besideEachOther,
  columnsFor,
  columnsOption,
  inRows,
  panelColumns,
  plotTexts,
  titlesOption,
  writeHeading,
} from "./panel-grid";
import { pictureTrace, checkChannels, checkRange, readPictures, type Pictures } from "./pictures";
import { Sheet } from "./sheet";

export interface ImageGridOptions {
  /** Text above each image, one for each. Default: none. */
  titles?: readonly string[];
  /** Text above all. Default: none. */
  title?: string;
  /** Images in a row. Integer from 1 to 20. Default: all up to 5, else rows of equal length. */
  columns?: number;
  /** Values shown as black and as white, the same for all images. Default: [0, 1]. */
  range?: readonly [number, number];
  /** What the figure shows. Default: the number of images and their range. */
  caption?: string;
}

const isRange = (value: unknown): boolean => Array.isArray(value) && value.length === 2 && value[0] < value[1];

export const imageGridOptions = {
  titles: titlesOption("text above each image"),
  columns: columnsOption(5),
  range: other<readonly [number, number]>("[low, high] with low below high", {
    is: isRange,
    default: [0, 1],
    help: "values shown as black and as white",
  }),
  ...plotTexts("the number of images and their range"),
} satisfies Schema<ImageGridOptions>;

/**
 * Images side by side, every pixel sharp; pointing at one shows its position and value.
 * @param images grey or RGB: [n, height, width, 1 or 3], one image, or a list of images of any sizes
 * @throws BadInputError for a wrong shape, values outside the range or not finite, too few or too many titles
 * @example show(imageGrid(data.images, { titles: data.labels.map((label) => data.classNames[label]) }))
 */
export async function imageGrid(images: Pictures, options: ImageGridOptions = {}): Promise<Figure> {
  const checked = checkOptions(imageGridOptions, options),
    { range, title } = checked;
  const pictures = await readPictures(images, "images");
  checkChannels(pictures, "images");
  checkRange(pictures, range, "images");
  const titles = checkedTitles(checked.titles, pictures.length, "titles");

  return atWidths((room) => {
    const columns = besideEachOther(columnsFor(checked.columns, pictures.length), { room });
    const grid = panelColumns({
      room,
      columns,
      aspect: Math.max(...pictures.map(({ height, width }) => height / width)),
    });
    const sheet = new Sheet(grid.width);
    const { bottom } = inRows(sheet, { titles, grid, columns, y: writeHeading(sheet, title) }, (i, frame) => {
      const trace = pictureTrace(pictures[i], { range, label: titles[i] ?? "", shownWidth: frame.width });
      sheet.add(trace, sheet.picturePanel(frame, pictures[i]));
    });
    return sheet.finish(bottom, checked.caption ?? captionOf(pictures.length, pictures[0].channels, range));
  });
}

function captionOf(count: number, channels: number, [low, high]: readonly [number, number]): string {
  const what = count === 1 ? "One image" : `${count} images`;
  return channels === 1 ? `${what}: black is ${low}, white is ${high}.` : `${what}, colours from ${low} to ${high}.`;
}
