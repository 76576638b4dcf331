import { atWidths } from "./at-widths";
import { checkOptions, integer, other, texts, type Schema } from "../core/options";
import {
  checkedClassNames,
  checkedLabels,
  predictedClass,
  probabilityText,
  readProbabilities,
  type Probabilities,
} from "./class-probabilities";
import { textWidth } from "./font-metrics";
import { compact, escaped, wrapText } from "./text";
import type { Figure } from "./figure";
import { checkedTitles, plotTexts, titlesOption, writeHeading } from "./panel-grid";
import { margin, Sheet } from "./sheet";
import { barColors, ink, textSize } from "./style";

export interface ProbabilityBarsOptions {
  /** The classes' names, as many as there are probabilities. Default: `class 0`, `class 1`, … */
  classNames?: readonly string[];
  /** The true class's index, one for each image: marked. Default: none. */
  labels?: number | readonly number[];
  /**
   * How many classes, the most probable first. Integer ≥ 1. Default: all in their order if there are up to 20, else 10.
   */
  top?: number;
  /** Text above each image's bars. Default: none. */
  titles?: readonly string[];
  /** Text above all. Default: none. */
  title?: string;
  /** What the figure shows. Default: the predictions in words. */
  caption?: string;
}

export const probabilityBarsOptions = {
  classNames: texts({ rule: "class 0, class 1, …", help: "the classes' names" }),
  labels: other<number | readonly number[]>("class indices", { help: "the true class's index of each image: marked" }),
  top: integer({
    least: 1,
    rule: "all in their order if there are up to 20, else 10",
    help: "how many classes, the most probable first",
  }),
  titles: titlesOption("text above each image's bars"),
  ...plotTexts("the predictions in words"),
} satisfies Schema<ProbabilityBarsOptions>;

const barHeight = 19;
/** Narrower panels have no room for bars beside their numbers. */
const leastPanel = 120;

/**
 * One bar for each class, with its name and probability; the predicted and the true class are marked.
 * @param probabilities [classes] or [n, classes], each from 0 to 1
 * @throws BadInputError for a wrong shape, numbers that are no probabilities, counts that do not match
 * @example show(probabilityBars(model.probabilities(images), { classNames: model.classNames, labels: data.labels }))
 */
export async function probabilityBars(
  probabilities: Probabilities,
  options: ProbabilityBarsOptions = {},
): Promise<Figure> {
  const checked = checkOptions(probabilityBarsOptions, options);
  const images = await readProbabilities(probabilities, "probabilities");
  const classes = images[0].length;
  const names = checkedClassNames(checked.classNames, classes);
  const labels = checkedLabels(checked.labels, images.length, classes);
  const titles = checkedTitles(checked.titles, images.length, "titles");
  const { top = classes <= 20 ? undefined : 10 } = checked;

  // With all classes in their order the names stand once, left of a row; else each panel has its own.
  const shownClasses = images.map((row) =>
    top === undefined
      ? row.map((_, i) => i)
      : row
          .map((_, i) => i)
          .sort((a, b) => row[b] - row[a] || a - b)
          .slice(0, top),
  );
  const nameWidth =
    Math.ceil(Math.min(150, Math.max(...shownClasses.flat().map((c) => textWidth(names[c], textSize.label))))) + 8;
  return atWidths((room) => {
    const gap = top === undefined ? 14 : nameWidth + 18;
    const most = Math.floor((room - 2 * margin - nameWidth + gap) / (leastPanel + gap));
    const columns = Math.max(1, Math.min(images.length, top === undefined ? 4 : 2, most));
    const width = Math.floor(
      Math.min(columns === 1 ? 420 : 260, (room - 2 * margin - nameWidth - (columns - 1) * gap) / columns),
    );
    const left = (column: number): number => margin + nameWidth + column * (width + gap);
    const height = shownClasses[0].length * barHeight + 4;

    const sheet = new Sheet(Math.max(420, left(columns - 1) + width + margin));
    let y = writeHeading(sheet, checked.title);
    y = writeLegend(sheet, images.map(predictedClass), labels, y);
    for (let first = 0; first < images.length; first += columns) {
      const wrapped = titles
        .slice(first, first + columns)
        .map((title) => (title ? wrapText(title, width, textSize.title, { maxLines: 3 }) : []));
      y += Math.max(...wrapped.map((lines) => lines.length)) * textSize.title * 1.3 + 4;
      wrapped.forEach((lines, column) => {
        const i = first + column;
        if (lines.length)
          sheet.text(lines, { x: left(column), y: y - 4, anchor: "left", color: ink.strong, name: "panel title" });
        drawBars(
          sheet,
          { left: left(column), top: y, width, height },
          {
            probabilities: images[i],
            shown: shownClasses[i],
            names,
            label: labels[i],
            named: top !== undefined || column === 0,
          },
        );
      });
      y += height + 14;
    }
    return sheet.finish(
      y - 14,
      checked.caption ?? images.map((row, i) => inWords(row, names, labels[i], titles[i])).join(" "),
    );
  });
}

