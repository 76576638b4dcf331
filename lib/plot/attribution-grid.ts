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
} from "./panel-grid";
import { pictureTrace, readPictures, type Pictures } from "./pictures";
import { Sheet } from "./sheet";

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

  const grid = panelColumns({
    columns: methods.length + 1,
    left: rowTitleWidth(checked.titles),
    right: scale === "shared" ? 72 : 0,
    aspect: Math.max(...pictures.map(({ height, width }) => height / width)),
  });
  const { panelWidth: width, panelHeight: height } = grid;
  const sheet = new Sheet(grid.width);
  const top = writeTitles(
    sheet,
    ["image", ...methods.map(({ name }) => name)],
    writeHeading(sheet, checked.title),
    grid,
  );
  const rowHeight = height + 10 + (scale === "each" ? barBelowHeight : 0);
  const topOf = (row: number): number => top + row * rowHeight;
  const end = topOf(pictures.length - 1) + height;

  const bars = methods.map(({ maps: ofMethod, sign }, m) => {
    const colors = { scale: overlayScale(sign, overlay), orientation: "h" as const };
    const frame = { left: grid.leftOf(m + 1), top: end - height, width, height };
    if (scale === "method")
      return [
        sheet.colorBar({ ...colors, range: rangeOf(sign, scaleLimit(ofMethod, checked)), frame: barBelow(frame) }),
      ];
    if (scale === "shared") return [];
    return ofMethod.map((map, row) =>
      sheet.colorBar({
        ...colors,
        range: rangeOf(sign, scaleLimit([map], checked)),
        frame: barBelow({ ...frame, top: topOf(row) }),
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
      frame: { left: grid.leftOf(methods.length) + width + 18, top, width: 12, height: end - top },
    });
    bars.forEach((ofMethod) => ofMethod.push(name));
  }

  pictures.forEach((picture, row) => {
    const frame = { left: grid.leftOf(0), top: topOf(row), width, height };
    const title = titles[row];
    if (title) writeRowTitle(sheet, title, frame);
    const axes = sheet.picturePanel(frame, picture);
    sheet.add(pictureTrace(picture, { label: title, shownWidth: width }), axes);
    frameRegion(sheet, axes, picture, overlay.regions[row]);
    methods.forEach(({ name, maps: ofMethod, sign }, m) => {
      drawMap(sheet, { ...frame, left: grid.leftOf(m + 1) }, ofMethod[row], bars[m][row] ?? bars[m][0], {
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
}
