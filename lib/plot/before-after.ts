import { atWidths } from "./at-widths";
import { badInput } from "../core/errors";
import { checkOptions, integer, other, texts, type Schema } from "../core/options";
import {
  checkedClassNames,
  readProbabilities,
  type Probabilities,
  drawPairedBars,
  writePairLegend,
} from "./class-probabilities";
import type { Figure } from "./figure";
import { barBelow, barBelowHeight } from "./map-panel";
import {
  checkedTitles,
  headingsOption,
  magnifyOption,
  panelColumns,
  plotTexts,
  rowTitleWidth,
  titlesOption,
  writeHeading,
  writeRowTitle,
  writeTitles,
} from "./panel-grid";
import {
  largest,
  mapTrace,
  pictureTrace,
  checkChannels,
  checkCount,
  checkRange,
  checkSameSize,
  readPictures,
  type Picture,
  type Pictures,
} from "./pictures";
import { tickText } from "./text";
import { Sheet } from "./sheet";
import { diverging, widest } from "./style";

export interface BeforeAfterOptions {
  /** Text left of each row, one for each image. Default: none. */
  titles?: readonly string[];
  /** Text above all. Default: none. */
  title?: string;
  /** Headings of the two images. Default: ["before", "after"]. */
  headings?: readonly [string, string];
  /**
   * How many times the difference is magnified: at 10, a difference of 0.1 has the strongest colour. `auto`: so that
   * the largest one has it. Number ≥ 1. Default: "auto".
   */
  magnify?: number | "auto";
  /** What the network says of both, [n, classes] each: drawn as bars beside. Default: none. */
  probabilities?: { before: Probabilities; after: Probabilities };
  /** The classes' names. Default: `class 0`, `class 1`, … */
  classNames?: readonly string[];
  /** How many classes get bars, those with the largest probability in either. Integer ≥ 1. Default: 5. */
  top?: number;
  /** What the figure shows. Default: what has changed, in numbers. */
  caption?: string;
}

export const beforeAfterOptions = {
  titles: titlesOption("text left of each row"),
  headings: headingsOption<readonly [string, string]>(2, {
    rule: '["before", "after"]',
    help: "headings of the two images",
  }),
  magnify: magnifyOption("how many times the difference is magnified"),
  probabilities: other<NonNullable<BeforeAfterOptions["probabilities"]>>("{ before, after }, [n, classes] each", {
    help: "what the network says of both: drawn as bars beside",
  }),
  classNames: texts({ rule: "class 0, class 1, …", help: "the classes' names" }),
  top: integer({ least: 1, default: 5, help: "how many classes get bars" }),
  ...plotTexts("what has changed, in numbers"),
} satisfies Schema<BeforeAfterOptions>;

/** Pixels for the bars with their names. */
const barsRoom = 250;

/**
 * Pairs of images, their difference (after − before: red where brighter now, blue where darker), and on request what
 * the network says of both.
 * @param before grey or RGB in [0, 1], [n, height, width, channels]
 * @param after the same shape
 * @throws BadInputError for a wrong shape, values out of range or not finite, counts and sizes that do not match
 */
