import { toBase64 } from "../core/base64";
import { atWidths } from "./at-widths";
import type { Figure, PlotlyTrace } from "./figure";
import { barBelow, barBelowHeight, meaning, rangeOf, scaleOf } from "./map-panel";
import { checkOptions, oneOf, type Schema } from "../core/options";
import { mapReading, readMethods, scaleLimit, signsOption, type MapReading, type Sign } from "./map-values";
import {
  checkedTitles,
  besideEachOther,
  columnsFor,
  columnsOption,
  inRows,
  panelColumns,
  plotTexts,
  rowTitleWidth,
  titlesOption,
  writeHeading,
  writeRowTitle,
} from "./panel-grid";
import { pictureTrace, checkChannels, checkRange, readPictures, type Pictures, type Picture } from "./pictures";
import { Sheet } from "./sheet";
import { escaped } from "./text";

export interface AttributionStripOptions extends MapReading {
  /** Text above each image, one for each. Default: none. */
  titles?: readonly string[];
  /** Text above all. Default: none. */
  title?: string;
  /** Images in a row. Integer from 1 to 20. Default: all up to 6, else rows of equal length. */
  columns?: number;
  /** Sign of single rows by their name, where it differs from `sign`. Default: none. */
  signs?: Readonly<Record<string, Sign>>;
  /**
   * What counts as 1: each map's own largest absolute value (or `percentile`), or that of all maps in the figure.
   * Default: "each".
   */
  scale?: "each" | "shared";
  /** What the figure shows. Default: what the colours mean. */
  caption?: string;
}

export const attributionStripOptions = {
  ...mapReading,
  titles: titlesOption("text above each image"),
  columns: columnsOption(6),
  signs: signsOption("sign of single rows by their name"),
  scale: oneOf(["each", "shared"], {
    default: "each",
    help: "what counts as 1: each map's largest value, or that of all",
  }),
  ...plotTexts("what the colours mean"),
} satisfies Schema<AttributionStripOptions>;

/**
 * Images in a row, and below each its maps, one row for each kind: methods, networks, classes. Colours show shares of a
 * map's largest value, so that large maps of any unit stand side by side.
 * @param images grey or RGB in [0, 1], [n, height, width, channels]
 * @param maps the maps of each row by its name, each an `Attribution` or an array of the images' count and size
 * @throws BadInputError for a wrong shape, values not finite or out of range, counts and sizes that do not match
 * @example show(attributionStrip(images, { gradient: await saliency(model, images) }, { channels: maxAbs }))
 */
export async function attributionStrip(
  images: Pictures,
  maps: Readonly<Record<string, Pictures>>,
  options: AttributionStripOptions = {},
): Promise<Figure> {
  const checked = checkOptions(attributionStripOptions, options),
    { scale } = checked;
  const pictures = await readPictures(images, "images");
  checkChannels(pictures, "images");
  checkRange(pictures, [0, 1], "images");
  const titles = checkedTitles(checked.titles, pictures.length, "titles");
  const rows = await readMethods(maps, pictures, checked, false);
  const shared =
    scale === "shared"
      ? scaleLimit(
          rows.flatMap((row) => row.maps),
          checked,
        )
      : undefined;

  return atWidths((room) => {
    const left = rowTitleWidth(rows.map(({ name }) => name));
    const columns = besideEachOther(columnsFor(checked.columns, pictures.length, 6), { room, left });
    const grid = panelColumns({
      room,
      columns,
      left,
      aspect: Math.max(...pictures.map(({ height, width }) => height / width)),
    });
    const { panelWidth: width, panelHeight: height } = grid;
    const sheet = new Sheet(grid.width);
    const panels: ((axisOf: ReadonlyMap<Sign, string>) => void)[] = [];
    const step = height + 8,
      y = writeHeading(sheet, checked.title);
    // The gap between two blocks is 8 and not 12.
    const block = { titles, grid, columns, y, rowHeight: (rows.length + 1) * step - 4 };
    const end = inRows(sheet, block, (i, frame) => {
      const trace = pictureTrace(pictures[i], { label: titles[i], shownWidth: width });
      sheet.add(trace, sheet.picturePanel(frame, pictures[i]));
      rows.forEach(({ name, maps: ofRow, sign }, r) => {
        const map = ofRow[i],
          top = frame.top + (r + 1) * step;
        const axes = sheet.picturePanel({ ...frame, top }, map);
        if (i % columns === 0) writeRowTitle(sheet, name, { top, height });
        const limit = shared ?? scaleLimit([map], checked);
        panels.push((axisOf) =>
          sheet.add(relativeMapTrace(map, limit, sign, axisOf.get(sign)!, { label: name, shownWidth: width }), axes),
        );
      });
    });
    const bottom = end.bottom - 4;

    const signs = [...new Set(rows.map(({ sign }) => sign))];
    const bar = Math.min(176, (grid.width - grid.leftOf(0)) / signs.length - 12);
    const axisOf = new Map(
      signs.map((sign, i) => [
        sign,
        sheet.colorBar({
          scale: scaleOf(sign),
          range: rangeOf(sign, relativeEnd[sign]),
          called: rangeOf(sign, 1),
          orientation: "h",
          frame: barBelow({ left: grid.leftOf(0) + i * (bar + 12), top: bottom - 1, width: bar, height: 1 }),
        }),
      ]),
    );
    for (const draw of panels) draw(axisOf);
    return sheet.finish(
      bottom + barBelowHeight,
      checked.caption ??
        `${signs.map((sign) => meaning(sign, "none")).join(" ")} 1 is the largest value of ` +
          `${scale === "each" ? "each map" : "all maps"}.`,
    );
  });
}

/** How far the byte values of a relative map reach. */
const relativeEnd: Readonly<Record<Sign, number>> = { signed: 127, magnitude: 255 };

/**
 * A map as shares of `limit`, one byte a pixel: a figure of many large maps then weighs a quarter of what its numbers
 * would.
 * @param shownWidth of the panel in pixels: a larger map is smoothed when it is shrunk, or single pixels would vanish
 */
function relativeMapTrace(
  map: Picture,
  limit: number,
  sign: Sign,
  coloraxis: string,
  { label, shownWidth }: { label: string; shownWidth: number },
): PlotlyTrace {
  const end = relativeEnd[sign];
  const bytes = Int16Array.from(map.values as ArrayLike<number>, (value) =>
    Math.round(end * Math.max(-1, Math.min(1, value / limit))),
  );
  return {
    type: "heatmap",
    coloraxis,
    zsmooth: map.width > shownWidth ? "fast" : false,
    z: {
      dtype: sign === "signed" ? "i1" : "u1",
      shape: `${map.height}, ${map.width}`,
      bdata: toBase64(Uint8Array.from(bytes)),
    },
    hovertemplate: `x %{x}, y %{y}<br>%{z} of ${end}<extra>${escaped(label)}</extra>`,
  };
}
