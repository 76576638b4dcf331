// Panels in columns and rows, with their titles.
import { badInput } from "../core/errors";
import { areTexts, integer, number, oneOf, orElse, other, text, texts, type Details } from "../core/options";
import { type Frame, type Sheet, margin } from "./sheet";
import { ink, textSize, widest } from "./style";
import { textWidth } from "./font-metrics";
import { wrapText } from "./text";

// What plots have in common. `help` and `rule` are what differs.

/** @param rule what the caption says where none is given */
export const plotTexts = (rule: string) => ({
  title: text({ words: "a text", help: "text above all" }),
  caption: text({ words: "a sentence or two", rule, help: "what the figure shows" }),
});
export const titlesOption = (help: string) => texts({ help });
/** @param most panels in a row, where it is not said */
export const columnsOption = (most: number, what = "images") =>
  integer({ least: 1, most: 20, rule: `all up to ${most}, else rows of equal length`, help: `${what} in a row` });
/** Whose largest value gets the strongest colour. */
export const methodScaleOption = oneOf(["method", "each", "shared"], {
  default: "method",
  help: "whose largest value counts as the whole: each method's, each one's own, or one for all",
});
export const magnifyOption = (help: string) =>
  number({ least: 1, or: orElse<"auto">('"auto"', (value) => value === "auto"), default: "auto", help });
export const headingsOption = <T extends readonly string[]>(count: number, details: Details) =>
  other<T>(`${count} texts`, { is: (value) => areTexts(value) && (value as T).length === count, ...details });
export const durationOption = <const N extends number>(milliseconds: N) =>
  number({ least: 20, most: 10_000, default: milliseconds, unit: "milliseconds", help: "how long each picture stays" });

const gap = 18;
const lineHeight = 1.3;

export interface PanelSizes {
  /** The most that the figure may take, in pixels. Default: `widest`. */
  room?: number;
  /** Panels side by side. */
  columns: number;
  /** Pixels kept free left of the panels (row titles) and right of them (a colour bar). */
  left?: number;
  right?: number;
  /** Height over width of the pictures. */
  aspect: number;
  /** Largest side of a panel in pixels. Default: 176. */
  largest?: number;
}

export interface PanelColumns {
  /** Width of the whole figure. */
  width: number;
  panelWidth: number;
  panelHeight: number;
  /** Left edge of a column. */
  leftOf(column: number): number;
}

/** Divides the width of a figure into columns of panels, as large as fit and at most `largest`. */
export function panelColumns({
  room: most = widest,
  columns,
  left = 0,
  right = 0,
  aspect,
  largest = 176,
}: PanelSizes): PanelColumns {
  const room = most - 2 * margin - left - right - (columns - 1) * gap;
  const panelWidth = Math.max(24, Math.floor(Math.min(room / columns, largest, largest / aspect)));
  return {
    width: Math.max(320, 2 * margin + left + right + columns * panelWidth + (columns - 1) * gap),
    panelWidth,
    panelHeight: Math.round(panelWidth * aspect),
    leftOf: (column) => margin + left + column * (panelWidth + gap),
  };
}

/** Writes the figure's title, if it has one. @returns where what follows may begin, in pixels from the top */
export function writeHeading(sheet: Sheet, title: string | undefined): number {
  if (!title) return 10;
  const lines = wrapText(title, sheet.width - 2 * margin, textSize.heading, { face: "sans-bold", maxLines: 3 });
  sheet.text(lines, {
    x: margin,
    y: 12,
    anchor: "left",
    from: "top",
    size: textSize.heading,
    color: ink.strong,
    bold: true,
    name: "heading",
  });
  return 12 + lines.length * textSize.heading * lineHeight + 8;
}

/**
 * Writes titles above a row of panels, broken into at most three lines each, so that none reaches into its neighbour's.
 * @returns the panels' top edge
 */
