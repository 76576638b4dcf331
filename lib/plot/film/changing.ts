// What changes in a film beside its pictures: texts, bars, the mark on a curve.
import { predictedClass, probabilityText } from "../class-probabilities";
import type { PlotlyTrace } from "../figure";
import { compact, escaped, wrapText } from "../text";
import type { Frame, Sheet } from "../sheet";
import { barColors, ink, lineColors, textSize } from "../style";
import type { FilmMoment } from "./moments";

/** A part of a film's picture: the trace that is there all the time, and what of it changes. */
export interface Changing {
  readonly trace: number;
  at(moment: FilmMoment): PlotlyTrace;
}

const bare = { showgrid: false, zeroline: false, showticklabels: false, ticks: "", showline: false, fixedrange: true };

/** A line of text that changes: annotations cannot in a film. */
export function changingText(
  sheet: Sheet,
  frame: Frame,
  text: (moment: FilmMoment) => { text: string; color?: string },
  { anchor, size = textSize.title }: { anchor: "left" | "center"; size?: number },
): Changing {
  const axes = sheet.panel(frame, { ...bare, range: [0, 1] }, { ...bare, range: [0, 1] });
  const at = (moment: FilmMoment): PlotlyTrace => {
    const { text: said, color = ink.strong } = text(moment);
    return { text: [said], textfont: { size, color } };
  };
  const trace = sheet.add(
    {
      type: "scatter",
      mode: "text",
      x: [anchor === "left" ? 0 : 0.5],
      y: [0.5],
      text: [""],
      textposition: anchor === "left" ? "middle right" : "middle center",
      hoverinfo: "skip",
      cliponaxis: false,
    },
    axes,
  );
  return { trace, at };
}

/** What the network takes an image for: green where it is right, blue where it is not. */
export function verdict(
  image: number,
  { classNames, label, width }: { classNames: readonly string[]; label: number | undefined; width: number },
): (moment: FilmMoment) => { text: string; color: string } {
  return ({ probabilities }) => {
    const row = probabilities[image],
      best = predictedClass(row),
      p = ` ${probabilityText(row[best])}`;
    const [name] = wrapText(classNames[best], Math.max(30, width - 42), textSize.title, { maxLines: 1 });
    return {
      text: `<b>${escaped(name)}</b>${p}`,
      color: label === undefined ? ink.strong : best === label ? darkened.right : darkened.wrong,
    };
  };
}
const darkened = { right: "#00704f", wrong: "#0060a0" } as const;

/** A bar for each class. */
export function classBars(
  sheet: Sheet,
  frame: Frame,
  image: number,
  {
    shown,
    classNames,
    label,
    named,
  }: { shown: readonly number[]; classNames: readonly string[]; label: number | undefined; named: boolean },
): Changing {
  const axes = sheet.panel(
    frame,
    { range: [0, 1], tickvals: [], showgrid: false, zeroline: false, fixedrange: true },
    {
      range: [shown.length - 0.4, -0.6],
      fixedrange: true,
      showgrid: false,
      zeroline: false,
      showline: true,
      linecolor: ink.frame,
      ticks: "",
      tickvals: named ? shown.map((_, i) => i) : [],
      ticktext: named ? shown.map((c) => escaped(wrapText(classNames[c], 110, textSize.tick, { maxLines: 1 })[0])) : [],
      tickfont: { size: textSize.tick, color: ink.normal },
    },
  );
  const trace = sheet.add(
    {
      type: "bar",
      orientation: "h",
      x: shown.map(() => 0),
      y: shown.map((_, i) => i),
      marker: { color: barColors.other },
      customdata: shown.map((c) => classNames[c]),
      hovertemplate: "%{customdata}<br>probability %{x:.4~g}<extra></extra>",
    },
    axes,
  );
  return {
    trace,
    at: ({ probabilities }) => {
      const row = probabilities[image],
        best = predictedClass(row);
      const color = (c: number): string =>
        c === best
          ? c === label
            ? barColors.both
            : barColors.predicted
          : c === label
            ? barColors.trueClass
            : barColors.other;
      return { x: shown.map((c) => Number(row[c].toFixed(3))), marker: { color: shown.map(color) } };
    },
  };
}

export interface Curve {
  readonly points: readonly { readonly step: number; readonly value: number }[];
  readonly range: readonly [number, number];
  readonly format: string;
  /** Minibatches of the whole training. */
  readonly steps: number;
  value(moment: FilmMoment): number;
}

/** A curve over all of the training, and a marker that moves along it. */
export function markedCurve(sheet: Sheet, frame: Frame, { points, range, format, steps, value }: Curve): Changing {
  const axis = {
    gridcolor: "#e8eaed",
    zeroline: false,
    showline: true,
    linecolor: ink.frame,
    ticks: "outside",
    ticklen: 3,
    tickcolor: ink.frame,
    tickfont: { size: textSize.tick, color: ink.normal },
    fixedrange: true,
  };
  const axes = sheet.panel(
    frame,
    { ...axis, range: [-0.01 * steps, 1.02 * steps], nticks: 6, showgrid: false, tickformat: ",d" },
    { ...axis, range: [...range], nticks: 4, tickformat: format },
  );
  sheet.add(
    {
      type: "scatter",
      mode: "lines",
      x: points.map(({ step }) => step),
      y: points.map((point) => compact(point.value)),
      line: { color: lineColors[0], width: 1.6 },
      hovertemplate: "minibatch %{x}<br>%{y:.3~g}<extra></extra>",
    },
    axes,
  );
  const trace = sheet.add(
    {
      type: "scatter",
      mode: "lines+markers",
      x: [],
      y: [],
      line: { color: lineColors[1], width: 1, dash: "dot" },
      marker: { color: lineColors[1], size: [0, 9, 0], opacity: 1, line: { width: 0 } },
      hoverinfo: "skip",
      cliponaxis: false,
    },
    axes,
  );
  return {
    trace,
    at: (moment) => {
      const now = value(moment);
      return {
        x: [moment.step, moment.step, moment.step],
        y: [range[0], Number.isNaN(now) ? null : compact(now), range[1]],
      };
    },
  };
}