interface Bars {
  probabilities: readonly number[];
  shown: readonly number[];
  names: readonly string[];
  label: number | undefined;
  named: boolean;
}

function drawBars(
  sheet: Sheet,
  frame: { left: number; top: number; width: number; height: number },
  { probabilities, shown, names, label, named }: Bars,
): void {
  const predicted = predictedClass(probabilities);
  const room = 46 / frame.width;
  const axes = sheet.panel(
    frame,
    { range: [0, 1 + 1.3 * room], tickvals: [], showgrid: false, zeroline: false, fixedrange: true },
    {
      range: [shown.length - 0.4, -0.6],
      fixedrange: true,
      showgrid: false,
      zeroline: false,
      showline: true,
      linecolor: ink.frame,
      ticks: "",
      tickvals: named ? shown.map((_, i) => i) : [],
      ticktext: named ? shown.map((c) => escaped(wrapText(names[c], 150, textSize.label, { maxLines: 1 })[0])) : [],
      tickfont: { size: textSize.label, color: ink.normal },
    },
  );
  sheet.add(
    {
      type: "bar",
      orientation: "h",
      x: shown.map((c) => compact(probabilities[c])),
      y: shown.map((_, i) => i),
      marker: { color: shown.map((c) => barColors[mark(c, predicted, label)]) },
      text: shown.map((c) =>
        mark(c, predicted, label) === "other"
          ? probabilityText(probabilities[c])
          : `<b>${probabilityText(probabilities[c])}</b>`,
      ),
      textposition: "outside",
      constraintext: "none",
      textfont: { size: textSize.tick, color: ink.normal },
      cliponaxis: false,
      customdata: shown.map((c) => escaped(names[c])),
      hovertemplate: "%{customdata}<br>probability %{x:.4~g}<extra></extra>",
    },
    axes,
  );
}

const mark = (c: number, predicted: number, label: number | undefined): "predicted" | "trueClass" | "both" | "other" =>
  c === predicted ? (c === label ? "both" : "predicted") : c === label ? "trueClass" : "other";

/** Explains the colours that occur. @returns where what follows may begin */
function writeLegend(
  sheet: Sheet,
  predicted: readonly number[],
  labels: readonly (number | undefined)[],
  top: number,
): number {
  const right = predicted.map((c, i) => c === labels[i]);
  const entries: string[] = [];
  const entry = (color: string, text: string) => entries.push(`<span style="color:${color}">■</span> ${text}`);
  if (right.includes(true)) entry(barColors.both, "predicted, and true");
  if (right.includes(false)) entry(barColors.predicted, "predicted");
  if (labels.some((label, i) => label !== undefined && !right[i])) entry(barColors.trueClass, "true class");
  sheet.text([entries.join("\u00a0\u00a0\u00a0 ")], {
    x: margin,
    y: top,
    anchor: "left",
    from: "top",
    size: textSize.label,
    raw: true,
    name: "legend",
  });
  return top + textSize.label * 1.3 + 8;
}

function inWords(
  row: readonly number[],
  names: readonly string[],
  label: number | undefined,
  title: string | undefined,
): string {
  const predicted = predictedClass(row);
  const truth =
    label === undefined || label === predicted ? "" : `, true class ${names[label]} ${probabilityText(row[label])}`;
  const start = title ? `${title}: predicted` : "Predicted";
  return `${start} ${names[predicted]} ${probabilityText(row[predicted])}${truth}.`;
}
