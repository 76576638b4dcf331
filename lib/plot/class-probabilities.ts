// Probabilities of classes, read, and as bars of two networks or moments beside each other.
import type * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { checkCount, type Nested } from "./pictures";
import { textWidth } from "./font-metrics";
import { compact, escaped, wrapText } from "./text";
import type { Frame, Sheet } from "./sheet";
import { barColors, ink, textSize } from "./style";

/** Probabilities of each class, for one image or for several: [classes] or [n, classes]. */
export type Probabilities =
  tf.Tensor1D | tf.Tensor2D | tf.Tensor | readonly number[] | readonly (readonly number[])[] | Float32Array;

/** Reads probabilities, one row for each image. @throws BadInputError for a wrong shape or numbers outside [0, 1] */
export async function readProbabilities(input: Probabilities, what: string): Promise<number[][]> {
  let value: unknown = input;
  if (typeof input === "object" && input !== null && "array" in input) value = await input.array();
  if (ArrayBuffer.isView(value)) value = Array.from(value as Float32Array);
  if (!Array.isArray(value) || value.length === 0)
    badInput({ what, got: value, allowed: "probabilities of each class, [classes] or [n, classes]" });
  const rows = (Array.isArray(value[0]) ? value : [value]) as Nested[][];
  rows.forEach((row, i) => {
    if (!Array.isArray(row) || row.length === 0 || row.length !== rows[0].length)
      badInput({
        what: `${what}[${i}]`,
        got: row,
        allowed: `${rows[0].length || "some"} probabilities, like the first`,
      });
    row.forEach((p, c) => {
      if (typeof p !== "number" || !(p >= -1e-6 && p <= 1 + 1e-4))
        badInput({
          what: `${what}[${i}][${c}]`,
          got: p,
          allowed: "a probability, 0 to 1",
          remedy: "Logits become probabilities through model.probabilities or tf.softmax.",
        });
    });
  });
  return rows as number[][];
}

/** The classes' names, or their numbers where none are given. */
export function checkedClassNames(classNames: readonly string[] | undefined, count: number): readonly string[] {
  if (classNames === undefined) return Array.from({ length: count }, (_, i) => `class ${i}`);
  if (!Array.isArray(classNames)) badInput({ what: "classNames", got: classNames, allowed: "an array of texts" });
  checkCount(classNames.length, count, "classNames", "probabilities of an image");
  return classNames;
}

/** The true classes' indices, one for each image. */
export function checkedLabels(
  labels: number | readonly number[] | undefined,
  images: number,
  classes: number,
): readonly (number | undefined)[] {
  if (labels === undefined) return Array.from({ length: images }, () => undefined);
  const all = typeof labels === "number" ? [labels] : labels;
  checkCount(all.length, images, "labels", "images");
  for (const label of all)
    if (!Number.isInteger(label) || label < 0 || label >= classes)
      badInput({ what: "a label", got: label, allowed: `a class index from 0 to ${classes - 1}` });
  return all;
}

/** The most probable class; of equals the first. */
export const predictedClass = (probabilities: readonly number[]): number =>
  probabilities.indexOf(Math.max(...probabilities));

/** A probability for people: three decimals, and never 1 or 0 for what is neither. */
export function probabilityText(p: number): string {
  if (p > 0 && p < 0.0005) return "<0.001";
  if (p < 1 && p >= 0.9995) return ">0.999";
  return p.toFixed(3);
}

interface PairedBars {
  before: readonly number[];
  after: readonly number[];
  names: readonly string[];
  /** How many classes get bars. */
  most: number;
  headings: readonly [string, string];
}

/** Two bars for each class, before above after; the class predicted each time is printed bold. */
export function drawPairedBars(sheet: Sheet, frame: Frame, { before, after, names, most, headings }: PairedBars): void {
  const weight = (c: number): number => Math.max(before[c], after[c]);
  const shown = before
    .map((_, c) => c)
    .sort((a, b) => weight(b) - weight(a) || a - b)
    .slice(0, most);
  const nameWidth = Math.min(100, Math.max(...shown.map((c) => textWidth(names[c], textSize.label)))) + 6;
  const width = frame.width - nameWidth;
  const axes = sheet.panel(
    { ...frame, left: frame.left + nameWidth, width },
    { range: [0, 1 / (1 - 50 / width)], tickvals: [], showgrid: false, zeroline: false, fixedrange: true },
    {
      range: [shown.length - 0.5, -0.5],
      fixedrange: true,
      showgrid: false,
      zeroline: false,
      showline: true,
      linecolor: ink.frame,
      ticks: "",
      tickvals: shown.map((_, i) => i),
      tickfont: { size: textSize.label, color: ink.normal },
      ticktext: shown.map((c) => escaped(wrapText(names[c], 100, textSize.label, { maxLines: 1 })[0])),
    },
  );
  const height = Math.min(0.36, 16 / (frame.height / shown.length));
  [before, after].forEach((probabilities, side) => {
    const predicted = predictedClass(probabilities);
    sheet.add(
      {
        type: "bar",
        orientation: "h",
        name: headings[side],
        x: shown.map((c) => compact(probabilities[c])),
        y: shown.map((_, i) => compact(i + (side - 0.5) * height)),
        width: height * 0.92,
        marker: { color: side === 0 ? barColors.before : barColors.predicted },
        text: shown.map((c) =>
          c === predicted ? `<b>${probabilityText(probabilities[c])}</b>` : probabilityText(probabilities[c]),
        ),
        textposition: "outside",
        constraintext: "none",
        textfont: { size: textSize.tick - 0.5, color: ink.normal },
        cliponaxis: false,
        customdata: shown.map((c) => escaped(names[c])),
        hovertemplate: `%{customdata}<br>${escaped(headings[side])} %{x:.4~g}<extra></extra>`,
      },
      axes,
    );
  });
}

/** Explains the two colours. */
export function writePairLegend(
  sheet: Sheet,
  headings: readonly [string, string],
  { left, bottom }: { left: number; bottom: number },
): void {
  const entry = (color: string, text: string): string => `<span style="color:${color}">■</span> ${escaped(text)}`;
  const text = `${entry(barColors.before, headings[0])}\u00a0\u00a0 ${entry(barColors.predicted, headings[1])}`;
  sheet.text([text], { x: left, y: bottom, anchor: "left", size: textSize.label, raw: true, name: "legend" });
}
