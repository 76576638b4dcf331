import { predictedClass, probabilityText } from "./class-probabilities";
import { compact } from "./number-text";
import { textWidth } from "./render/text-width";
import type { Frame, Sheet } from "./sheet";
import { barColors, ink, textSize } from "./style";
import { escaped, wrapText } from "./wrap-text";

export interface PairedBars {
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