export async function beforeAfter(
  before: Pictures,
  after: Pictures,
  options: BeforeAfterOptions = {},
): Promise<Figure> {
  const checked = checkOptions(beforeAfterOptions, options),
    { magnify, headings = ["before", "after"], top: most, probabilities, classNames } = checked;
  const [first, second] = await readPair(before, after);
  const differences = first.map((picture, i) => differenceOf(picture, second[i]));
  const titles = checkedTitles(checked.titles, first.length, "titles");
  const said = probabilities && (await readBoth(probabilities, first.length, classNames));

  const peak = Math.max(...differences.map(largest));
  const limit = magnify === "auto" ? peak || 1 : 1 / magnify;
  return atWidths((room) => {
    // Bars beside the pictures need much room; where there is less they stand below them.
    const below = said !== undefined && room < widest,
      barsHeight = below ? 28 * Math.min(most, said.names.length) + 34 : 0;
    const grid = panelColumns({
      room,
      columns: 3,
      left: rowTitleWidth(checked.titles),
      right: said && !below ? barsRoom : 0,
      aspect: Math.max(...first.map(({ height, width }) => height / width)),
    });
    const { panelWidth: width, panelHeight: height } = grid;
    const sheet = new Sheet(grid.width);
    const heading = writeHeading(sheet, checked.title);
    const factor = limit <= 0.5 ? ` (×${tickText(1 / limit)})` : "";
    const start = writeTitles(sheet, [...headings, `difference${factor}`], heading, grid);
    const barsLeft = grid.leftOf(below ? 0 : 3);
    if (said && !below) writePairLegend(sheet, headings, { left: barsLeft, bottom: start - 4 });

    const topOf = (row: number): number => start + row * (height + 12 + barsHeight);
    const end = topOf(first.length - 1) + height + barsHeight;
    const axis = sheet.colorBar({
      scale: diverging,
      range: [-limit, limit],
      orientation: "h",
      frame: barBelow({ left: grid.leftOf(2), top: end, width, height: 0 }),
    });
    first.forEach((picture, row) => {
      const frame = { left: grid.leftOf(0), top: topOf(row), width, height };
      const title = titles[row];
      if (title) writeRowTitle(sheet, title, frame);
      [picture, second[row]].forEach((one, column) => {
        const place = { ...frame, left: grid.leftOf(column) };
        sheet.add(pictureTrace(one, { label: headings[column], shownWidth: width }), sheet.picturePanel(place, one));
      });
      sheet.add(
        mapTrace(differences[row], axis, "after − before"),
        sheet.picturePanel({ ...frame, left: grid.leftOf(2) }, picture),
      );
      if (said && below) writePairLegend(sheet, headings, { left: barsLeft, bottom: frame.top + height + 24 });
      if (said)
        drawPairedBars(
          sheet,
          below
            ? { left: barsLeft, top: frame.top + height + 28, width: barsRoom - 18, height: barsHeight - 34 }
            : { ...frame, left: barsLeft, width: barsRoom - 18 },
          { before: said.before[row], after: said.after[row], names: said.names, most, headings },
        );
    });
    return sheet.finish(end + barBelowHeight, checked.caption ?? captionOf(differences, peak));
  });
}

/** Reads images that go together: grey or RGB in [0, 1], of the same number and sizes. */
export async function readPair(before: Pictures, after: Pictures): Promise<[Picture[], Picture[]]> {
  const pair: [Picture[], Picture[]] = [await readPictures(before, "before"), await readPictures(after, "after")];
  pair.forEach((pictures, i) => {
    checkChannels(pictures, ["before", "after"][i]);
    checkRange(pictures, [0, 1], ["before", "after"][i]);
  });
  const [first, second] = pair;
  checkCount(second.length, first.length, "images after", "images before");
  second.forEach((picture, i) => {
    checkSameSize(picture, first[i], `after[${i}]`);
    if (picture.channels !== first[i].channels)
      badInput({
        what: `the number of channels of after[${i}]`,
        got: picture.channels,
        allowed: `${first[i].channels}, as before`,
      });
  });
  return pair;
}

async function readBoth(
  probabilities: { before: Probabilities; after: Probabilities },
  images: number,
  classNames: readonly string[] | undefined,
) {
  const before = await readProbabilities(probabilities.before, "probabilities.before");
  const after = await readProbabilities(probabilities.after, "probabilities.after");
  checkCount(before.length, images, "probabilities.before", "images");
  checkCount(after.length, images, "probabilities.after", "images");
  checkCount(after[0].length, before[0].length, "classes in probabilities.after", "classes in probabilities.before");
  return { before, after, names: checkedClassNames(classNames, before[0].length) };
}

/** after − before; of RGB the mean over the channels. */
function differenceOf(before: Picture, after: Picture): Picture {
  const { height, width, channels } = before;
  const values = Array.from({ length: height * width }, (_, pixel) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += after.values[pixel * channels + c] - before.values[pixel * channels + c];
    return sum / channels;
  });
  return { height, width, channels: 1, values };
}

function captionOf(differences: readonly Picture[], peak: number): string {
  if (peak === 0) return "Nothing has changed.";
  const shares = differences.map(
    ({ values }) => Array.from(values).filter((value) => value !== 0).length / values.length,
  );
  return (
    `Changed pixels: ${shares.map((share) => `${Number((100 * share).toPrecision(2))} %`).join(", ")}; by at most ` +
    `${tickText(peak)}. Red pixels have become brighter, blue ones darker.`
  );
}
