import { atWidths } from "./at-widths";
import type { Figure } from "./figure";
import {
  barBelow,
  barBelowHeight,
  checkedOverlay,
  drawMap,
  frameRegion,
  meaning,
  overlayOptions,
  overlayScale,
  rangeOf,
  type OverlayOptions,
} from "./map-panel";
import { checkOptions, without, type Schema } from "../core/options";
import { mapReading, readMethods, scaleLimit, signsOption, type MapReading, type Sign } from "./map-values";
import {
  checkedTitles,
  methodScaleOption,
  panelColumns,
  plotTexts,
  rowTitleWidth,
  titlesOption,
  writeHeading,
  writeRowTitle,
  writeTitles,
  besideEachOther,
  chunks,
} from "./panel-grid";
import { pictureTrace, readPictures, type Pictures } from "./pictures";
import { Sheet, type Frame } from "./sheet";

export interface AttributionGridOptions extends MapReading, Omit<OverlayOptions, "images"> {
  /** Text left of each row, one for each image: its class, say. Default: none. */
  titles?: readonly string[];
  /** Text above all. Default: none. */
  title?: string;
  /** Sign of single methods by their name, where it differs from `sign`. Default: none. */
  signs?: Readonly<Record<string, Sign>>;
  /** One colour scale for each method (their units differ), for each map, or one for all. Default: "method". */
  scale?: "method" | "each" | "shared";
  /** What the figure shows. Default: what the colours mean. */
  caption?: string;
}

export const attributionGridOptions = {
  ...mapReading,
  ...without(overlayOptions, "images"),
  titles: titlesOption("text left of each row"),
  signs: signsOption("sign of single methods by their name"),
  scale: methodScaleOption,
  ...plotTexts("what the colours mean"),
} satisfies Schema<AttributionGridOptions>;

/**
 * One row for each image: the image, then one map for each method, so that methods can be compared side by side.
 * @param images grey or RGB in [0, 1], [n, height, width, channels]
 * @param maps the maps of each method by its name, each an `Attribution` or an array of the images' count and size
 * @throws BadInputError for a wrong shape, values not finite or out of range, counts and sizes that do not match
 * @example show(attributionGrid(images, { saliency: await saliency(model, images), "integrated gradients": await
 * integratedGradients(model, images) }))
 */
export async function attributionGrid(
  images: Pictures,
  maps: Readonly<Record<string, Pictures>>,
  options: AttributionGridOptions = {},
): Promise<Figure> {
  const checked = checkOptions(attributionGridOptions, options),
    { scale } = checked;
  const pictures = await readPictures(images, "images");
  const overlay = await checkedOverlay({ ...checked, images }, pictures);
  const titles = checkedTitles(checked.titles, pictures.length, "titles");
  const methods = await readMethods(maps, pictures, checked, scale === "shared");

  return atWidths((room) => {
    const sides = { left: rowTitleWidth(checked.titles), right: scale === "shared" ? 72 : 0 };
    const columns = besideEachOther(methods.length + 1, { room, ...sides });
    const grid = panelColumns({
      room,
      columns,
      ...sides,
      aspect: Math.max(...pictures.map(({ height, width }) => height / width)),
    });
    const { panelWidth: width, panelHeight: height } = grid;
    const sheet = new Sheet(grid.width);
    // Where not all fit beside each other, each image has several lines with titles of their own.
    const headings = chunks(["image", ...methods.map(({ name }) => name)], columns);
    const below = (row: number): number =>
      scale === "each" || (scale === "method" && headings.length > 1 && row === pictures.length - 1)
        ? 10 + barBelowHeight
        : 10;
    const tops: number[][] = [];
    let y = writeHeading(sheet, checked.title);
    pictures.forEach((_, row) => {
      tops.push(
        headings.map((titles) => {
          const top = row === 0 || headings.length > 1 ? writeTitles(sheet, titles, y, grid) : y;
          y = top + height + below(row);
          return top;
        }),
      );
    });
    const end = y - below(pictures.length - 1);
    const frameOf = (row: number, panel: number): Frame => ({
      left: grid.leftOf(panel % columns),
      top: tops[row][Math.floor(panel / columns)],
      width,
      height,
    });

    const bars = methods.map(({ maps: ofMethod, sign }, m) => {
      const colors = { scale: overlayScale(sign, overlay), orientation: "h" as const };
      if (scale === "method") {
        const frame = barBelow(frameOf(pictures.length - 1, m + 1));
        return [sheet.colorBar({ ...colors, range: rangeOf(sign, scaleLimit(ofMethod, checked)), frame })];
      }
      if (scale === "shared") return [];
      return ofMethod.map((map, row) =>
        sheet.colorBar({
          ...colors,
          range: rangeOf(sign, scaleLimit([map], checked)),
          frame: barBelow(frameOf(row, m + 1)),
        }),
      );
    });
    if (scale === "shared") {
      const [{ sign }] = methods;
      const limit = scaleLimit(
        methods.flatMap((method) => method.maps),
        checked,
      );
      const name = sheet.colorBar({
        scale: overlayScale(sign, overlay),
        range: rangeOf(sign, limit),
        orientation: "v",
        frame: { left: grid.leftOf(columns - 1) + width + 18, top: tops[0][0], width: 12, height: end - tops[0][0] },
      });
      bars.forEach((ofMethod) => ofMethod.push(name));
    }

    pictures.forEach((picture, row) => {
      const frame = frameOf(row, 0);
      const title = titles[row];
      if (title) writeRowTitle(sheet, title, frame);
      const axes = sheet.picturePanel(frame, picture);
      sheet.add(pictureTrace(picture, { label: title, shownWidth: width }), axes);
      frameRegion(sheet, axes, picture, overlay.regions[row]);
      methods.forEach(({ name, maps: ofMethod, sign }, m) => {
        drawMap(sheet, frameOf(row, m + 1), ofMethod[row], bars[m][row] ?? bars[m][0], {
          sign,
          overlay,
          index: row,
          label: name,
        });
      });
    });
    const signs = [...new Set(methods.map(({ sign }) => sign))];
    return sheet.finish(
      end + (scale === "shared" ? 0 : barBelowHeight),
      checked.caption ?? signs.map((sign) => meaning(sign, overlay.kind)).join(" "),
    );
  });
}
