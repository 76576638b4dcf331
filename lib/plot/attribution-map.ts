import { atWidths } from "./at-widths";
import type { Figure } from "./figure";
import {
  barBelow,
  barBelowHeight,
  checkedOverlay,
  drawMap,
  meaning,
  overlayOptions,
  overlayScale,
  rangeOf,
  type OverlayOptions,
} from "./map-panel";
import { checkOptions, oneOf, type Schema } from "../core/options";
import { bySign, mapReading, reduceMaps, scaleLimit, signOf, type MapReading } from "./map-values";
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
import { readPictures, type Pictures } from "./pictures";
import { Sheet } from "./sheet";

export interface AttributionMapOptions extends MapReading, OverlayOptions {
  /** Text above each map, one for each. Default: none. */
  titles?: readonly string[];
  /** Text above all. Default: none. */
  title?: string;
  /** Maps in a row. Integer from 1 to 20. Default: all up to 5, else rows of equal length. */
  columns?: number;
  /** `shared`: one colour scale for all maps, so that they can be compared; `each`: one for each. Default: "shared". */
  scale?: "shared" | "each";
  /** What the figure shows. Default: what the colours mean. */
  caption?: string;
}

export const attributionMapOptions = {
  ...mapReading,
  ...overlayOptions,
  titles: titlesOption("text above each map"),
  columns: columnsOption(5, "maps"),
  scale: oneOf(["shared", "each"], { default: "shared", help: "one colour scale for all maps, or one for each" }),
  ...plotTexts("what the colours mean"),
} satisfies Schema<AttributionMapOptions>;

/**
 * Attribution maps, or any maps of one value a pixel, with their colour bar. Signed maps get a scale that diverges
 * from white at exactly 0, magnitudes a sequential one.
 * @param maps an `Attribution`, its `values` [n, height, width, channels], [n, height, width] or [height, width]
 * @throws BadInputError for a wrong shape, values not finite, counts that do not match
 * @example show(attributionMap(await saliency(model, images), { images, titles: ["trouser", "pullover"] }))
 */
export async function attributionMap(maps: Pictures, options: AttributionMapOptions = {}): Promise<Figure> {
  const checked = checkOptions(attributionMapOptions, options),
    { scale } = checked;
  const read = await readPictures(maps, "maps");
  const single = await reduceMaps(read, checked);
  const sign = signOf([single], checked);
  const reduced = bySign(single, sign);
  const overlay = await checkedOverlay(checked, reduced);
  const titles = checkedTitles(checked.titles, reduced.length, "titles");

  const colors = overlayScale(sign, overlay);
  return atWidths((room) => {
    const columns = besideEachOther(columnsFor(checked.columns, reduced.length), {
      room,
      right: scale === "shared" ? 72 : 0,
    });
    const grid = panelColumns({
      room,
      columns,
      right: scale === "shared" ? 72 : 0,
      aspect: Math.max(...reduced.map(({ height, width }) => height / width)),
    });
    const sheet = new Sheet(grid.width);
    const panels: ((axis: string) => void)[] = [];
    const rowHeight = grid.panelHeight + (scale === "each" ? barBelowHeight : 0);
    const rows = { titles, grid, columns, rowHeight, y: writeHeading(sheet, checked.title) };
    const { top, bottom } = inRows(sheet, rows, (index, frame) => {
      const range = rangeOf(sign, scaleLimit([reduced[index]], checked));
      const axis =
        scale === "each"
          ? sheet.colorBar({ scale: colors, range, orientation: "h", frame: barBelow(frame) })
          : undefined;
      panels.push((shared) =>
        drawMap(sheet, frame, reduced[index], axis ?? shared, { sign, overlay, index, label: titles[index] }),
      );
    });
    const shared =
      scale === "shared"
        ? sheet.colorBar({
            scale: colors,
            range: rangeOf(sign, scaleLimit(reduced, checked)),
            orientation: "v",
            frame: {
              left: grid.leftOf(columns - 1) + grid.panelWidth + 18,
              top,
              width: 12,
              height: bottom - top,
            },
          })
        : "";
    for (const draw of panels) draw(shared);
    return sheet.finish(bottom, checked.caption ?? meaning(sign, overlay.kind));
  });
}
