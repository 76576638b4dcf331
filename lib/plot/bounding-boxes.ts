import { atWidths } from "./at-widths";
import { badInput } from "../core/errors";
import { checkBox, intersectionOverUnion, type Box } from "../metrics/box";
import type { Figure } from "./figure";
import { checkOptions, type Schema } from "../core/options";
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
import {
  pictureTrace,
  checkChannels,
  checkCount,
  checkRange,
  readPictures,
  type Picture,
  type Pictures,
} from "./pictures";
import { margin, Sheet, type Axes } from "./sheet";
import { boxLines, ink, textSize } from "./style";
import { textWidth } from "./font-metrics";
import { escaped, wrapText } from "./text";

export interface BoundingBoxesOptions {
  /** Text above each image, one for each. Default: none. */
  titles?: readonly string[];
  /** Text above all. Default: none. */
  title?: string;
  /** Images in a row. Integer from 1 to 20. Default: all up to 5, else rows of equal length. */
  columns?: number;
  /** What the figure shows. Default: how far the first two kinds of boxes agree, or how large the boxes are. */
  caption?: string;
}

export const boundingBoxesOptions = {
  titles: titlesOption("text above each image"),
  columns: columnsOption(5),
  ...plotTexts("how far the first two kinds of boxes agree, or how large the boxes are"),
} satisfies Schema<BoundingBoxesOptions>;

/** One box for each image, or undefined where there is none. */
export type Boxes = readonly (Box | undefined)[];

/**
 * Images with boxes drawn on them, each kind in its own colour and dash, named above the images.
 * @param images grey or RGB in [0, 1], [n, height, width, channels]
 * @param boxes the boxes of each kind by its name, at most four kinds
 * @throws BadInputError for a wrong shape, values out of range or not finite, counts that do not match, a box outside
 * its image
 * @example show(boundingBoxes(images, { "by hand": drawn, "from the map": await localize(maps) }))
 */
export async function boundingBoxes(
  images: Pictures,
  boxes: Readonly<Record<string, Boxes>>,
  options: BoundingBoxesOptions = {},
): Promise<Figure> {
  const checked = checkOptions(boundingBoxesOptions, options);
  const pictures = await readPictures(images, "images");
  checkChannels(pictures, "images");
  checkRange(pictures, [0, 1], "images");
  const kinds = checkedKinds(boxes, pictures);
  const titles = checkedTitles(checked.titles, pictures.length, "titles");

  return atWidths((room) => {
    const columns = besideEachOther(columnsFor(checked.columns, pictures.length), { room });
    const grid = panelColumns({
      room,
      columns,
      aspect: Math.max(...pictures.map(({ height, width }) => height / width)),
    });
    const sheet = new Sheet(grid.width);
    const y = writeLegend(
      sheet,
      kinds.map(([name]) => name),
      writeHeading(sheet, checked.title),
    );
    const { bottom } = inRows(sheet, { titles, grid, columns, y }, (i, frame) => {
      const axes = sheet.picturePanel(frame, pictures[i]);
      sheet.add(pictureTrace(pictures[i], { label: titles[i], shownWidth: frame.width }), axes);
      kinds.forEach(([name, ofKind], k) => drawBox(sheet, axes, ofKind[i], name, boxLines[k]));
    });
    return sheet.finish(bottom, checked.caption ?? captionOf(kinds, pictures));
  });
}

function checkedKinds(boxes: Readonly<Record<string, Boxes>>, pictures: readonly Picture[]): [string, Boxes][] {
  const kinds = typeof boxes === "object" && boxes !== null && !Array.isArray(boxes) ? Object.entries(boxes) : [];
  if (kinds.length === 0 || kinds.length > boxLines.length) {
    badInput({
      what: "boxes",
      got: boxes,
      allowed: `an object with 1 to ${boxLines.length} kinds of boxes by their names`,
      remedy: 'For instance { "from the map": await localize(map) }.',
    });
  }
  for (const [name, ofKind] of kinds) {
    if (!Array.isArray(ofKind))
      badInput({ what: `boxes["${name}"]`, got: ofKind, allowed: "an array with a box for each image" });
    checkCount(ofKind.length, pictures.length, `boxes["${name}"]`, "images");
    ofKind.forEach(
      (box, i) => box !== undefined && checkBox(box, `boxes["${name}"][${i}]`, [pictures[i].height, pictures[i].width]),
    );
  }
  return kinds;
}

const legendMarks = { solid: "━━", "6px,3px": "╍╍", "2px,2px": "▪▪▪" } as const;

/** Names the kinds, as many in a line as fit. @returns where what follows may begin, in pixels from the top */
function writeLegend(sheet: Sheet, names: readonly string[], top: number): number {
  const room = sheet.width - 2 * margin,
    mark = 34,
    gap = 22;
  const lines: { text: string; width: number }[] = [];
  names.forEach((name, k) => {
    const [said] = wrapText(name, room - mark, textSize.title, { maxLines: 1 });
    const text = `<span style="color:${boxLines[k].color}">${legendMarks[boxLines[k].dash]}</span> ${escaped(said)}`;
    const width = mark + textWidth(said, textSize.title),
      last = lines.at(-1);
    if (last && last.width + gap + width <= room)
      Object.assign(last, { text: `${last.text}\u2003${text}`, width: last.width + gap + width });
    else lines.push({ text, width });
  });
  sheet.text(
    lines.map(({ text }) => text),
    { x: margin, y: top, anchor: "left", from: "top", color: ink.strong, raw: true, name: "legend" },
  );
  return top + lines.length * textSize.title * 1.3 + 6;
}

/** The line runs along the outer borders of the box's pixels, on a dark ground, so that it is seen on any picture. */
function drawBox(
  sheet: Sheet,
  axes: Axes,
  box: Box | undefined,
  name: string,
  { color, dash }: (typeof boxLines)[number],
): void {
  if (!box) return;
  const [top, left, bottom, right] = [box.top, box.left, box.bottom, box.right].map((edge) => edge - 0.5);
  const outline = {
    type: "scatter",
    mode: "lines",
    x: [left, right, right, left, left],
    y: [top, top, bottom, bottom, top],
    cliponaxis: false,
  };
  sheet.add({ ...outline, line: { color: "rgba(0,0,0,0.6)", width: 4.5 }, hoverinfo: "skip" }, axes);
  sheet.add(
    {
      ...outline,
      line: { color, width: 2.5, dash },
      hoveron: "points",
      hovertemplate: `x %{x}, y %{y}<extra>${escaped(name)}</extra>`,
    },
    axes,
  );
}

function captionOf(kinds: readonly [string, Boxes][], pictures: readonly Picture[]): string {
  const [[name, first], second] = kinds;
  if (second)
    return (
      `Agreement of “${name}” with “${second[0]}” (intersection over union): ` +
      `${first.map((box, i) => intersectionOverUnion(box, second[1][i]).toFixed(2)).join(", ")}.`
    );
  const shares = first.map((box, i) => {
    if (!box) return "nothing";
    const area = (box.bottom - box.top) * (box.right - box.left);
    return `${((100 * area) / (pictures[i].width * pictures[i].height)).toFixed(0)} %`;
  });
  return `Boxes “${name}” cover ${shares.join(", ")} of the ${pictures.length === 1 ? "image" : "images"}.`;
}