export function writeTitles(
  sheet: Sheet,
  titles: readonly (string | undefined)[],
  top: number,
  { panelWidth, leftOf }: PanelColumns,
): number {
  const wrapped = titles.map((title) =>
    title ? wrapText(title, panelWidth + gap - 8, textSize.title, { maxLines: 3 }) : [],
  );
  const most = Math.max(0, ...wrapped.map((lines) => lines.length));
  const edge = top + (most ? most * textSize.title * lineHeight + 6 : 2);
  wrapped.forEach((lines, column) => {
    if (lines.length === 0) return;
    const whole = lines[lines.length - 1].endsWith("…") ? titles[column] : undefined;
    sheet.text(lines, {
      x: leftOf(column) + panelWidth / 2,
      y: edge - 4,
      color: ink.strong,
      whole,
      name: "panel title",
    });
  });
  return edge;
}

export interface RowsOfPanels {
  /** One for each panel; undefined: none. */
  titles: readonly (string | undefined)[];
  grid: PanelColumns;
  columns: number;
  /** Where the first row may begin, in pixels from the top. */
  y: number;
  /** Pixels that each row takes below its titles, without the gap to the next. Default: a panel's height. */
  rowHeight?: number;
}

/**
 * Places panels in rows, each with its title above it.
 * @param draw one panel
 * @returns the upper edge of the first row's panels, and the lower edge of the last row
 */
export function inRows(
  sheet: Sheet,
  { titles, grid, columns, y, rowHeight = grid.panelHeight }: RowsOfPanels,
  draw: (index: number, frame: Frame) => void,
): { top: number; bottom: number } {
  let firstTop: number | undefined;
  for (let first = 0; first < titles.length; first += columns) {
    const row = titles.slice(first, first + columns),
      top = writeTitles(sheet, row, y, grid);
    firstTop ??= top;
    row.forEach((_, column) =>
      draw(first + column, { left: grid.leftOf(column), top, width: grid.panelWidth, height: grid.panelHeight }),
    );
    y = top + rowHeight + 12;
  }
  return { top: firstTop ?? y, bottom: y - 12 };
}

const widestRowTitle = 92;

/** Width of the column that row titles need. */
export function rowTitleWidth(titles: readonly string[] | undefined): number {
  return Array.isArray(titles)
    ? Math.ceil(
        Math.min(widestRowTitle, Math.max(0, ...titles.map((title) => textWidth(String(title), textSize.title)))),
      ) + 12
    : 0;
}

/** Writes a title left of a row of panels. */
export function writeRowTitle(sheet: Sheet, title: string, { top, height }: Pick<Frame, "top" | "height">): void {
  const lines = wrapText(title, widestRowTitle, textSize.title, {
    maxLines: Math.max(1, Math.floor(height / (textSize.title * lineHeight))),
  });
  sheet.text(lines, {
    x: margin,
    y: top + height / 2,
    anchor: "left",
    from: "middle",
    color: ink.strong,
    name: "row title",
  });
}

/** One title for each of `count`, or none. */
export function checkedTitles(
  titles: readonly string[] | undefined,
  count: number,
  what: string,
): readonly (string | undefined)[] {
  if (titles === undefined) return Array.from({ length: count }, () => undefined);
  if (!Array.isArray(titles) || titles.length !== count)
    badInput({ what, got: titles, allowed: `${count} ${count === 1 ? "text" : "texts"}, one for each` });
  return titles;
}

/** Narrower ones show too little of a photograph. */
const leastPanel = 84;

/**
 * How many of a row's panels stay beside each other: all where there is all the room; where there is less, as many as
 * stay 84 pixels wide, in lines of equal length.
 */
export function besideEachOther(
  columns: number,
  { room, left = 0, right = 0 }: { room: number; left?: number; right?: number },
): number {
  if (room >= widest) return columns;
  const fit = Math.floor((room - 2 * margin - left - right + gap) / (leastPanel + gap));
  return columnsFor(undefined, columns, Math.max(1, fit));
}

/** Pieces of `size`, the last as long as it comes. */
export const chunks = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));

/** How many panels stand in a row. */
export function columnsFor(columns: number | undefined, count: number, most = 5): number {
  if (columns === undefined) return count <= most ? count : Math.ceil(count / Math.ceil(count / most));
  return Math.min(columns, count);
}
