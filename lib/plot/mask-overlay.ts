import { atWidths } from "./at-widths";
import type { Figure } from "./figure";
import { checkOptions, number, type Schema } from "../core/options";
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
import { pictureTrace, checkChannels, checkRange, readPictures, type Picture, type Pictures } from "./pictures";
import { readRegions, regionOutline, type Region } from "./map-panel";
import { Sheet } from "./sheet";
import { maskColor } from "./style";

export interface MaskOverlayOptions {
  /** Text above each image, one for each. Default: none. */
  titles?: readonly string[];
  /** Text above all. Default: none. */
  title?: string;
  /** Images in a row. Integer from 1 to 20. Default: all up to 5, else rows of equal length. */
  columns?: number;
  /** How much the marking hides of the image. Number above 0 and at most 1. Default: 0.4. */
  opacity?: number;
  /** What the figure shows. Default: how large the marked region is. */
  caption?: string;
}

export const maskOverlayOptions = {
  titles: titlesOption("text above each image"),
  columns: columnsOption(5),
  opacity: number({ above: 0, most: 1, default: 0.4, help: "how much the marking hides of the image" }),
  ...plotTexts("how large the marked region is"),
} satisfies Schema<MaskOverlayOptions>;

/**
 * Images with a region marked, for instance the one that an occlusion attack has set to 0.
 * @param images grey or RGB in [0, 1], [n, height, width, channels]
 * @param masks the same heights and widths; whatever is not 0 (or false) is marked. One for each image, or one for all.
 * @throws BadInputError for a wrong shape, values out of range or not finite, counts and sizes that do not match
 */
export async function maskOverlay(
  images: Pictures,
  masks: Pictures,
  options: MaskOverlayOptions = {},
): Promise<Figure> {
  const checked = checkOptions(maskOverlayOptions, options),
    { opacity } = checked;
  const pictures = await readPictures(images, "images");
  checkChannels(pictures, "images");
  checkRange(pictures, [0, 1], "images");
  const regions = await readRegions(masks, pictures);
  const titles = checkedTitles(checked.titles, pictures.length, "titles");

  return atWidths((room) => {
    const columns = besideEachOther(columnsFor(checked.columns, pictures.length), { room });
    const grid = panelColumns({
      room,
      columns,
      aspect: Math.max(...pictures.map(({ height, width }) => height / width)),
    });
    const sheet = new Sheet(grid.width);
    const { bottom } = inRows(sheet, { titles, grid, columns, y: writeHeading(sheet, checked.title) }, (i, frame) => {
      const picture = pictures[i];
      const axes = sheet.picturePanel(frame, picture);
      sheet.add(pictureTrace(picture, { label: titles[i], shownWidth: frame.width }), axes);
      const inside = regions[i];
      const z = Array.from({ length: picture.height }, (_, row) =>
        Array.from({ length: picture.width }, (_, x) => (inside(x, row) ? 1 : null)),
      );
      sheet.add(
        {
          type: "heatmap",
          z,
          zmin: 0,
          zmax: 1,
          colorscale: [
            [0, maskColor],
            [1, maskColor],
          ],
          showscale: false,
          zsmooth: false,
          opacity,
          hoverinfo: "skip",
        },
        axes,
      );
      sheet.add(regionOutline(inside, picture.width, picture.height, { color: maskColor, width: 2 }), axes);
    });
    return sheet.finish(bottom, checked.caption ?? captionOf(pictures, regions));
  });
}

function captionOf(pictures: readonly Picture[], regions: readonly Region[]): string {
  const shares = pictures.map(({ width, height }, i) => {
    let count = 0;
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (regions[i](x, y)) count++;
    return count / (width * height);
  });
  const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;
  return (
    `The marked region covers ${shares.map(percent).join(", ")} of the ` +
    `${pictures.length === 1 ? "image" : "images"}.`
  );
}
