import { atWidths } from "./at-widths";
import { checkOptions, group, type Schema } from "../core/options";
import { readPair } from "./before-after";
import type { Figure } from "./figure";
import { tickText } from "./text";
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
import { largest, pictureTrace, type Picture, type Pictures } from "./pictures";
import { Sheet } from "./sheet";

interface PictureLabels {
  /** Default: none. */
  before?: readonly string[];
  /** Default: none. */
  after?: readonly string[];
  /** Default: none. */
  difference?: readonly string[];
}

const pictureLabels = {
  before: titlesOption("text above the pictures before"),
  after: titlesOption("text above the pictures after"),
  difference: titlesOption("text above the differences"),
} satisfies Schema<PictureLabels>;

export interface PerturbationGridOptions {
  /** Text left of each row, one for each image. Default: none. */
  titles?: readonly string[];
  /** Text above all. Default: none. */
  title?: string;
  /** Headings of the four columns. Default: ["before", "after", "difference", "difference × k"]. */
  headings?: readonly [string, string, string, string];
  /**
   * Text above the single pictures, below their heading, one for each image: for instance what the network takes it
   * for.
   * Default: none.
   */
  labels?: PictureLabels;
  /**
   * How many times the last column magnifies the difference; `auto`: until the largest reaches black or white. Number
   * ≥ 1. Default: "auto".
   */
  magnify?: number | "auto";
  /** What the figure shows. Default: the size of the differences, in numbers. */
  caption?: string;
}

export const perturbationGridOptions = {
  titles: titlesOption("text left of each row"),
  headings: headingsOption<readonly [string, string, string, string]>(4, {
    rule: '["before", "after", "difference", "difference × k"]',
    help: "headings of the four columns",
  }),
  labels: group<PictureLabels>(pictureLabels, { help: "text above the single pictures" }),
  magnify: magnifyOption("how many times the last column magnifies the difference"),
  ...plotTexts("the size of the differences, in numbers"),
} satisfies Schema<PerturbationGridOptions>;

/**
 * Pairs of images with their difference as it is and magnified, in colours around a middle grey: grey where nothing
 * changed, brighter where a channel gained.
 * @param before grey or RGB in [0, 1], [n, height, width, channels]
 * @param after the same shape
 * @throws BadInputError for a wrong shape, values out of range or not finite, counts and sizes that do not match
 * @example show(perturbationGrid(image, result.clipped, { labels: { before: ["quail 0.91"], after: ["stingray 0.56"] }
 * }))
 */
export async function perturbationGrid(
  before: Pictures,
  after: Pictures,
  options: PerturbationGridOptions = {},
): Promise<Figure> {
  const checked = checkOptions(perturbationGridOptions, options),
    { magnify } = checked,
    labels = checkOptions(pictureLabels, checked.labels, "labels");
  const [first, second] = await readPair(before, after);
  const differences = first.map((picture, i) => differenceOf(picture, second[i]));
  const titles = checkedTitles(checked.titles, first.length, "titles");
  const [labelsBefore, labelsAfter, labelsDifference] = [labels.before, labels.after, labels.difference].map(
    (texts, i) => checkedTitles(texts, first.length, `labels.${["before", "after", "difference"][i]}`),
  );

  const peak = Math.max(...differences.map(largest));
  const factor = magnify === "auto" ? roundFactor(0.5 / (peak || 0.5)) : magnify;
  const headings = checked.headings ?? ["before", "after", "difference", `difference × ${tickText(factor)}`];
  return atWidths((room) => {
    const grid = panelColumns({
      room,
      columns: 4,
      left: rowTitleWidth(checked.titles),
      aspect: Math.max(...first.map(({ height, width }) => height / width)),
    });
    const { panelWidth: width, panelHeight: height } = grid;
    const sheet = new Sheet(grid.width);
    let y = writeTitles(sheet, headings, writeHeading(sheet, checked.title), grid);
    first.forEach((picture, row) => {
      const top = writeTitles(
        sheet,
        [labelsBefore[row], labelsAfter[row], labelsDifference[row], undefined],
        row === 0 ? y - 4 : y,
        grid,
      );
      const title = titles[row];
      if (title) writeRowTitle(sheet, title, { top, height });
      [picture, second[row], aroundGrey(differences[row], 1), aroundGrey(differences[row], factor)].forEach(
        (shown, column) => {
          const frame = { left: grid.leftOf(column), top, width, height };
          sheet.add(
            pictureTrace(shown, { label: headings[column], shownWidth: width }),
            sheet.picturePanel(frame, shown),
          );
        },
      );
      y = top + height + 10;
    });
    return sheet.finish(y - 10, checked.caption ?? captionOf(differences, peak));
  });
}

function differenceOf(before: Picture, after: Picture): Picture {
  return { ...before, values: Float64Array.from(before.values, (value, at) => after.values[at] - value) };
}

/** 0 becomes the middle grey; what leaves [0, 1] is cut off. */
const aroundGrey = (difference: Picture, factor: number): Picture => ({
  ...difference,
  values: Float64Array.from(difference.values, (value) => Math.min(1, Math.max(0, 0.5 + factor * value))),
});

/** One significant digit, downward: 37.3 → 30. */
function roundFactor(factor: number): number {
  const power = 10 ** Math.floor(Math.log10(factor));
  return Math.max(1, Math.floor(factor / power) * power);
}

function captionOf(differences: readonly Picture[], peak: number): string {
  if (peak === 0) return "Nothing has changed.";
  const lengths = differences.map(({ values }) =>
    Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0)),
  );
  return (
    `The largest change of a value is ${tickText(peak)} of the range from black to white; the L2 length of the ` +
    `change ${lengths.map((length) => Number(length.toPrecision(3))).join(", ")}. ` +
    "Middle grey: nothing has changed."
  );
}
